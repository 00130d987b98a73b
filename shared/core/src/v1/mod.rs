//! What V1's clients read: chats, messages, people, groups and states as V1 writes them in JSON. Pure rendering; the types keep
//! the contract's order of fields. What is not known is `null`, never left out, since old clients read it without looking.
//!
//! Where the contract is silent, the shapes are those that clients of WhatsApp's web page have in common: an `id` of a chat or a
//! person is an object of `server`, `user` and `_serialized`; in a message every address is a text. A `body` is always text:
//!
//! | type | `body` |
//! |---|---|
//! | `chat` | the text |
//! | `image`, `video`, `ptt`, `audio`, `document`, `sticker` | the caption, else empty. Old systems put a thumbnail there, in Base64; we keep none. |
//! | `location` | `latitude,longitude` in degrees; name and address are the `caption`, a line each |
//! | `vcard`, `multi_vcard` | the vCards, one after another |
//! | `poll_creation` | the question and its options, a line each |
//! | `reaction` | the emoji, empty when it was taken back; `quotedMsg.id` is the message that it is about |
//! | `revoked`, `ciphertext`, `unknown` | empty |

mod chat;
mod contact;
mod cursor;
mod event;
mod group;
mod id;
mod me;
mod message;
mod people;
mod picture;
mod state;
#[cfg(test)]
mod tests;
mod validation;

pub use chat::Chat;
pub use contact::{Contact, Thumb};
pub use cursor::{InvalidListCursor, ListCursorKey, ListCursorKeys, ListName};
pub use event::{logged_out, message as message_event, qrcode, signal, state as state_event, syncing};
pub use group::{GroupMetadata, Member};
pub use id::Id;
pub use me::{Known, Me, Phone};
pub use message::{Message, Quoted};
pub use people::People;
pub use picture::Picture;
pub use state::{Signal, State};
pub use validation::Validation;
