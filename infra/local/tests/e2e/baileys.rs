//! A Carteiro session and a client that we did not write exchange texts. Skipped, with a line that says so, without Node.

use crate::until::until;
use crate::world::World;
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output, Stdio};

#[path = "../../../simulator/tests/baileys/install.rs"]
mod install;

const WORKER: &str = "5511988880061";
const BAILEYS: &str = "5511977770061";

/// Runs the client in a role, to its end.
async fn client(directory: &Path, world: &World, arguments: &[&str]) -> Output {
    let mut command = Command::new("node");
    command.arg("client.mjs").args([
        "--ws",
        world.whatsapp_url().unwrap(),
        "--admin",
        world.admin_url().unwrap(),
    ]);
    command.args(["--number", BAILEYS]).args(arguments).current_dir(directory).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn events(output: &Output) -> String {
    let events = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{events}{}", String::from_utf8_lossy(&output.stderr));
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn baileys_and_a_session_exchange_texts() {
    let directory = match tokio::task::spawn_blocking(install::installed).await.unwrap() {
        Ok(directory) => directory,
        Err(reason) => {
            eprintln!("SKIPPED: the Baileys test needs Node 20 or newer with npm: {reason}");
            return;
        }
    };
    let world = World::start().await;
    let tenant = world.tenant("yara@exemplo.com.br", "5511999990070").await;
    tenant.pair(WORKER).await;
    // Neither phone sends receipts: what is delivered was decrypted by Baileys, or by our session.
    for number in [WORKER, BAILEYS] {
        world.contact_with(json!({"number": number, "auto_receipts": "none"})).await;
    }

    let receiving = client(&directory, &world, &["--role", "receive", "--timeout", "80"]);
    let sending = async {
        until("Baileys is connected", async || {
            let devices = world.admin("GET", "/admin/devices", None).await;
            let online = |d: &serde_json::Value| d["number"] == BAILEYS && d["active"] == true;
            devices["devices"].as_array().unwrap().iter().any(online).then_some(())
        })
        .await;
        let send = tenant.send(WORKER, BAILEYS, "da Carteiro").await;
        tenant.status(&send, "entregue").await;
    };
    let (received, ()) = tokio::join!(receiving, sending);
    let received = events(&received);
    assert!(received.contains(r#""text":"da Carteiro""#) && received.contains(WORKER), "{received}");

    let sent = client(
        &directory,
        &world,
        &["--role", "send", "--to", WORKER, "--text", "do Baileys", "--until", "delivered"],
    )
    .await;
    assert!(events(&sent).contains(r#""status":3"#));
    world.stop().await;
}
