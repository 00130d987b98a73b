//! End to end: real HTTP, real queues, the real session binary, and WhatsApp played by the simulator.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says why it is skipped"
)]

mod accounts;
mod aws;
mod bad_input;
mod baileys;
mod contact;
mod cors;
mod numbers;
mod outages;
mod restart;
mod secrets;
mod sends;
mod tenant;
mod until;
mod world;
