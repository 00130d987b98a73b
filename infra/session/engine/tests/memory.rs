//! What sessions and their history cost in memory. In a process of its own, since it measures that.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it measured"
)]

use carteiro_core::chat::Update;
use carteiro_core::lease::Epoch;
use carteiro_core::phone::Phone;
use carteiro_core::ports::WhatsAppStates;
use carteiro_engine::{Engine, EngineConfig, MemoryStates, Session, SessionEvent};
use carteiro_simulator::{Config, Handle, Simulator};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// For a session and the simulator's end of it together, in kilobytes: unoptimised, with its state in memory.
const KILOBYTES_PER_SESSION: u64 = 700;
/// For reading 50,000 messages, in kilobytes. Held as the library decodes them all at once they are more than 100,000.
const KILOBYTES_OF_HISTORY: u64 = 60_000;
const SESSIONS: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(240);

/// This process's resident memory in kilobytes, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

struct Bench {
    simulator: Handle,
    engine: Engine,
    states: MemoryStates,
    http: reqwest::Client,
}

impl Bench {
    async fn new() -> Self {
        let simulator = Simulator::start(Config::default()).await.unwrap();
        let config = EngineConfig {
            endpoint: format!("simulator:{}", simulator.websocket_url()).parse().unwrap(),
            version: None,
            device_name: "Carteiro".into(),
            authority: Some(simulator.media_ca().into()),
        };
        let engine = Engine::new(config).unwrap();
        Self { simulator, engine, states: MemoryStates::default(), http: reqwest::Client::new() }
    }

    async fn post(&self, path: &str, body: String) {
        let url = format!("{}{path}", self.simulator.admin_url());
        let request = self.http.post(url).header("content-type", "application/json").body(body);
        assert!(request.send().await.unwrap().status().is_success(), "{path}");
    }

    async fn declare(&self, number: &str, history: Option<Value>) {
        self.post("/admin/accounts", json!({"number": number, "name": "Loja"}).to_string()).await;
        if let Some(history) = history {
            self.post(&format!("/admin/accounts/{number}/history"), history.to_string()).await;
        }
    }

    /// Starts a session, has it paired, and gives it when it is connected.
    async fn pair(&self, number: &str) -> (Session, mpsc::Receiver<SessionEvent>) {
        let phone: Phone = number.parse().unwrap();
        let state = self.states.open(&(&phone).into(), Epoch::FIRST).await.unwrap();
        let (sender, mut events) = mpsc::channel(64);
        let session = self.engine.start(phone, state, sender).await.unwrap();
        let paired = async {
            while let Some(event) = events.recv().await {
                match event {
                    SessionEvent::Qr { code, .. } => {
                        let path = format!("/admin/mock-phone/scan-qr?number={number}");
                        self.post(&path, code.reveal().to_owned()).await;
                    }
                    SessionEvent::Connected(_) => return,
                    event => event.leave_out(),
                }
            }
        };
        timeout(PATIENCE, paired).await.expect("a connection in time");
        (session, events)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_sessions_and_a_long_history_cost_little() {
    let bench = Bench::new().await;
    let mut sessions = Vec::new();
    for index in 0..=SESSIONS {
        bench.declare(&format!("55119800{index:05}"), None).await;
    }
    // The first one brings in what is needed once.
    let (first, _events) = bench.pair("5511980000000").await;
    sessions.push(first);
    let Some(before) = resident() else { return };
    for index in 1..=SESSIONS {
        let (session, mut events) = bench.pair(&format!("55119800{index:05}")).await;
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                event.leave_out();
            }
        });
        sessions.push(session);
    }
    let each = resident().unwrap().saturating_sub(before) / u64::from(SESSIONS);
    eprintln!("a connected session: {each} kB");
    assert!(each < KILOBYTES_PER_SESSION, "{each} kB");
    drop(sessions);

    // A first one warms the simulator's making of it.
    for (number, counts) in [("5511970000000", false), ("5511970000001", true)] {
        bench.declare(number, Some(json!({"generate": {"chats": 2000, "messages": 25}}))).await;
        let before = resident().unwrap();
        let (session, mut events) = bench.pair(number).await;
        let (mut messages, mut peak) = (0, 0);
        let reading = async {
            while messages < 45_000 {
                let Some(event) = events.recv().await else { panic!("the session ended") };
                let SessionEvent::Updates { updates, handover } = event else { continue };
                for update in updates {
                    if let Update::History { messages: some, .. } = update {
                        messages += some.len();
                    }
                }
                peak = peak.max(resident().unwrap());
                handover.accept();
            }
        };
        timeout(PATIENCE, reading).await.expect("the history in time");
        let grown = peak.saturating_sub(before);
        eprintln!("history of 50,000 messages: {grown} kB");
        if counts {
            assert!(grown < KILOBYTES_OF_HISTORY, "{grown} kB");
        }
        drop((session, events));
    }
}
