//! What WhatsApp tells, on its way to the owner.

pub(crate) mod body;
mod catching_up;
mod change;
mod group;
mod groups;
mod hook;
mod interpreter;
mod key;
mod message;
mod people;
mod secrets;
#[cfg(test)]
mod tests;
mod told;

pub(crate) use catching_up::announces;
pub(crate) use change::may_tell_of_reading;
pub(crate) use groups::{all as groups_of, described};
pub(crate) use hook::HandOver;
pub(crate) use interpreter::Interpreter;
pub(crate) use key::named;
pub(crate) use message::{edited, update};
pub(crate) use people::{People, address_of};
pub(crate) use secrets::Secrets;
pub(crate) use told::Told;
