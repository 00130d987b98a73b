//! WhatsApp for one number at a time: pairing by QR or by a code to type, sending texts and files, acknowledgements and receipts, and
//! what the number has there: its messages, chats, people and groups, as they come and as the phone has them from before.
//!
//! This is the only crate that names the WhatsApp library (`whatsapp-rust`). [`Engine`] holds what sessions share;
//! [`Engine::start`] starts the [`Session`] of one number over its stored state and tells what happens in
//! [`SessionEvent`]s.
//!
//! # Reconnecting
//! The library reconnects by itself after a lost connection: at once after the restart that follows a pairing, else after
//! 1, 1, 2, 3, 5, … seconds (Fibonacci, at most 15 minutes) with a tenth of jitter, counted anew once a connection has
//! lasted 30 seconds. Sessions of one engine that connect at the same time come one after the other: twenty at once, then fifty in a
//! second, so that thousands do not come back in the same moment. The owner only watches. It never reconnects after [`SessionEvent::Replaced`],
//! [`SessionEvent::LoggedOut`], [`SessionEvent::Banned`], [`SessionEvent::Refused`], [`SessionEvent::Outdated`],
//! [`SessionEvent::Fenced`] or [`SessionEvent::PairingTimedOut`]: then [`SessionEvent::Ended`] follows, always as the last
//! event, and whether to start again is the owner's decision. An owner that starts many sessions spreads the starts.
//!
//! # What survives a crash
//! - Sending: a message key is durable before the message is on the wire, in reservations of 64 for each recipient, so a key
//!   is never used twice. [`Session::send_text`] takes the message id from the caller; sending it again after a crash under
//!   the same id shows the recipient one message.
//! - Files: what was uploaded and not sent is forgotten, and uploaded again; the media server knows it by its hash and takes
//!   a large one up where the first try ended.
//! - Incoming messages: at least once. WhatsApp is told that a message has arrived only after [`Handover::accept`].
//! - The phone's history: once its blob is fetched, until it was accepted. It is kept in the number's state, and read again from the
//!   beginning of the blob by the next session. WhatsApp is told of a blob's arrival before it is fetched: a crash in between loses it.
//! - Receipts, and what WhatsApp and the number's other devices tell in notifications: at least once. The library answers them by itself,
//!   but nothing goes on the wire before [`Handover::accept`] of all that came earlier; what was not accepted comes again with the
//!   next connection. A session that was started by [`Engine::pair`] stores nothing, and does not wait.
//! - What a group has become is asked for after its change was taken: a crash in between leaves it as it was until the next change.
//! - What the number's other devices do to chats and the address book, where it comes by the app state: at most once. The library stores
//!   how far it has read before the owner has stored what it read. That a contact was taken out of the address book it does not tell.
//! - Acknowledgements: at most once. One that was lost is got again by sending the message again under its id.
//! - A later owner: see [`SessionEvent::Fenced`]. From the moment the store refuses a write, nothing more goes on the wire.
//!
//! # Memory
//! A session is a few tasks and no thread. The library caches, each bounded and smaller here than by its default: the Signal
//! sessions in use, the devices of recent contacts, group members, retry counters, locks by chat. It keeps all LID-to-phone
//! mappings of a number. Events wait in an unbounded queue when the owner does not take them, about 200 bytes each; of history there is
//! one chat and one part of 100 messages at a time. The secrets of the last 1,000 messages are kept for half an hour, to read their
//! edits. A hundred waiting changes are handed over together.
//!
//! # Logs
//! The library logs through `log`, phone numbers and names among it. Do not bridge `log` into the product's logs.

mod address;
mod announced;
mod ask;
mod backend;
mod barrier;
mod certificate;
mod endpoint;
mod engine;
mod error;
mod event;
mod file;
mod handover;
mod history;
mod http;
mod inbound;
mod kept;
mod linked;
mod listener;
#[cfg(any(test, feature = "test-support"))]
mod memory;
mod outbox;
mod outgoing;
mod pace;
mod resolution;
mod session;
mod supervisor;
mod transport;
mod upload;

pub use address::{InvalidAddress, WhatsAppAddress};
pub use announced::ConnectionId;
pub use ask::{Asker, Question};
pub use endpoint::{Endpoint, EndpointError};
pub use engine::{DEFAULT_VERSION, Engine, EngineConfig};
pub use error::{EngineError, QueryError, SendError, UploadError};
pub use event::{LogOutReason, QrCode, ReceiptKind, SessionEvent};
pub use file::{FileSource, OutgoingFile, SourceError, UploadedFile};
pub use handover::Handover;
#[cfg(any(test, feature = "test-support"))]
pub use memory::MemoryStates;
pub use outgoing::Outgoing;
pub use resolution::Resolution;
pub use session::Session;
