//! Sessions against the project's simulator: `cargo test -p carteiro-engine --features simulator`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

mod changes;
mod desk;
mod files;
mod groups;
mod history;
mod kinds;
mod losing;
mod outgoing;
mod pairing;
mod questions;
mod receipts;
mod receiving;
mod sending;
mod silence;
mod tls;
mod updates;
