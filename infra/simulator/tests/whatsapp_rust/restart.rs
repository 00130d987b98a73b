//! The state file: everything that matters survives the server.

use carteiro_simulator::{Config, Simulator, SimulatorError};
use serde_json::json;
use wacore::types::events::Event;
use waproto::buffa::MessageField;
use waproto::whatsapp::{self as wa, message as wm};

use crate::admin::Sim;
use crate::app_state::heard;
use crate::client::Client;

const ANA: &str = "5511999990001";
const CONTACT: &str = "5531977770003";

#[tokio::test(flavor = "multi_thread")]
async fn accounts_devices_keys_and_queues_survive_a_restart() {
    let directory = std::env::temp_dir().join(format!("carteiro-simulator-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let config = Config { state: Some(directory.join("state.json")), ..Config::default() };

    let sim = Sim::with(config.clone()).await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    ana.send(CONTACT, "antes").await;
    let note = wm::AudioMessage { ptt: Some(true), seconds: Some(3), ..Default::default() };
    let note = wa::Message { audio_message: MessageField::some(note), ..Default::default() };
    let note = ana.send_message(CONTACT, note).await;
    sim.messages(CONTACT, 2).await;
    let backend = ana.stop().await;
    sim.device_until(ANA, |device| device["online"] == false).await;
    sim.send_as(CONTACT, ANA, "na fila").await;
    sim.handle.shutdown().await.unwrap();

    let sim = Sim::with(config).await;
    let ana = Client::start(&sim, backend, "Test").await;
    ana.text("na fila").await;
    // The server's keys are the same, so the client resumed without a full handshake.
    assert_eq!(sim.get("/admin/stats").await["stats"]["handshakes"]["IK"], 1);
    ana.send(CONTACT, "depois").await;
    let messages = sim.messages(CONTACT, 3).await;
    assert_eq!(messages[0]["text"], "antes");
    assert_eq!(messages[2]["text"], "depois");
    assert_eq!(messages[2]["undecryptable"], 0);
    // What is known of media stays, its file does not.
    assert_eq!(
        (&messages[1]["media"]["seconds"], &messages[1]["media"]["state"]),
        (&json!(3), &json!("gone"))
    );
    let file = format!("/admin/accounts/{CONTACT}/messages/{note}/media");
    assert_eq!(sim.call(reqwest::Method::GET, &file, None).await.0, 404);
    ana.stop().await;
    sim.handle.shutdown().await.unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_phone_remembers_and_app_state_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { state: Some(directory.path().join("state.json")), ..Config::default() };
    let sim = Sim::with(config.clone()).await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    let path = format!("/admin/accounts/{ANA}/history");
    let seed = json!({"generate": {"chats": 3, "messages": 2, "until": 1_700_000_000}, "chats": [
        {"with": CONTACT, "messages": [{"text": "semeada", "at": 1_700_000_000}]},
    ]});
    sim.post(&path, seed).await;
    sim.send_as(CONTACT, ANA, "vivida").await;
    ana.text("vivida").await;
    let state = format!("/admin/accounts/{ANA}/app-state");
    sim.post(&state, json!({"chats": [{"with": CONTACT, "archive": true}]})).await;
    sim.until(&path, |answer| (answer["chats"][0]["messages"].as_array()?.len() == 2).then_some(())).await;
    let (history, app_state) = (sim.get(&path).await, sim.get(&state).await);
    let backend = ana.stop().await;
    sim.handle.shutdown().await.unwrap();

    let sim = Sim::with(config).await;
    assert_eq!((sim.get(&path).await, sim.get(&state).await), (history, app_state));
    // A device that has all the patches so far takes the next one.
    let ana = Client::start(&sim, backend, "Test").await;
    ana.connected().await;
    sim.post(&state, json!({"chats": [{"with": CONTACT, "archive": false}]})).await;
    heard(&sim, &ana, "the end of the archive", |event| match event {
        Event::ArchiveUpdate(update) => (update.action.archived == Some(false)).then_some(()),
        _ => None,
    })
    .await;
    ana.stop().await;
    sim.handle.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_remembers_another_server_falls_back_and_is_refused() {
    let first = Sim::start().await;
    let ana = Client::paired(&first, ANA).await;
    let backend = ana.stop().await;
    let second = Sim::start().await;
    let stranger = Client::start(&second, backend, "Test").await;
    stranger
        .event("the refusal", |event| {
            matches!(event, wacore::types::events::Event::LoggedOut(_)).then_some(())
        })
        .await;
    assert_eq!(second.get("/admin/stats").await["stats"]["handshakes"]["XXfallback"], 1);
    stranger.stop().await;
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let config = Config { listen: ([0, 0, 0, 0], 0).into(), ..Config::default() };
    let refused = Simulator::start(config).await;
    assert!(matches!(refused.err(), Some(SimulatorError::NotLoopback(_))));
}
