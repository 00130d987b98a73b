//! A simulator, a number's state that outlives its sessions, and patience with a deadline.

use carteiro_core::chat::{Message, Update};
use carteiro_core::lease::Epoch;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{WhatsAppState, WhatsAppStates};
use carteiro_engine::{
    ConnectionId, Engine, EngineConfig, EngineError, MemoryStates, Outgoing, SendError, Session,
    SessionEvent, WhatsAppAddress,
};
use carteiro_simulator::{Config, Handle, Simulator};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) const NUMBER: &str = "5511988887777";
pub(crate) const CONTACT: &str = "5521977776666";

pub(crate) struct Desk {
    pub(crate) simulator: Handle,
    pub(crate) states: MemoryStates,
    pub(crate) number: Phone,
    engine: Engine,
    http: reqwest::Client,
}

pub(crate) struct Running {
    pub(crate) session: Session,
    pub(crate) events: Events,
}

/// What a session tells, and the connection that it told of last.
pub(crate) struct Events {
    told: mpsc::Receiver<SessionEvent>,
    over: Option<ConnectionId>,
}

impl Events {
    fn new(told: mpsc::Receiver<SessionEvent>) -> Self {
        Self { told, over: None }
    }

    pub(crate) async fn recv(&mut self) -> Option<SessionEvent> {
        let event = self.told.recv().await;
        if let Some(SessionEvent::Connected(over)) = event {
            self.over = Some(over);
        }
        event
    }

    pub(crate) fn try_recv(&mut self) -> Option<SessionEvent> {
        self.told.try_recv().ok()
    }

    /// What a message goes out over; the first connection, if none was told of.
    pub(crate) fn over(&self) -> ConnectionId {
        self.over.unwrap_or(ConnectionId::new(1))
    }
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let simulator = Simulator::start(Config::default()).await.unwrap();
        let (url, authority) = (simulator.websocket_url(), simulator.media_ca().to_owned());
        Self::over(simulator, &url, &authority).await
    }

    /// A desk whose engine reaches the simulator there, trusting that authority.
    pub(crate) async fn over(simulator: Handle, url: &str, authority: &str) -> Self {
        let config = EngineConfig {
            endpoint: format!("simulator:{url}").parse().unwrap(),
            version: None,
            device_name: "Carteiro".into(),
            authority: Some(authority.into()),
        };
        let desk = Self {
            simulator,
            states: MemoryStates::default(),
            number: NUMBER.parse().unwrap(),
            engine: Engine::new(config).unwrap(),
            http: reqwest::Client::new(),
        };
        for (number, name) in [(NUMBER, "Loja"), (CONTACT, "Ana")] {
            desk.post("/admin/accounts", json!({"number": number, "name": name})).await;
        }
        desk
    }

    pub(crate) async fn start_over(&self, state: Arc<dyn WhatsAppState>) -> Result<Running, EngineError> {
        let mut running = self.start_alone(state).await?;
        // As an owner who stores at once what WhatsApp is not to forget, whatever a test waits for meanwhile.
        let (sender, events) = mpsc::channel(64);
        let mut told = std::mem::replace(&mut running.events, Events::new(events));
        tokio::spawn(async move {
            while let Some(event) = told.recv().await {
                if sender.send(event.stored()).await.is_err() {
                    break;
                }
            }
        });
        Ok(running)
    }

    /// Starts a session whose events nobody stores.
    pub(crate) async fn start_alone(&self, state: Arc<dyn WhatsAppState>) -> Result<Running, EngineError> {
        let (sender, events) = mpsc::channel(64);
        let session = self.engine.start(self.number.clone(), state, sender).await?;
        Ok(Running { session, events: Events::new(events) })
    }

    /// Starts a session over the number's state that does not know whose it is.
    pub(crate) async fn start_pairing(&self) -> Running {
        let state = self.states.open(&(&self.number).into(), Epoch::FIRST).await.unwrap();
        let (sender, events) = mpsc::channel(64);
        let session = self.engine.pair(state, sender).await.unwrap();
        Running { session, events: Events::new(events) }
    }

    pub(crate) async fn start(&self, epoch: Epoch) -> Running {
        let state = self.states.open(&(&self.number).into(), epoch).await.unwrap();
        self.start_over(state).await.unwrap()
    }

    /// Starts a session, has the number's phone scan the code and waits until it is connected.
    pub(crate) async fn pair(&self) -> Running {
        let mut running = self.start(Epoch::FIRST).await;
        let code = running.wait("a code", |event| match event {
            SessionEvent::Qr { code, .. } => Some(code.clone()),
            _ => None,
        });
        let code = code.await;
        self.scan(code.reveal(), NUMBER).await;
        running.connected().await;
        running
    }

    pub(crate) async fn scan(&self, code: &str, number: &str) {
        let url = format!("{}/admin/mock-phone/scan-qr?number={number}", self.simulator.admin_url());
        let answer = self.http.post(url).body(code.to_owned()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.simulator.admin_url());
        let request = self.http.post(url).header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {body}");
        if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap() }
    }

    pub(crate) async fn fault(&self, mut fault: Value) {
        fault["number"] = NUMBER.into();
        self.post("/admin/faults", fault).await;
    }

    pub(crate) async fn delete_faults(&self) {
        let url = format!("{}/admin/faults", self.simulator.admin_url());
        assert!(self.http.delete(url).send().await.unwrap().status().is_success());
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.simulator.admin_url());
        serde_json::from_str(&self.http.get(url).send().await.unwrap().text().await.unwrap()).unwrap()
    }

    /// What the contact's phone has received, once there are `count` messages.
    pub(crate) async fn received(&self, count: usize) -> Vec<Value> {
        let path = format!("/admin/accounts/{CONTACT}/messages");
        let there = |body: &Value| body["messages"].as_array().unwrap().len() >= count;
        let body = self.until(&format!("the contact has {count} messages"), &path, there).await;
        body["messages"].as_array().unwrap().clone()
    }

    /// What the admin API answers, once it is as wanted.
    pub(crate) async fn until(&self, what: &str, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let body = self.get(path).await;
            if wanted(&body) {
                return body;
            }
            assert!(Instant::now() < deadline, "it never was so that {what}: {body}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Running {
    /// Sends a text, as [`Running::send`].
    pub(crate) async fn send_text(
        &self,
        to: &WhatsAppAddress,
        id: &str,
        text: &str,
    ) -> Result<(), SendError> {
        self.send(to, id, Outgoing::Text(text)).await
    }

    /// Sends over the connection that was told of last.
    pub(crate) async fn send(
        &self,
        to: &WhatsAppAddress,
        id: &str,
        what: Outgoing<'_>,
    ) -> Result<(), SendError> {
        self.session.send(self.events.over(), to, id, what).await
    }

    /// The first event for which `pick` gives something; others are passed over.
    pub(crate) async fn wait<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&SessionEvent) -> Option<T>,
    ) -> T {
        let mut seen = Vec::new();
        let search = async {
            while let Some(event) = self.events.recv().await {
                if let Some(found) = pick(&event) {
                    return Some(found);
                }
                seen.push(format!("{event:?}"));
            }
            None
        };
        let outcome = timeout(PATIENCE, search).await;
        outcome.ok().flatten().unwrap_or_else(|| panic!("no {what}; there was: {seen:#?}"))
    }

    pub(crate) async fn wait_for(&mut self, what: &str, is: impl Fn(&SessionEvent) -> bool) {
        self.wait(what, |event| is(event).then_some(())).await;
    }

    pub(crate) async fn connected(&mut self) {
        self.wait_for("connection", |event| matches!(event, SessionEvent::Connected(_))).await;
    }

    pub(crate) async fn ack(&mut self, id: &str) {
        self.wait_for(
            "ack",
            |event| matches!(event, SessionEvent::Ack { message_id, .. } if message_id == id),
        )
        .await;
    }

    /// The next `count` messages that are handed over, accepted.
    pub(crate) async fn messages(&mut self, count: usize) -> Vec<Message> {
        let mut messages = Vec::new();
        while messages.len() < count {
            let event = timeout(PATIENCE, self.events.recv()).await;
            if let Some(SessionEvent::Updates { updates, handover }) = event.expect("a message in time") {
                handover.accept();
                messages.extend(updates.into_iter().filter_map(|update| match update {
                    Update::Message(message) => Some(message),
                    _ => None,
                }));
            }
        }
        messages
    }

    /// Waits for `what`, and then for the end, with nothing after it.
    pub(crate) async fn ends_with(mut self, what: &str, is: impl Fn(&SessionEvent) -> bool) {
        self.wait_for(what, is).await;
        self.ends().await;
    }

    /// Waits for the end, with nothing after it.
    pub(crate) async fn ends(mut self) {
        self.wait_for("end", |event| matches!(event, SessionEvent::Ended)).await;
        assert!(timeout(PATIENCE, self.events.recv()).await.unwrap().is_none(), "something followed the end");
        assert!(!self.session.is_connected());
    }
}

pub(crate) fn contact() -> WhatsAppAddress {
    WhatsAppAddress::of_phone(&CONTACT.parse().unwrap())
}
