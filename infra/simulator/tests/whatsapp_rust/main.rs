//! The simulator under a real client: whatsapp-rust, with its own handshake, stores and Signal sessions.

mod admin;
mod client;
mod faults;
mod messages;
mod pairing;
mod restart;
mod usync;
