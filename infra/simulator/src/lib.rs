//! A WhatsApp server for tests and for trying Carteiro without a phone. It speaks the real protocol (WebSocket,
//! Noise, binary XML, pairing by QR and by code with ADV identities, pre-keys, usync, message relay with device fan-out,
//! receipts, offline queues), plays phones and contacts itself with real Signal sessions, and is steered by an
//! admin HTTP API, faults included. Media goes over TLS, under an authority of its own, and so may the streams. It listens on loopback only and is
//! never part of a production binary.

mod account;
mod admin;
mod app_state;
mod chronicle;
mod content;
mod device_notice;
mod draft;
mod draft_media;
mod error;
mod fault;
mod faults;
mod frame;
mod group;
mod history;
mod iq;
mod keys;
mod lid;
mod line;
mod link_code;
mod login;
mod logout;
mod media;
mod media_retry;
mod noise;
mod open_media;
mod overlap;
mod pairing;
mod passkey;
mod phone;
mod phone_greet;
mod phone_own;
mod phone_receipts;
mod phone_send;
mod phones;
mod prekeys;
mod presence;
mod profile;
mod receipt;
mod received_media;
mod relay;
mod router;
mod sealed_media;
mod sender_keys;
mod signal;
mod simulator;
mod stanza;
mod state_file;
mod stats;
mod stream;
mod told;
mod usync;
mod wire_keys;
mod world;

pub use account::{AutoReceipts, NinthDigit};
pub use error::SimulatorError;
pub use fault::{Fault, FaultKind};
pub use simulator::{Config, Handle, Simulator};
