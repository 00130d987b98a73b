//! The domain of Carteiro: phone numbers, tenants, numbers, one-time passwords, sends and their state machine, commands,
//! leases, errors, and the use cases over them. Pure: it does no I/O, names no AWS service and reads no clock; what it needs
//! from the outside are the traits in [`ports`].

pub mod audit;
pub mod bulk;
pub mod chat;
pub mod command;
pub mod error;
pub mod front;
pub mod identity;
pub mod ids;
pub mod lease;
pub mod mac;
pub mod mail;
pub mod media;
pub mod number;
pub mod object;
pub mod otp;
pub mod pacing;
pub mod password;
pub mod phone;
pub mod place;
pub mod plan;
pub mod ports;
pub mod privacy;
pub mod query;
pub mod rate;
pub mod report;
pub mod retention;
pub mod scope;
pub mod send;
pub mod session;
pub mod settings;
pub mod shard;
pub mod signing_key;
pub mod sms;
pub mod source;
#[cfg(any(test, feature = "test-support"))]
pub mod testing;
pub mod token;
pub mod usecase;
pub mod user;
pub mod v1;
pub mod webhook;
