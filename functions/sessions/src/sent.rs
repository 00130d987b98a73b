//! Messages as they are answered to who sends them, before they are on their way.

use carteiro_core::chat::{Ack, Address, Message, MessageKey, Person};
use carteiro_core::phone::Phone;
use carteiro_core::send::Send;

/// The message that a send to a chat becomes. Its id is the one that it has on WhatsApp; `forwarded` is what a forward sends on.
pub(crate) fn message(
    send: &Send,
    chat: Address,
    forwarded: Option<&Message>,
    push_name: Option<&str>,
) -> Message {
    Message {
        key: MessageKey::ours(chat.clone(), send.id.message_id()),
        at: send.queued_at,
        author: Person::from(Address::of_phone(&send.from)),
        push_name: push_name.map(str::to_owned),
        with: chat.is_person().then(|| Person::from(chat)),
        ack: Ack::Pending,
        body: send.content.body(forwarded.map(|message| &message.body)),
        quoted: None,
        forwarded: forwarded.is_some(),
        edited_at: None,
    }
}

/// The number itself, for looking up what it is called.
pub(crate) fn own(number: &Phone) -> Address {
    Address::of_phone(number)
}
