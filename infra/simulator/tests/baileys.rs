//! The simulator under a client that this project did not write: Baileys, from npm. Skipped, with a line that says
//! so, where Node or npm is absent.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking and says why it is skipped"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use carteiro_simulator::{Config, Handle, Simulator};
use install::installed;

#[path = "baileys/install.rs"]
mod install;

async fn run(directory: &Path, simulator: &Handle, arguments: &[&str]) -> String {
    let mut command = Command::new("node");
    command
        .arg("client.mjs")
        .args(["--ws", &simulator.websocket_url(), "--admin", &simulator.admin_url(), "--timeout", "170"])
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (events, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{events}{errors}");
    events.into_owned()
}

// One test, since both roles share the installation.
#[tokio::test(flavor = "multi_thread")]
async fn baileys_pairs_exchanges_texts_and_resumes() {
    let directory = match tokio::task::spawn_blocking(installed).await.unwrap() {
        Ok(directory) => directory,
        Err(reason) => {
            eprintln!("SKIPPED: the Baileys test needs Node 20 or newer with npm: {reason}");
            return;
        }
    };
    let simulator = Simulator::start(Config::default()).await.unwrap();
    let state = directory.join(format!("state-{}", std::process::id()));
    let state_text = state.to_str().unwrap().to_owned();
    let exchange = [
        "--role",
        "exchange",
        "--number",
        "5511999990001",
        "--contact",
        "5531977770003",
        "--state",
        &state_text,
    ];
    // The first run pairs, the second logs in with what the first has kept.
    run(&directory, &simulator, &exchange).await;
    run(&directory, &simulator, &exchange).await;
    std::fs::remove_dir_all(&state).unwrap();

    // Two of them, one that waits and one that writes.
    let receiver = ["--role", "receive", "--number", "5521988880002", "--reply", "recebido"];
    let sender = ["--role", "send", "--number", "5511999990001", "--to", "5521988880002", "--text", "oi"];
    // The number has to be on WhatsApp before somebody writes to it; the receiver's pairing declares it too, later.
    let declared = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = serde_json::json!({"number": "5521988880002", "auto_receipts": "none"});
    let url = format!("{}/admin/accounts", simulator.admin_url());
    assert!(declared.post(url).json(&body).send().await.unwrap().status().is_success());
    let (received, sent) = tokio::join!(run(&directory, &simulator, &receiver), async {
        let devices = format!("{}/admin/devices", simulator.admin_url());
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(150);
        // Its phone sends no receipts, so a delivery is the receiver's own; for that it has to be there.
        loop {
            let answer = declared.get(&devices).send().await.unwrap().text().await.unwrap();
            let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
            let online =
                |device: &serde_json::Value| device["number"] == "5521988880002" && device["active"] == true;
            if answer["devices"].as_array().unwrap().iter().any(online) {
                break;
            }
            assert!(std::time::Instant::now() < deadline, "the receiver never came online");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        run(&directory, &simulator, &sender).await
    });
    assert!(received.contains(r#""text":"oi""#), "{received}");
    assert!(sent.contains(r#""status":3"#), "{sent}");
}
