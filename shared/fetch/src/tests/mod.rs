//! Fetches from servers of this machine, which a scripted network shows as hosts of the Internet.

mod addresses;
mod bodies;
mod guard;
mod network;
mod origins;
mod posts;
mod redirects;
#[path = "../../tests/support/mod.rs"]
mod support;
mod trust;
mod waits;
mod world;
