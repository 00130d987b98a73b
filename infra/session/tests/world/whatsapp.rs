//! WhatsApp, played: a server with accounts, and a recipient that shows each message id once.

use super::connection::PlayedConnection;
use async_trait::async_trait;
use carteiro_core::ids::PairingId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{StateKey, StateOwner, StateWrite, WhatsAppState};
use carteiro_core::query::Answer;
use carteiro_engine::{
    ConnectionId, EngineError, Handover, LogOutReason, QrCode, Question, ReceiptKind, SendError,
    SessionEvent, UploadError,
};
use carteiro_session::whatsapp::{Asks, Connection, WhatsApp};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

/// One message as the server got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub from: Phone,
    pub to: String,
    pub id: String,
    pub text: String,
    /// When it was written.
    pub at: Instant,
}

#[derive(Default)]
pub struct Server {
    /// Numbers with a linked device.
    pub paired: HashSet<Phone>,
    /// Numbers that are not on WhatsApp; every other is, as it is asked for.
    pub absent: HashSet<Phone>,
    /// Whether a login succeeds.
    pub unreachable: bool,
    /// Whether messages are acknowledged.
    pub silent: bool,
    /// Refusals by text.
    pub refusals: HashMap<String, u16>,
    /// How many more messages arrive before the stream is cut, without an acknowledgement for the last.
    pub cut_after: Option<usize>,
    /// How many more messages get lost on their way, and whether the stream is broken since, which is found with the next one.
    pub lost: usize,
    pub broken: bool,
    /// Whether questions about numbers are answered.
    pub mute: bool,
    /// Whether nothing goes on the wire for now: who writes or asks waits.
    pub held: bool,
    /// Everything that was written, repetitions included.
    pub wire: Vec<Written>,
    /// How often numbers were asked for.
    pub questions: usize,
    /// How many sessions were started.
    pub starts: usize,
    /// How much longer than usual a login takes.
    pub login_time: Duration,
    /// When sessions logged in.
    pub logins: Vec<Instant>,
    pub logouts: usize,
    pub shutdowns: usize,
    pub handed_on: usize,
    /// What codes to type are asked for, and how the next are refused; else each is `ABCD234` and its place.
    pub codes_asked: Vec<Phone>,
    pub code_refusals: VecDeque<Option<u16>>,
    /// The addresses that a number has chats with.
    pub chats: HashSet<String>,
    /// To whom it was shown that somebody types.
    pub typed_to: Vec<String>,
    /// How the next logins are refused.
    pub login_refusals: VecDeque<i64>,
    /// Every question that was asked, and how each is answered; none is answered for good while there is none here.
    pub asked: Vec<Question>,
    pub answers: VecDeque<Answer>,
    /// How long an answer takes.
    pub answer_time: Duration,
    /// How many questions are under way, and the most that were at the same time.
    pub under_way: usize,
    pub most_under_way: usize,
    /// How the next writes fail before anything is on the wire.
    pub write_errors: VecDeque<SendError>,
    /// How long an upload takes.
    pub upload_time: Duration,
    /// How the next uploads fail.
    pub upload_errors: VecDeque<UploadError>,
    /// The captions of all files whose upload was begun, and of those that were abandoned.
    pub uploads: Vec<String>,
    pub abandoned: Vec<String>,
    /// Devices that were linked over a pairing, by what their state holds.
    pub devices: HashSet<Vec<u8>>,
    /// Who scanned which pairing's QR.
    pub scanned: HashMap<PairingId, Phone>,
    pub sessions: HashMap<StateOwner, Stream>,
    pub states: HashMap<StateOwner, Arc<dyn WhatsAppState>>,
}

/// What a session keeps of its device.
pub fn device() -> StateKey {
    StateKey::new("device#1").unwrap()
}

/// What a session tells its owner, and its connections.
#[derive(Clone)]
pub struct Stream {
    events: mpsc::UnboundedSender<SessionEvent>,
    connections: Arc<AtomicU64>,
}

impl Stream {
    pub fn tell(&self, event: SessionEvent) {
        let _ = self.events.send(event);
    }

    fn connect(&self) {
        let nth = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        self.tell(SessionEvent::Connected(ConnectionId::new(nth)));
    }

    pub fn is_over(&self, connection: ConnectionId) -> bool {
        connection == ConnectionId::new(self.connections.load(Ordering::Relaxed))
    }
}

#[derive(Clone, Default)]
pub struct Played(Arc<Mutex<Server>>);

impl Played {
    pub fn server(&self) -> MutexGuard<'_, Server> {
        self.0.lock().unwrap()
    }

    /// What the recipient's client shows: each id once, in the order of its first arrival.
    pub fn shown(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let server = self.server();
        server.wire.iter().filter(|m| seen.insert(m.id.clone())).map(|m| m.text.clone()).collect()
    }

    pub fn tell(&self, number: &Phone, event: SessionEvent) {
        self.tell_owner(&number.into(), event);
    }

    /// The library has connected the number's latest session, once more or for the first time.
    fn connect(&self, number: &Phone) {
        if let Some(session) = self.server().sessions.get(&number.into()) {
            session.connect();
        }
    }

    pub fn tell_owner(&self, owner: &StateOwner, event: SessionEvent) {
        if let Some(session) = self.server().sessions.get(owner) {
            session.tell(event);
        }
    }

    /// The phone of the number `scanned` scans the QR of a pairing: the library writes the device, then tells.
    pub async fn scan_pairing(&self, pairing: PairingId, scanned: &Phone) {
        self.links_silently(pairing, scanned).await;
        let lid = "1@lid".parse().unwrap();
        let paired = SessionEvent::Paired { number: scanned.clone(), lid, push_name: None };
        self.tell_owner(&pairing.into(), paired);
    }

    /// The same, but the task does not hear of it.
    pub async fn links_silently(&self, pairing: PairingId, scanned: &Phone) {
        let token = format!("{pairing} {}", scanned.digits()).into_bytes();
        let state = self.server().states.get(&pairing.into()).cloned().unwrap();
        state.commit(vec![StateWrite::Put(device(), token.clone())]).await.unwrap();
        let mut server = self.server();
        server.devices.insert(token);
        server.scanned.insert(pairing, scanned.clone());
    }

    /// A phone of the number `scanned` scans the QR of `number`.
    pub fn scan(&self, number: &Phone, scanned: &Phone) {
        self.server().paired.insert(number.clone());
        let lid = "1@lid".parse().unwrap();
        self.tell(number, SessionEvent::Paired { number: scanned.clone(), lid, push_name: None });
        self.connect(number);
    }

    /// The phone takes a linked device from its list.
    pub fn unlink(&self, number: &Phone) {
        self.server().paired.remove(number);
        self.tell(number, SessionEvent::LoggedOut { reason: LogOutReason::Unlinked });
        self.tell(number, SessionEvent::Ended);
    }

    /// The latest session of a number writes its device, as the library does now and then, also after its end. `false` if it
    /// was refused.
    pub async fn writes_device(&self, number: &Phone) -> bool {
        let state = self.server().states.get(&number.into()).cloned().unwrap();
        state.commit(vec![StateWrite::Put(device(), vec![1])]).await.is_ok()
    }

    /// Cuts the stream; the library connects again after a second.
    pub fn cut(&self, number: &Phone) {
        self.disconnect(number, false);
    }

    /// Cuts the stream; the library has connected again at once.
    pub fn cut_shortly(&self, number: &Phone) {
        self.tell(number, SessionEvent::Disconnected { by_server: false, silent: false });
        self.connect(number);
    }

    /// The library gives the stream up, as nothing comes over it any more, and connects again after a second.
    pub fn fall_silent(&self, number: &Phone) {
        self.disconnect(number, true);
    }

    fn disconnect(&self, number: &Phone, silent: bool) {
        self.tell(number, SessionEvent::Disconnected { by_server: false, silent });
        let (played, number) = (self.clone(), number.clone());
        tokio::spawn(async move {
            sleep(Duration::from_secs(1)).await;
            while played.server().unreachable {
                sleep(Duration::from_secs(1)).await;
            }
            played.connect(&number);
        });
    }

    /// A receipt comes; gives what hears that it was taken.
    pub fn receipt(&self, number: &Phone, ids: &[String], kind: ReceiptKind) -> oneshot::Receiver<()> {
        let from = "5511911112222@s.whatsapp.net".parse().unwrap();
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let (handover, taken) = Handover::awaited();
        let message_ids = ids.to_vec();
        self.tell(number, SessionEvent::Receipt { message_ids, kind, from, device: 0, at, handover });
        taken
    }
}

impl Played {
    /// A session over a state: connected if WhatsApp knows its device, logged out if it no longer does, else with a QR.
    fn open(
        &self,
        owner: StateOwner,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Box<dyn Connection> {
        let (told, mut queued) = mpsc::unbounded_channel();
        let own = Stream { events: told, connections: Arc::default() };
        {
            let mut server = self.server();
            server.starts += 1;
            server.sessions.insert(owner.clone(), own.clone());
            server.states.insert(owner.clone(), state.clone());
        }
        tokio::spawn(async move {
            while let Some(event) = queued.recv().await {
                if events.send(event).await.is_err() {
                    return;
                }
            }
        });
        let (played, session, name) = (self.clone(), own.clone(), owner.clone());
        tokio::spawn(async move {
            let time = Duration::from_millis(50) + played.server().login_time;
            sleep(time).await;
            while played.server().unreachable {
                sleep(Duration::from_millis(500)).await;
            }
            let stored = state.get(&device()).await.ok().flatten();
            let known = {
                let server = played.server();
                let paired = matches!(&name, StateOwner::Number(number) if server.paired.contains(number));
                paired || stored.as_ref().is_some_and(|device| server.devices.contains(device))
            };
            let refusal = played.server().login_refusals.pop_front();
            let event = if let Some(code) = refusal {
                session.tell(SessionEvent::Refused { code });
                SessionEvent::Ended
            } else if known {
                played.server().logins.push(Instant::now());
                return session.connect();
            } else if stored.is_some() {
                session.tell(SessionEvent::LoggedOut { reason: LogOutReason::Unlinked });
                SessionEvent::Ended
            } else {
                let expires_in = Duration::from_secs(60);
                SessionEvent::Qr { code: QrCode::new("2@code".to_owned()), expires_in }
            };
            session.tell(event);
        });
        Box::new(PlayedConnection { played: self.clone(), owner, own })
    }
}

#[async_trait]
impl Asks for Played {
    async fn ask(&self, question: Question) -> Answer {
        let time = {
            let mut server = self.server();
            server.asked.push(question);
            server.under_way += 1;
            server.most_under_way = server.most_under_way.max(server.under_way);
            server.answer_time
        };
        sleep(time).await;
        let answer = {
            let mut server = self.server();
            server.under_way -= 1;
            server.answers.pop_front()
        };
        match answer {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

#[async_trait]
impl WhatsApp for Played {
    async fn start(
        &self,
        number: Phone,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Box<dyn Connection>, EngineError> {
        Ok(self.open((&number).into(), state, events))
    }

    async fn pair(
        &self,
        pairing: PairingId,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Box<dyn Connection>, EngineError> {
        Ok(self.open(pairing.into(), state, events))
    }
}
