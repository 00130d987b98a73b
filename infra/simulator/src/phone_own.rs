//! What a phone has to do with its account's companions: it remembers what they send and read, and answers what they ask
//! of it.

use wacore_binary::{Jid, Node};
use waproto::whatsapp::{self as wa, message::protocol_message::Type};

use crate::SimulatorError;
use crate::account::DeviceRef;
use crate::history::on_demand;
use crate::stanza::{attr, jid_attr};
use crate::world::World;
use crate::{phone_greet, phone_receipts, told};

/// Remembers what a companion has sent, and gives it the keys and the older messages that it asks for.
pub(crate) fn sent(
    world: &mut World,
    number: &str,
    stanza: &Node,
    message: &wa::Message,
) -> Result<(), SimulatorError> {
    if let (Some(protocol), Some(from)) = (told::protocol(message), jid_attr(stanza, "from")) {
        let device = DeviceRef { number: number.to_owned(), device: from.device };
        let asked = protocol.peer_data_operation_request_message.as_option();
        let older = asked.and_then(|asked| asked.history_sync_on_demand_request.as_option());
        match (protocol.r#type, older) {
            (Some(Type::APP_STATE_SYNC_KEY_REQUEST), _) => return phone_greet::share_keys(world, &device),
            (_, Some(older)) => return on_demand::answer(world, &device, &attr(stanza, "id"), older),
            _ => {}
        }
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
