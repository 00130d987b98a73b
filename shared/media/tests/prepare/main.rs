//! Files of each kind, as they come and as they go: what the recipient deciphers and is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod damage;
mod documents;
mod films;
mod opened;
mod pictures;
mod refusals;
mod voice_notes;
mod waves;
