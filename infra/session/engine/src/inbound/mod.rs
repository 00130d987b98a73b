//! What WhatsApp tells, on its way to the owner.

mod body;
mod hook;
mod key;
mod message;
mod people;
#[cfg(test)]
mod tests;

pub(crate) use hook::HandOver;
pub(crate) use message::updates;
pub(crate) use people::People;
