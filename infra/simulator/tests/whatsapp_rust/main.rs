//! The simulator under a real client: whatsapp-rust, with its own handshake, stores and Signal sessions.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it is skipped"
)]

mod admin;
mod app_state;
mod baileys;
mod client;
mod client_writes;
mod codes;
mod devices;
mod faults;
mod group_changes;
mod group_devices;
mod groups;
mod history;
mod lids;
mod media;
mod messages;
mod on_demand;
mod overlaps;
mod own_reads;
mod pairing;
mod profiles;
mod receipts;
mod received_media;
mod restart;
mod restrictions;
mod usync;
mod written;
