//! What a phone writes in a group: one envelope with its sender key for all, and the key itself for each device that
//! does not have it.

use buffa::{Message as _, MessageField};
use wacore::send::{media_type_from_message, stanza_type_from_message};
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};
use waproto::whatsapp::{self as wa, message as wm};

use super::relay;
use crate::SimulatorError;
use crate::account::{DeviceRef, Stored};
use crate::content::Content;
use crate::faults::Verdict;
use crate::phone::padded;
use crate::phone_send::{Readable, Sent, edit_mark, envelope, new_id, phone};
use crate::stanza::{attr, jid_attr};
use crate::world::World;

/// Sends a message of any kind as this number's phone to a group. Answers the message id.
pub(crate) fn send(
    world: &mut World,
    number: &str,
    group: &str,
    message: wa::Message,
    readable: Readable,
) -> Result<String, SimulatorError> {
    let jid = world.group_at(group)?.jid();
    relay::admission(world, number, &jid, "").map_err(|code| {
        SimulatorError::Invalid(format!("the group refuses what this number writes: {code}"))
    })?;
    let id = new_id();
    let key = world.account_mut(number)?.phone.sender_keys.own(group, number)?;
    let distribution = padded(&key_message(group, &key, wa::Message::default()));
    let devices = world.devices_in(world.group_at(group)?);
    let mut envelopes = Vec::new();
    for target in devices.into_iter().filter(|target| *target != phone(number)) {
        let keys = &mut world.account_mut(number)?.phone.sender_keys;
        if keys.tell(group, &target.number, target.device) {
            envelopes.extend(envelope(world, number, &target, &distribution));
        }
    }
    let sealed = world.account_mut(number)?.phone.sender_keys.encrypt(group, number, &padded(&message))?;
    let content = Content::of(&message);
    let sent = Sent {
        to: group.to_owned(),
        kind: content.kind.to_owned(),
        text: content.text,
        message: Stored(message.encode_to_vec()),
        readable,
    };
    let account = world.account_mut(number)?;
    account.phone.sent.insert(id.clone(), sent);
    account.phone.chronicle.wrote(number, group, &id, &message);
    let mut shared = NodeBuilder::new("enc").attr("v", "2").attr("type", "skmsg");
    if let Some(kind) = media_type_from_message(&message) {
        shared = shared.attr("mediatype", kind);
    }
    let mut children = vec![NodeBuilder::new("participants").children(envelopes).build()];
    children.push(shared.bytes(sealed).build());
    if message.poll_creation_message_v3.is_set() {
        children.push(NodeBuilder::new("meta").attr("polltype", "creation").build());
    }
    let stanza = stanza(&jid, &id, &message, children).build();
    let spoilt = world.faults.judge(&phone(number), group) == Verdict::Garble;
    let stanza = if spoilt || readable != Readable::AtOnce { garble_shared(&stanza) } else { stanza };
    relay::fan_out(world, &phone(number), &jid, &stanza);
    Ok(id)
}

/// Sends a message again to the one device that asked, with the key for those that follow.
pub(crate) fn send_again(world: &mut World, number: &str, request: &Node) -> Result<(), SimulatorError> {
    let id = attr(request, "id");
    let (Some(group), Some(asking)) = (jid_attr(request, "from"), jid_attr(request, "participant")) else {
        return Ok(());
    };
    let Some(asking_number) = world.find(&asking) else { return Ok(()) };
    let address = group.to_string();
    let state = &mut world.account_mut(number)?.phone;
    let Some(sent) = state.sent.get(&id).filter(|sent| sent.to == address).cloned() else { return Ok(()) };
    if sent.readable == Readable::Never {
        return Ok(());
    }
    state.signal.forget_session(&asking_number, asking.device);
    let key = state.sender_keys.own(&address, number)?;
    let message = wa::Message::decode_from_slice(&sent.message.0).map_err(SimulatorError::protocol)?;
    let with_key = key_message(&address, &key, message.clone());
    let target = DeviceRef { number: asking_number, device: asking.device };
    let Some(envelope) = envelope(world, number, &target, &padded(&with_key)) else { return Ok(()) };
    let again = stanza(&group, &id, &message, crate::stanza::children(&envelope).to_vec());
    relay::fan_out(world, &phone(number), &group, &again.attr("participant", asking).build());
    Ok(())
}

/// A message that also tells the writer's sender key.
fn key_message(group: &str, key: &[u8], message: wa::Message) -> wa::Message {
    wa::Message {
        sender_key_distribution_message: MessageField::some(wm::SenderKeyDistributionMessage {
            group_id: Some(group.to_owned()),
            axolotl_sender_key_distribution_message: Some(key.to_vec()),
        }),
        ..message
    }
}

fn stanza(to: &Jid, id: &str, message: &wa::Message, children: Vec<Node>) -> NodeBuilder {
    let mut stanza = NodeBuilder::new("message")
        .attr("to", to.clone())
        .attr("id", id.to_owned())
        .attr("type", stanza_type_from_message(message));
    if let Some(edit) = edit_mark(message) {
        stanza = stanza.attr("edit", edit);
    }
    stanza.children(children)
}

/// The stanza with the shared envelope spoilt; the keys go through, as they do when only a message is.
fn garble_shared(stanza: &Node) -> Node {
    let mut stanza = stanza.clone();
    if let Some(wacore_binary::NodeContent::Nodes(children)) = &mut stanza.content {
        for child in children.iter_mut().filter(|child| child.tag == "enc") {
            *child = crate::relay::garble(child);
        }
    }
    stanza
}
