//! The real engine and the simulator in place of the played WhatsApp; only the stores are in memory.

use super::{World, recipient, sender};
use carteiro_core::ids::SendId;
use carteiro_core::media::{FileKind, MediaKey};
use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::object::ObjectKey;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Clock, Preparations};
use carteiro_engine::{Engine, EngineConfig};
use carteiro_media::prepare;
use carteiro_session::actor::Timing;
use carteiro_simulator::{Config, Handle, Simulator};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Longer than anything takes that goes by the real clock, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// A task over the real engine and a simulator of its own.
pub struct Desk {
    pub simulator: Handle,
    pub world: World,
    pub http: reqwest::Client,
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(Timing::default()).await
    }

    pub async fn with(timing: Timing) -> Self {
        let simulator = Simulator::start(Config::default()).await.unwrap();
        let endpoint = format!("simulator:{}", simulator.websocket_url()).parse().unwrap();
        let config = EngineConfig {
            endpoint,
            version: None,
            device_name: "Carteiro".into(),
            authority: Some(simulator.media_ca().into()),
        };
        let world = World::with_whatsapp(Arc::new(Engine::new(config).unwrap()), timing);
        // What the number sends is dated by the world's clock, and what comes by the simulator's: by the same day, and never earlier.
        let behind = Timestamp::now().duration_since(world.clock.now());
        world.clock.set_ahead(behind + SignedDuration::from_secs(1));
        let desk = Self { simulator, world, http: reqwest::Client::new() };
        for (number, name) in [(sender(), "Loja"), (recipient(), "Ana")] {
            desk.post("/admin/accounts", json!({"number": number.digits(), "name": name})).await;
        }
        desk
    }

    pub async fn post(&self, path: &str, body: Value) {
        let url = format!("{}{path}", self.simulator.admin_url());
        let request = self.http.post(url).header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    pub async fn fault(&self, mut fault: Value) {
        fault["number"] = sender().digits().into();
        self.post("/admin/faults", fault).await;
    }

    pub async fn delete_faults(&self) {
        let url = format!("{}/admin/faults", self.simulator.admin_url());
        assert!(self.http.delete(url).send().await.unwrap().status().is_success());
    }

    /// Has the number connected and its QR scanned.
    pub async fn pair(&self) {
        self.world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
        self.scan().await;
        self.world.until_state(LinkState::Connected).await;
    }

    /// Has the number's phone scan the QR, once there is one.
    pub async fn scan(&self) {
        self.world.until_state(LinkState::Pairing).await;
        let code = self.world.links.peek(&sender()).unwrap().qr.unwrap().code;
        let url =
            format!("{}/admin/mock-phone/scan-qr?number={}", self.simulator.admin_url(), sender().digits());
        let answer = self.http.post(url).body(code.expose_secret().to_owned()).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// Accepts a document, made as dispatch makes it, and puts its command in the queue.
    pub async fn send_document(&self, caption: &str, content: &[u8]) -> SendId {
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

    /// What the admin API answers.
    pub async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.simulator.admin_url());
        serde_json::from_str(&self.http.get(url).send().await.unwrap().text().await.unwrap()).unwrap()
    }

    /// The texts and captions that the recipient's client shows, once there are that many.
    pub async fn shown(&self, count: usize) -> Vec<String> {
        self.shown_to(&recipient(), count).await
    }

    /// The same for any account.
    pub async fn shown_to(&self, number: &Phone, count: usize) -> Vec<String> {
        let url = format!("{}/admin/accounts/{}/messages", self.simulator.admin_url(), number.digits());
        let deadline = Instant::now() + PATIENCE;
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

    pub async fn send(&self, texts: &[String]) -> Vec<SendId> {
        let mut ids = Vec::new();
        for text in texts {
            ids.push(self.world.send(text).await);
        }
        ids
    }

    /// Whether all are past `na fila` and `processando`.
    pub async fn until_done(&self, ids: &[SendId]) {
        let what = "all are at least sent";
        self.world
            .within(PATIENCE.as_secs(), what, |world| ids.iter().all(|id| !world.status(*id).is_pending()))
            .await;
    }
}
