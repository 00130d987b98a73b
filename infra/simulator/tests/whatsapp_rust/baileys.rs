//! Media between two libraries that know nothing of each other: Baileys, from npm, and whatsapp-rust. Skipped, with a
//! line that says so, where Node or npm is absent.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;
use wacore::download::MediaType;
use wacore::types::events::Event;
use waproto::buffa::MessageField;
use waproto::whatsapp::{self as wa, message as wm};
use whatsapp_rust::upload::UploadOptions;

use crate::admin::Sim;
use crate::client::Client;

#[path = "../baileys/install.rs"]
mod install;

const ANA: &str = "5511999990001";
const BAILEYS: &str = "5521988880002";
const CONTACT: &str = "5531977770003";

/// Runs the client to its end; the events it told.
async fn run(directory: &Path, sim: &Sim, authority: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = Command::new("node")
        .arg("client.mjs")
        .args(["--ws", &sim.handle.websocket_url(), "--admin", &sim.handle.admin_url(), "--timeout", "170"])
        .args(arguments)
        .current_dir(directory)
        .env("NODE_EXTRA_CA_CERTS", authority)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let (events, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{events}{errors}");
    events.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The document in the first message that has one.
fn document(event: &Event) -> Option<wm::DocumentMessage> {
    let Event::Messages(batch) = event else { return None };
    batch.messages.iter().find_map(|message| message.message.document_message.as_option().cloned())
}

#[tokio::test(flavor = "multi_thread")]
async fn baileys_is_in_a_group_and_sees_its_people() {
    let directory = match tokio::task::spawn_blocking(install::installed).await.unwrap() {
        Ok(directory) => directory,
        Err(reason) => {
            eprintln!("SKIPPED: the Baileys test needs Node 20 or newer with npm: {reason}");
            return;
        }
    };
    let sim = Sim::start().await;
    for number in [CONTACT, ANA, BAILEYS] {
        sim.contact(number).await;
    }
    // Without a name it would not say that it is there.
    sim.post(&format!("/admin/accounts/{BAILEYS}/app-state"), json!({"push_name": "Baileys"})).await;
    sim.post(&format!("/admin/accounts/{CONTACT}/profile"), json!({"about": "Na obra"})).await;
    sim.post(&format!("/admin/accounts/{CONTACT}/picture"), json!({"image": "Zm90bw=="})).await;
    let group =
        sim.post("/admin/groups", json!({"subject": "Obra", "creator": CONTACT, "members": [ANA]})).await;
    let files = tempfile::tempdir().unwrap();
    let authority = files.path().join("ca.pem");
    std::fs::write(&authority, sim.handle.media_ca()).unwrap();
    let code = group["invite"].as_str().unwrap();
    let role = ["--role", "group", "--number", BAILEYS, "--code", code, "--contact", CONTACT];
    let events = run(&directory, &sim, &authority, &role).await;
    let told = |kind: &str| events.iter().find(|event| event["event"] == kind).unwrap().clone();
    assert_eq!(told("group"), json!({"event": "group", "subject": "Obra", "size": 3, "addressing": "lid"}));
    assert_eq!(told("profile")["about"], "Na obra");
    assert!(told("profile")["picture"].as_str().unwrap().starts_with("https://"));
    let path = format!("/admin/groups/{}", group["id"].as_str().unwrap());
    assert_eq!(sim.get(&path).await["members"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn baileys_takes_and_sends_media() {
    let directory = match tokio::task::spawn_blocking(install::installed).await.unwrap() {
        Ok(directory) => directory,
        Err(reason) => {
            eprintln!("SKIPPED: the Baileys test needs Node 20 or newer with npm: {reason}");
            return;
        }
    };
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let files = tempfile::tempdir().unwrap();
    let (authority, photo) = (files.path().join("ca.pem"), files.path().join("photo.jpg"));
    std::fs::write(&authority, sim.handle.media_ca()).unwrap();
    let bytes: Vec<u8> = (0..300_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    std::fs::write(&photo, &bytes).unwrap();

    // A photo from Baileys, linked by code, to a contact.
    let photo = photo.to_str().unwrap();
    let sender = ["--role", "photo", "--number", BAILEYS, "--to", CONTACT, "--file", photo, "--pair", "code"];
    run(&directory, &sim, &authority, &sender).await;
    let shown = sim
        .until(&format!("/admin/accounts/{CONTACT}/messages"), |answer| {
            let message = answer["messages"][0].clone();
            (message["media"]["state"] != "pending").then_some(message)
        })
        .await;
    assert_eq!((&shown["media"]["state"], &shown["from"]), (&"good".into(), &BAILEYS.into()), "{shown}");
    assert_eq!(shown["media"]["sha256"], hex_sha256(&bytes));
    assert_eq!(shown["media"]["caption"], "de Baileys");

    // A photo to Baileys, and the same bytes back.
    let ana = Client::paired(&sim, ANA).await;
    let receiver = ["--role", "receive-photo", "--number", BAILEYS];
    let (events, back) = tokio::join!(run(&directory, &sim, &authority, &receiver), async {
        // Its phone sends no receipts, and so a device that is active is the client itself.
        sim.device_until(BAILEYS, |device| device["active"] == true).await;
        let media = ana.inner().upload(bytes.clone(), MediaType::Image, UploadOptions::new()).await.unwrap();
        let image = wm::ImageMessage {
            url: Some(media.url),
            direct_path: Some(media.direct_path),
            media_key: Some(media.media_key.to_vec()),
            file_sha256: Some(media.file_sha256.to_vec()),
            file_enc_sha256: Some(media.file_enc_sha256.to_vec()),
            file_length: Some(media.file_length),
            mimetype: Some("image/jpeg".to_owned()),
            caption: Some("para Baileys".to_owned()),
            ..Default::default()
        };
        let image = wa::Message { image_message: MessageField::some(image), ..Default::default() };
        ana.send_message(BAILEYS, image).await;
        let document = ana.event("the document", document).await;
        ana.inner().download(&document).await.unwrap()
    });
    let got = events.iter().find(|event| event["event"] == "photo").unwrap();
    assert_eq!((&got["sha256"], &got["caption"]), (&hex_sha256(&bytes).into(), &"para Baileys".into()));
    assert!(back == bytes);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baileys_takes_history_and_app_state_and_changes_it() {
    let directory = match tokio::task::spawn_blocking(install::installed).await.unwrap() {
        Ok(directory) => directory,
        Err(reason) => {
            eprintln!("SKIPPED: the Baileys test needs Node 20 or newer with npm: {reason}");
            return;
        }
    };
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let files = tempfile::tempdir().unwrap();
    let authority = files.path().join("ca.pem");
    std::fs::write(&authority, sim.handle.media_ca()).unwrap();
    let seed = json!({
        "generate": {"chats": 40, "messages": 25, "until": 1_700_000_000},
        "chats": [{"with": CONTACT, "name": "Caio", "unread": 1, "messages": [
            {"id": "3A01", "text": "oi", "at": 1_700_000_100},
            {"id": "3A02", "text": "olá", "from_me": true, "at": 1_700_000_200},
        ]}],
    });
    sim.post("/admin/accounts", json!({"number": BAILEYS})).await;
    sim.post(&format!("/admin/accounts/{BAILEYS}/history"), seed).await;
    // Enough patches for a snapshot.
    for nth in 0..12 {
        let name = json!({"chats": [{"with": CONTACT, "name": format!("Caio {nth}")}]});
        sim.post(&format!("/admin/accounts/{BAILEYS}/app-state"), name).await;
    }
    let media = format!("https://{}", sim.handle.media_address());
    let state = files.path().join("state");
    let common = ["--number", BAILEYS, "--media", &media, "--state", state.to_str().unwrap()];
    let history = [&["--role", "history", "--count", "1002"][..], &common].concat();
    let events = run(&directory, &sim, &authority, &history).await;
    let got = events.iter().find(|event| event["event"] == "history").unwrap();
    assert_eq!((&got["chats"], &got["messages"]), (&json!(41), &json!(1002)));
    assert_eq!(got["newest"], json!({"id": "3A02", "fromMe": true, "at": 1_700_000_200, "text": "olá"}));
    assert_eq!(got["names"], 41);
    let role = [&["--role", "app-state", "--contact", CONTACT][..], &common].concat();
    run(&directory, &sim, &authority, &role).await;
}
