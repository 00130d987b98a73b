//! A Carteiro session and a client that we did not write exchange texts, a group's too, and photos. Skipped, with a line that says so,
//! without Node.

use crate::multipart::Form;
use crate::named::Named;
use crate::samples;
use crate::until::until;
use crate::world::World;
use carteiro_local::Answer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[path = "../../../simulator/tests/baileys/install.rs"]
mod install;

const WORKER: &str = "5511988880061";
const BAILEYS: &str = "5511977770061";
const OWNER: &str = "5511977770062";

/// Where the client is installed; `None`, and a line that says why, where it cannot be.
async fn installed() -> Option<PathBuf> {
    match tokio::task::spawn_blocking(install::installed).await.unwrap() {
        Ok(directory) => Some(directory),
        Err(reason) => {
            eprintln!("SKIPPED: the Baileys test needs Node 20 or newer with npm: {reason}");
            None
        }
    }
}

/// Runs the client in a role, to its end; the events it told.
async fn client(directory: &Path, world: &World, arguments: &[&str]) -> Vec<Value> {
    let mut command = Command::new("node");
    command.arg("client.mjs").args([
        "--ws",
        world.whatsapp_url().unwrap(),
        "--admin",
        world.admin_url().unwrap(),
    ]);
    command
        .args(["--number", BAILEYS, "--timeout", "170"])
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null());
    command.env("NODE_EXTRA_CA_CERTS", world.state_dir().join("whatsapp-media.pem"));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let events = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{events}{}", String::from_utf8_lossy(&output.stderr));
    events.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn told<'a>(events: &'a [Value], kind: &str) -> &'a Value {
    events.iter().find(|event| event["event"] == kind).unwrap_or_else(|| panic!("no {kind}: {events:?}"))
}

/// Neither phone sends receipts: what is delivered was decrypted by Baileys, or by our session.
async fn silence_the_phones(world: &World) {
    for number in [WORKER, BAILEYS] {
        world.contact_with(json!({"number": number, "auto_receipts": "none"})).await;
    }
}

async fn baileys_is_connected(world: &World) {
    until("Baileys is connected", async || {
        let devices = world.admin("GET", "/admin/devices", None).await;
        let online = |d: &Value| d["number"] == BAILEYS && d["active"] == true;
        devices["devices"].as_array().unwrap().iter().any(online).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baileys_and_a_session_exchange_texts() {
    let Some(directory) = installed().await else { return };
    let world = World::start().await;
    let tenant = world.tenant("yara@exemplo.com.br", "5511999990070").await;
    tenant.pair(WORKER).await;
    silence_the_phones(&world).await;
    let receiving = client(&directory, &world, &["--role", "receive"]);
    let sending = async {
        baileys_is_connected(&world).await;
        let send = tenant.send(WORKER, BAILEYS, "da Carteiro").await;
        tenant.status(&send, "entregue").await;
    };
    let (received, ()) = tokio::join!(receiving, sending);
    let text = told(&received, "text");
    assert_eq!((&text["text"], &text["from"]), (&json!("da Carteiro"), &json!(WORKER)));

    let role = ["--role", "send", "--to", WORKER, "--text", "do Baileys", "--until", "delivered"];
    let sent = client(&directory, &world, &role).await;
    assert!(sent.iter().any(|event| event["event"] == "status" && event["status"] == 3), "{sent:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baileys_and_a_session_are_in_a_group() {
    let Some(directory) = installed().await else { return };
    let world = World::start().await;
    world.contact(OWNER).await;
    world.contact(WORKER).await;
    let tenant = world.tenant("zeca@exemplo.com.br", "5511999990071").await;
    let session = Named::new(&world, &tenant, "no grupo");
    session.pair(WORKER).await;
    silence_the_phones(&world).await;
    let group = json!({"subject": "Obra", "creator": OWNER, "members": [WORKER]});
    let group = world.admin("POST", "/admin/groups", Some(&group)).await;
    let (id, code) = (group["id"].as_str().unwrap(), group["invite"].as_str().unwrap());

    let role = ["--role", "group-text", "--code", code, "--text", "do Baileys"];
    let exchange = async {
        until("the session sees that Baileys joined", async || {
            let members = session.read("grupointegrantes", &[("numero", id)]).await;
            let joined = |member: &Value| member["pn"] == format!("{BAILEYS}@c.us");
            members.as_array().is_some_and(|members| members.iter().any(joined)).then_some(())
        })
        .await;
        let query = [("numero", id), ("tipo", "group"), ("msg", "da Carteiro")];
        let sent = session.read("enviarmsg", &query).await;
        // The owner's phone has it too; that Baileys does, it tells itself.
        session
            .event("atualizarMensagem", |message| message["id"] == sent["id"] && message["ack"] == 2)
            .await;
        let heard = session.event("recebendoMensagem", |message| message["body"] == "do Baileys").await;
        assert_eq!((&heard["chatId"], &heard["type"]), (&json!(id), &json!("chat")), "{heard}");
        assert_eq!(heard["pn"], format!("{BAILEYS}@c.us"), "{heard}");
    };
    let (events, ()) = tokio::join!(client(&directory, &world, &role), exchange);
    assert_eq!(
        (&told(&events, "group")["subject"], &told(&events, "group")["size"]),
        (&json!("Obra"), &json!(3))
    );
    assert_eq!(told(&events, "text")["text"], "da Carteiro");
    let chat = session.read("mensagensgroup", &[("numero", id)]).await;
    let bodies: Vec<&Value> = chat.as_array().unwrap().iter().map(|message| &message["body"]).collect();
    assert_eq!(bodies, ["da Carteiro", "do Baileys"]);
    world.stop().await;
}

/// The file of a message, opened by the session.
async fn opened(world: &World, session: &Named<'_>, message: &Value) -> Vec<u8> {
    let answer: Answer = session.post("desfile", message).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    world.http.get(answer.json()["url"].as_str().unwrap()).await.unwrap().body.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn baileys_and_a_session_exchange_photos() {
    let Some(directory) = installed().await else { return };
    let world = World::start().await;
    world.contact(WORKER).await;
    let tenant = world.tenant("yuri@exemplo.com.br", "5511999990072").await;
    let session = Named::new(&world, &tenant, "fotos");
    session.pair(WORKER).await;
    silence_the_phones(&world).await;
    let photo = samples::png();
    let file = world.state_dir().join("photo.png");
    std::fs::write(&file, &photo).unwrap();

    let role = ["--role", "photo", "--to", WORKER, "--file", file.to_str().unwrap()];
    client(&directory, &world, &role).await;
    let heard = session.event("recebendoMensagem", |message| message["type"] == "image").await;
    assert_eq!((&heard["caption"], &heard["pn"]), (&json!("de Baileys"), &json!(format!("{BAILEYS}@c.us"))));
    assert!(opened(&world, &session, &heard).await == photo, "as Baileys sent it");

    let role = ["--role", "receive-photo"];
    let exchange = async {
        baileys_is_connected(&world).await;
        let form = Form::new().field("numero", BAILEYS).field("caption", "da Carteiro").file(
            "doc",
            "foto.png",
            "image/png",
            &photo,
        );
        session.upload("enviarimagem", form).await;
        let back = session.event("recebendoMensagem", |message| message["type"] == "document").await;
        assert_eq!(back["filename"], "eco.bin");
        assert!(opened(&world, &session, &back).await == photo, "as it came back");
    };
    let (events, ()) = tokio::join!(client(&directory, &world, &role), exchange);
    let digest: String = Sha256::digest(&photo).iter().map(|byte| format!("{byte:02x}")).collect();
    let got = told(&events, "photo");
    assert_eq!((&got["sha256"], &got["caption"]), (&json!(digest), &json!("da Carteiro")));
    world.stop().await;
}
