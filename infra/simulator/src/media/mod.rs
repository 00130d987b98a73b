//! Media: the server that stores what clients upload and serves what they download, over TLS on loopback. It holds
//! ciphertext only, as WhatsApp's does.

mod answer;
mod authority;
mod body;
mod grants;
mod listener;
mod receive;
mod server;
mod store;

pub(crate) use authority::Authority;
pub(crate) use body::{Pace, streamed};
pub(crate) use grants::{Grants, connection};
pub(crate) use server::serve;
pub(crate) use store::{Partial, Store, Stored};
