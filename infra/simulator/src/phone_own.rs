//! What an account's companions tell its phone: what they have sent and read, and which keys they lack.

use wacore_binary::{Jid, Node};
use waproto::whatsapp::{self as wa, message::protocol_message::Type};

use crate::SimulatorError;
use crate::account::DeviceRef;
use crate::stanza::{attr, jid_attr};
use crate::told;
use crate::world::World;
use crate::{phone_greet, phone_receipts};

/// Remembers what a companion of the account has sent, and gives it the keys that it asks for.
pub(crate) fn sent(
    world: &mut World,
    number: &str,
    stanza: &Node,
    message: &wa::Message,
) -> Result<(), SimulatorError> {
    let asks_for_keys = told::protocol(message)
        .is_some_and(|protocol| protocol.r#type == Some(Type::APP_STATE_SYNC_KEY_REQUEST));
    if asks_for_keys && let Some(from) = jid_attr(stanza, "from") {
        let device = DeviceRef { number: number.to_owned(), device: from.device };
        return phone_greet::share_keys(world, &device);
    }
    let Some(sent) = message.device_sent_message.as_option() else { return Ok(()) };
    let chat = sent.destination_jid.as_deref().and_then(|chat| chat.parse().ok());
    let (Some(chat), Some(inner)) =
        (chat.or_else(|| jid_attr(stanza, "recipient")), sent.message.as_option())
    else {
        return Ok(());
    };
    let Some(chat) = world.find(&chat) else { return Ok(()) };
    world.account_mut(number)?.phone.chronicle.wrote(number, &chat, &attr(stanza, "id"), inner);
    Ok(())
}

/// A companion has read these messages of a chat, and so the account has.
pub(crate) fn read(world: &mut World, number: &str, chat: &Jid, stanza: &Node) -> Result<(), SimulatorError> {
    let played = attr(stanza, "type").starts_with("played");
    let ids = crate::receipt::receipted(stanza, &attr(stanza, "id"));
    for received in &mut world.account_mut(number)?.phone.received {
        if ids.contains(&received.id) {
            received.read = true;
            received.played |= played;
        }
    }
    phone_receipts::seen(world, number, chat);
    Ok(())
}
