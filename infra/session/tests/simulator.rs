//! The task over the real engine and the simulator; only the stores are in memory:
//! `cargo test -p carteiro-session --features simulator --test simulator`.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::ids::SendId;
use carteiro_core::media::{FileKind, MediaKey};
use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Clock, Preparations};
use carteiro_core::send::{Failure, Status};
use carteiro_engine::{Engine, EngineConfig};
use carteiro_media::prepare;
use carteiro_session::actor::Timing;
use carteiro_simulator::{Config, Handle, Simulator};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{World, recipient, sender};

struct Desk {
    simulator: Handle,
    world: World,
    http: reqwest::Client,
}

impl Desk {
    async fn new() -> Self {
        Self::with(Timing::default()).await
    }

    async fn with(timing: Timing) -> Self {
        let simulator = Simulator::start(Config::default()).await.unwrap();
        let endpoint = format!("simulator:{}", simulator.websocket_url()).parse().unwrap();
        let config = EngineConfig {
            endpoint,
            version: None,
            device_name: "Carteiro".into(),
            authority: Some(simulator.media_ca().into()),
        };
        let world = World::with_whatsapp(Arc::new(Engine::new(config).unwrap()), timing);
        let desk = Self { simulator, world, http: reqwest::Client::new() };
        for (number, name) in [(sender(), "Loja"), (recipient(), "Ana")] {
            desk.post("/admin/accounts", json!({"number": number.digits(), "name": name})).await;
        }
        desk
    }

    async fn post(&self, path: &str, body: Value) {
        let url = format!("{}{path}", self.simulator.admin_url());
        let request = self.http.post(url).header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    async fn fault(&self, mut fault: Value) {
        fault["number"] = sender().digits().into();
        self.post("/admin/faults", fault).await;
    }

    async fn delete_faults(&self) {
        let url = format!("{}/admin/faults", self.simulator.admin_url());
        assert!(self.http.delete(url).send().await.unwrap().status().is_success());
    }

    /// Has the number connected and its QR scanned.
    async fn pair(&self) {
        self.world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
        self.world.until_state(LinkState::Pairing).await;
        let code = self.world.links.peek(&sender()).unwrap().qr.unwrap().code;
        let url =
            format!("{}/admin/mock-phone/scan-qr?number={}", self.simulator.admin_url(), sender().digits());
        let answer = self.http.post(url).body(code.expose_secret().to_owned()).send().await.unwrap();
        assert!(answer.status().is_success());
        self.world.until_state(LinkState::Connected).await;
    }

    /// Accepts a document, made as dispatch makes it, and puts its command in the queue.
    async fn send_document(&self, caption: &str, content: &[u8]) -> SendId {
        let id = self.world.accept_unprepared(caption).await;
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("plain");
        std::fs::write(&plain, content).unwrap();
        let made = prepare(FileKind::Document, &plain, None, folder.path(), MediaKey([6; 32])).unwrap();
        let object = ObjectKey::outgoing(id);
        self.world.objects.upload(&object, std::fs::read(&made.ciphertext).unwrap(), None);
        let until = self.world.clock.now() + SignedDuration::from_hours(24);
        self.world.preparations.put(id, &made.into_prepared(object), until).await.unwrap();
        self.world.command(id);
        id
    }

    /// The texts and captions that the recipient's client shows, once there are that many.
    async fn shown(&self, count: usize) -> Vec<String> {
        let url = format!("{}/admin/accounts/{}/messages", self.simulator.admin_url(), recipient().digits());
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let body = self.http.get(&url).send().await.unwrap().text().await.unwrap();
            let body: Value = serde_json::from_str(&body).unwrap();
            let messages = body["messages"].as_array().unwrap();
            if messages.len() >= count {
                assert!(messages.iter().all(|message| message["undecryptable"] == json!(0)));
                let shown = |message: &Value| {
                    let caption = &message["media"]["caption"];
                    message["text"].as_str().or(caption.as_str()).unwrap().to_owned()
                };
                return messages.iter().map(shown).collect();
            }
            assert!(Instant::now() < deadline, "{} of {count} messages", messages.len());
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn send(&self, texts: &[String]) -> Vec<SendId> {
        let mut ids = Vec::new();
        for text in texts {
            ids.push(self.world.send(text).await);
        }
        ids
    }

    /// Whether all are past `na fila` and `processando`.
    async fn until_done(&self, ids: &[SendId]) {
        let what = "all are at least sent";
        self.world.within(90, what, |world| ids.iter().all(|id| !world.status(*id).is_pending())).await;
    }
}

fn texts(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|i| format!("texto {i}")).collect()
}

#[tokio::test]
async fn a_number_pairs_sends_and_sends_after_a_restart_without_a_qr() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    let ids = desk.send(&texts(0..20)).await;
    desk.world
        .until("all delivered", |world| ids.iter().all(|id| world.status(*id) == Status::Delivered))
        .await;
    assert_eq!(desk.shown(20).await, texts(0..20));
    task.stop().await;
    assert_eq!(desk.world.link_state(&sender()), Some(LinkState::Reconnecting));
    let task = desk.world.start();
    let id = desk.world.send("texto 20").await;
    desk.world.until_status(id, Status::Delivered).await;
    assert_eq!(desk.shown(21).await, texts(0..21));
    desk.world.until("nothing is left", |world| world.queues.is_empty()).await;
    task.stop().await;
}

#[tokio::test]
async fn a_refusal_and_a_dropped_stream_hurt_nothing_else() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    desk.fault(json!({"kind": "nack", "code": 463, "times": 1})).await;
    let refused = desk.world.send("recusado").await;
    desk.world.until_status(refused, Status::Failed).await;
    assert_eq!(desk.world.sends.peek(refused).unwrap().failure, Some(Failure::Refused(463)));
    desk.fault(json!({"kind": "drop_stream", "after_messages": 7, "times": 1})).await;
    let ids = desk.send(&texts(0..30)).await;
    desk.until_done(&ids).await;
    assert_eq!(desk.shown(30).await, texts(0..30));
    task.stop().await;
}

#[tokio::test]
async fn killed_while_a_hundred_go_out_each_arrives_once_and_in_order() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    let ids = desk.send(&texts(0..100)).await;
    desk.shown(20).await;
    task.kill().await;
    let task = desk.world.start();
    desk.until_done(&ids).await;
    assert_eq!(desk.shown(100).await, texts(0..100));
    task.stop().await;
}

#[tokio::test]
async fn a_stream_that_says_nothing_any_more_is_left_for_another() {
    let desk = Desk::with(Timing { ack: Duration::from_secs(3), ..Timing::default() }).await;
    let task = desk.world.start();
    desk.pair().await;
    let id = desk.world.send("texto 0").await;
    desk.world.until_status(id, Status::Delivered).await;
    desk.fault(json!({"kind": "stall"})).await;
    let ids = desk.send(&texts(1..6)).await;
    desk.world.until_state(LinkState::Reconnecting).await;
    desk.delete_faults().await;
    desk.until_done(&ids).await;
    assert_eq!(desk.shown(6).await, texts(0..6));
    task.stop().await;
}

#[tokio::test]
async fn replaced_and_unlinked_numbers_wait_for_their_tenant() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    desk.fault(json!({"kind": "replaced"})).await;
    desk.world.until_state(LinkState::Replaced).await;
    let first = desk.world.send("texto 0").await;
    desk.world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    desk.world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    desk.world.until_status(first, Status::Delivered).await;
    desk.fault(json!({"kind": "logged_out"})).await;
    desk.world.until_state(LinkState::LoggedOut).await;
    let second = desk.world.send("texto 1").await;
    desk.pair().await;
    desk.world.until_status(second, Status::Delivered).await;
    assert_eq!(desk.shown(2).await, texts(0..2));
    desk.world.want(&sender(), Desired::Removed).await;
    desk.world.until("the link is gone", |world| world.link_state(&sender()).is_none()).await;
    assert_eq!(desk.world.states.size(&sender()).0, 0);
    task.stop().await;
}

#[tokio::test]
async fn killed_while_files_go_out_each_arrives_whole_once_and_in_order() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    desk.fault(json!({"kind": "slow_media", "bytes_per_second": 2_000_000})).await;
    let large: Vec<u8> = (0..1_500_000_u32).map(|at| (at % 241) as u8).collect();
    let mut ids = Vec::new();
    for place in 0..8 {
        let name = format!("texto {place}");
        ids.push(match place % 2 {
            0 => desk.world.send(&name).await,
            _ => desk.send_document(&name, &large).await,
        });
    }
    desk.shown(3).await;
    task.kill().await;
    desk.delete_faults().await;
    let task = desk.world.start();
    desk.until_done(&ids).await;
    assert_eq!(desk.shown(8).await, texts(0..8));
    let file = format!(
        "{}/admin/accounts/{}/messages/{}/media",
        desk.simulator.admin_url(),
        recipient().digits(),
        ids[7].message_id().as_str()
    );
    let received = desk.http.get(file).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(received, large);
    task.stop().await;
}
