//! What the phone has from before the number was paired, and older messages that it is asked for.
//!
//! A phone sends its history once, in blobs that WhatsApp's media servers keep for some weeks, and is told that a blob
//! has come (by a receipt of type `hist_sync`) *before* the library fetches it; neither of them sends it again. So a blob
//! goes into the number's state as soon as it is there, compressed as it came, and is read from there: one at a time, one chat at
//! a time, in parts of at most [`PART`] messages, each of which is accepted by the owner before the next one is made.
//! It is deleted when its last part was accepted. So what can be lost is a blob that was announced and not yet fetched, and nothing
//! after that: a session that ends in between reads it again from its beginning, also under another owner, or as another
//! number's, to which the state of a pairing went.
//!
//! Statuses are left out: they are gone after a day. What the phone was asked for is not kept: whoever asked asks again.

mod arrivals;
mod contact;
mod conversation;
mod intake;
mod message;
mod part;
mod reader;
#[cfg(test)]
mod tests;

pub(crate) use arrivals::Arrivals;
pub(crate) use intake::{Blob, Keeper};

/// How many messages, chats or people are handed over at once.
pub(crate) const PART: usize = 100;
