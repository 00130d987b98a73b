//! The history that a phone sends to a new companion: its chats in chunks, each a file on the media server, as
//! WhatsApp's own app sends them.

mod chunks;
mod conversation;
pub(crate) mod on_demand;
mod recipe;
mod send;
mod zlib;

pub(crate) use chunks::Chats;
pub(crate) use recipe::Recipe;
pub(crate) use send::{inline, send};
