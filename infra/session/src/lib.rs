//! The session task: it leases shards, holds the WhatsApp connections of their numbers, and sends what the shards' queues
//! say.
//!
//! [`task`] runs the leases ([`lease_loop`]); each owned shard is a [`shard_loop`] that receives commands, holds them
//! ([`held`]) and hands them to one [`actor`] for each number, or to the [`pairing_room`] of a number that is not known yet.
//! The ports come from the outside ([`shared`]), so the whole runs in tests over memory and a played WhatsApp ([`whatsapp`]).
//!
//! # Every message once, in order
//! The send's id is the message's id, so writing a message again is safe: the recipient's client shows it once. A command is
//! deleted only after its send's outcome is stored; a parked send is taken from the list only then. Whatever is not finished
//! when the process dies comes again, in order, with the queue or from the list, to whoever owns the shard next.
//!
//! # Operations
//! [`health`] says what is wrong, [`health_check`] tells it, [`metrics`] what there is to count, and [`protection`] keeps the task from being ended while
//! somebody pairs a number.

pub mod actor;
mod backoff;
pub mod config;
pub mod ecs_agent;
pub mod fence;
pub mod gate;
pub mod health;
pub mod health_check;
pub mod held;
mod herald;
pub mod lease_loop;
pub mod metrics;
pub mod pairing_room;
mod plain_http;
pub mod protection;
mod receiving;
pub mod shard_loop;
pub mod shared;
pub mod shutdown;
pub mod stored_file;
pub mod task;
pub mod trial_clock;
#[cfg(feature = "simulator")]
pub mod trial_trouble;
pub mod whatsapp;
