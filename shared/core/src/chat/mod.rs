//! What a number has on WhatsApp: its chats, their messages, the people it knows and its groups.

mod ack;
mod address;
mod attachment;
mod body;
#[allow(clippy::module_inception)]
mod chat;
mod contact;
mod group;
mod key;
mod message;
mod person;
mod update;

pub use ack::Ack;
pub use address::{Address, InvalidAddress, Server};
pub use attachment::{Attachment, AttachmentKind, StoredMedia};
pub use body::{Body, Card};
pub use chat::{Chat, Mute};
pub use contact::Contact;
pub use group::{Group, InviteCode, Participant, Rank};
pub use key::{InvalidKey, MessageKey};
pub use message::{Message, Quoted};
pub use person::Person;
pub use update::{ChatChange, ContactChange, Update};
