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
mod bulk;
mod contact;
mod cors;
mod curls;
mod delivered;
mod documentation;
mod events;
mod files;
mod fleet;
mod fleet_crashes;
mod fleet_cuts;
mod fleet_deployment;
mod fleet_pair;
mod front;
mod limits;
mod media;
mod multipart;
mod named;
mod numbers;
mod operator;
mod outages;
mod pace;
mod pages;
mod privacy;
mod recorder;
mod reports;
mod restart;
mod samples;
mod secrets;
mod sends;
mod stacks;
mod states;
mod tenant;
mod tokens;
mod traces;
mod until;
mod update;
mod v1;
mod v1_failed;
mod v1_groups;
mod v1_live;
mod v1_offline;
mod v1_received;
mod v1_sends;
mod waiting;
mod webhooks;
mod world;
