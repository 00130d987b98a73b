//! What the receiver of webhooks heard, in the order in which it came first.

use carteiro_local::{Receiver, Reply};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// The path that the events are told to.
pub(crate) const PATH: &str = "/caos";
/// How long the receiver is well, and how long it is not.
const TURN: Duration = Duration::from_secs(4);

/// Of one number.
#[derive(Debug, Default)]
pub(crate) struct OfNumber {
    /// The ids of messages that came, as they were first told.
    pub(crate) received: Vec<String>,
    /// How far each own message was told to be, by its id, as it was first told.
    pub(crate) acks: BTreeMap<String, Vec<i64>>,
    /// Whether a QR was told.
    pub(crate) qr: bool,
}

/// Of all numbers.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) numbers: BTreeMap<String, OfNumber>,
    /// By id, as how many-th each came first.
    events: BTreeMap<String, usize>,
    /// How many requests came, those that were refused and those that came again included.
    pub(crate) requests: u64,
    well: bool,
    turn: Instant,
}

impl Heard {
    pub(crate) fn new() -> Self {
        Self {
            numbers: BTreeMap::new(),
            events: BTreeMap::new(),
            requests: 0,
            well: true,
            turn: Instant::now(),
        }
    }

    /// How many events there were.
    pub(crate) fn events(&self) -> usize {
        self.events.len()
    }

    /// As how many-th an event came first, if it came.
    pub(crate) fn place(&self, event: &str) -> Option<usize> {
        self.events.get(event).copied()
    }

    /// The receiver fails half of the time.
    pub(crate) fn take_turns(&mut self, receiver: &Receiver) {
        if self.turn.elapsed() >= TURN {
            (self.well, self.turn) = (!self.well, Instant::now());
            receiver.reply(PATH, Reply::Status(if self.well { 200 } else { 503 }));
        }
    }

    /// From now on it is well.
    pub(crate) fn recover(&mut self, receiver: &Receiver) {
        self.well = true;
        receiver.reply(PATH, Reply::Status(200));
    }

    /// Takes what came since the last time.
    pub(crate) fn listen(&mut self, receiver: &Receiver) {
        for request in receiver.take() {
            self.requests += 1;
            let id = request.header("x-event-id").to_owned();
            let place = self.events.len();
            if self.events.insert(id, place).is_none() {
                self.note(&request.json());
            }
        }
    }

    fn note(&mut self, event: &Value) {
        let number = event["sessao"].as_str().unwrap_or_default().to_owned();
        let of = self.numbers.entry(number).or_default();
        let told = &event["json"];
        // `<fromMe>_<chat>_<key id>`
        let id = told["id"].as_str().and_then(|id| id.split('_').nth(2)).unwrap_or_default().to_owned();
        match event["tipo"].as_str() {
            // That a message came which cannot be read yet is not yet the message.
            Some("recebendoMensagem") if told["fromMe"] == false && told["type"] != "ciphertext" => {
                let is_new = !of.received.contains(&id);
                of.received.extend(Some(id).filter(|_| is_new));
            }
            Some("atualizarMensagem") => of.acks.entry(id).or_default().extend(told["ack"].as_i64()),
            Some("qrcode") => of.qr = true,
            _ => {}
        }
    }

    /// Forgets what was told before the run began.
    pub(crate) fn begin(&mut self) {
        self.numbers.clear();
    }
}
