//! What WhatsApp tells, on its way to the owner.

mod hook;
mod message;
mod people;

pub(crate) use hook::HandOver;
pub(crate) use message::updates;
pub(crate) use people::People;
