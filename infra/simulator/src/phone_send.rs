//! What a phone sends: messages, requests for a message it could not decrypt, and answers to such requests.

use buffa::{Message as _, MessageField};
use serde::{Deserialize, Serialize};
use wacore::send::{media_type_from_message, stanza_type_from_message};
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, JidExt as _, Node, NodeContent};
use waproto::whatsapp::{self as wa, message as wm};

use crate::SimulatorError;
use crate::account::{DeviceRef, Stored};
use crate::content::Content;
use crate::faults::Verdict;
use crate::phone::padded;
use crate::prekeys::take_bundle;
use crate::stanza::{attr, jid_attr, leaf, three_bytes};
use crate::world::World;
use crate::{group, receipt as receipts, relay};

/// A message that a phone has sent.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The recipient's number.
    pub(crate) to: String,
    /// As in [`Content`].
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    /// As it was encoded, for requests to send again.
    pub(crate) message: Stored,
    pub(crate) readable: Readable,
}

/// Whether those who get a message can decrypt it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Readable {
    #[default]
    AtOnce,
    /// Once they have asked for it again.
    Later,
    /// Never: requests to send it again find nobody.
    Never,
}

/// Sends a message of any kind as this number's phone: to the recipient's devices, and to the number's own companions
/// as what their account has sent. Answers the message id.
pub(crate) fn send(
    world: &mut World,
    number: &str,
    to: &str,
    message: wa::Message,
    readable: Readable,
) -> Result<String, SimulatorError> {
    world.account(number)?;
    let recipient = world
        .find_number(to)
        .ok_or_else(|| SimulatorError::NotFound("the recipient is not on WhatsApp".to_owned()))?;
    let id = new_id();
    let chat = world.chat_address(number, &recipient)?;
    let mut envelopes = Vec::new();
    for device in world.account(&recipient)?.reachable() {
        let target = DeviceRef { number: recipient.clone(), device };
        envelopes.extend(envelope(world, number, &target, &padded(&message)));
    }
    if recipient != number {
        let copy = own_copy(&chat, message.clone());
        for device in world.account(number)?.reachable().into_iter().skip(1) {
            let target = DeviceRef { number: number.to_owned(), device };
            envelopes.extend(envelope(world, number, &target, &padded(&copy)));
        }
    }
    let content = Content::of(&message);
    let sent = Sent {
        to: recipient.clone(),
        kind: content.kind.to_owned(),
        text: content.text,
        message: Stored(message.encode_to_vec()),
        readable,
    };
    let account = world.account_mut(number)?;
    account.phone.sent.insert(id.clone(), sent);
    account.phone.chronicle.wrote(number, &recipient, &id, &message);
    let stanza = stanza(&chat, &id, &message, envelopes);
    // Of the faults, a phone knows the one that spoils what it sends.
    let spoilt = world.faults.judge(&phone(number), &recipient) == Verdict::Garble;
    let stanza = if spoilt || readable != Readable::AtOnce { relay::garble(&stanza) } else { stanza };
    relay::fan_out(world, &phone(number), &chat, &stanza);
    Ok(id)
}

/// The stanza of a message, with what the server may know of it: its kind, and whether it changes another.
fn stanza(to: &Jid, id: &str, message: &wa::Message, mut envelopes: Vec<Node>) -> Node {
    if let Some(kind) = media_type_from_message(message) {
        for envelope in &mut envelopes {
            if let Some(NodeContent::Nodes(parts)) = &mut envelope.content {
                parts.iter_mut().for_each(|part| part.attrs.insert("mediatype", kind));
            }
        }
    }
    let mut children = vec![NodeBuilder::new("participants").children(envelopes).build()];
    if message.poll_creation_message_v3.is_set() {
        children.push(NodeBuilder::new("meta").attr("polltype", "creation").build());
    }
    let mut stanza = NodeBuilder::new("message")
        .attr("to", to.clone())
        .attr("id", id.to_owned())
        .attr("type", stanza_type_from_message(message));
    if let Some(edit) = edit_mark(message) {
        stanza = stanza.attr("edit", edit);
    }
    stanza.children(children).build()
}

/// The stanza's `edit`, of a message that changes another one of the same sender.
pub(crate) fn edit_mark(message: &wa::Message) -> Option<&'static str> {
    use wm::protocol_message::Type;
    if let Some(reaction) = message.reaction_message.as_option() {
        return reaction.text.as_ref().is_some_and(|text| text.is_empty()).then_some("7");
    }
    match message.protocol_message.as_option()?.r#type {
        Some(Type::MESSAGE_EDIT) => Some("1"),
        Some(Type::REVOKE) => Some("7"),
        _ => None,
    }
}

/// Asks the sender of a message that could not be decrypted to send it again, with keys for a new session.
pub(crate) fn ask_again(world: &mut World, number: &str, stanza: &Node) -> Result<(), SimulatorError> {
    let Some(from) = jid_attr(stanza, "from") else { return Ok(()) };
    let id = attr(stanza, "id");
    let signal = &mut world.account_mut(number)?.phone.signal;
    let registration = signal.registration_id().to_be_bytes();
    let (public, signature) = signal.signed_pre_key();
    let (key_id, key) = signal.new_pre_key();
    let signed = [
        leaf("id", three_bytes(crate::signal::SIGNED_PRE_KEY)),
        leaf("value", public),
        leaf("signature", signature),
    ];
    let keys = NodeBuilder::new("keys").children([
        leaf("type", [5]),
        leaf("identity", signal.identity().public()),
        NodeBuilder::new("key").children([leaf("id", three_bytes(key_id)), leaf("value", key)]).build(),
        NodeBuilder::new("skey").children(signed).build(),
    ]);
    let retry = NodeBuilder::new("retry")
        .attr("count", "1")
        .attr("id", id.clone())
        .attr("t", attr(stanza, "t"))
        .attr("v", "1")
        .build();
    let mut request = NodeBuilder::new("receipt").attr("to", from).attr("id", id).attr("type", "retry");
    if let Some(author) = jid_attr(stanza, "participant") {
        request = request.attr("participant", author);
    }
    let request = request.children([retry, leaf("registration", registration), keys.build()]).build();
    receipts::relay(world, &phone(number), &request);
    Ok(())
}

/// Sends a message again to the one device that could not decrypt it, on a new session.
pub(crate) fn send_again(world: &mut World, number: &str, request: &Node) -> Result<(), SimulatorError> {
    let id = attr(request, "id");
    let Some(from) = jid_attr(request, "from") else { return Ok(()) };
    if from.is_group() {
        return group::write::send_again(world, number, request);
    }
    let Some(asking) = world.find(&from) else { return Ok(()) };
    let phone_state = &mut world.account_mut(number)?.phone;
    let Some(sent) = phone_state.sent.get(&id).cloned() else { return Ok(()) };
    if sent.readable == Readable::Never {
        return Ok(());
    }
    phone_state.signal.forget_session(&asking, from.device);
    let mut message = wa::Message::decode_from_slice(&sent.message.0).map_err(SimulatorError::protocol)?;
    let mut chat = from.to_non_ad();
    if asking == number {
        chat = world.chat_address(number, &sent.to)?;
        message = own_copy(&chat, message);
    }
    let target = DeviceRef { number: asking, device: from.device };
    let envelopes: Vec<Node> = envelope(world, number, &target, &padded(&message)).into_iter().collect();
    let again = stanza(&chat, &id, &message, envelopes);
    relay::fan_out(world, &phone(number), &chat, &again);
    Ok(())
}

/// What the account's own companions get of a message that it sends.
fn own_copy(chat: &Jid, message: wa::Message) -> wa::Message {
    wa::Message {
        message_context_info: message.message_context_info.clone(),
        device_sent_message: MessageField::some(wm::DeviceSentMessage {
            destination_jid: Some(chat.to_string()),
            message: MessageField::some(message),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The envelope for one device, on the session with it or on a new one. A device without keys gets none.
pub(crate) fn envelope(
    world: &mut World,
    number: &str,
    target: &DeviceRef,
    plaintext: &[u8],
) -> Option<Node> {
    let sealed = seal(world, number, target, plaintext);
    let (kind, bytes) = match sealed {
        Ok(sealed) => sealed,
        Err(error) => {
            tracing::debug!(%error, "no envelope for a device");
            return None;
        }
    };
    let account = world.account(&target.number).ok()?;
    let own = target.number == number;
    let jid = if own { account.pn(target.device) } else { account.chat_address(target.device) };
    let enc = NodeBuilder::new("enc").attr("v", "2").attr("type", kind).bytes(bytes).build();
    Some(NodeBuilder::new("to").attr("jid", jid).children([enc]).build())
}

fn seal(
    world: &mut World,
    number: &str,
    target: &DeviceRef,
    plaintext: &[u8],
) -> Result<(&'static str, Vec<u8>), SimulatorError> {
    let DeviceRef { number: peer, device } = target;
    if !world.account(number)?.phone.signal.has_session(peer, *device) {
        let bundle = take_bundle(world, target)
            .ok_or_else(|| SimulatorError::NotFound("the device has no keys".to_owned()))?
            .for_session(*device)?;
        world.account_mut(number)?.phone.signal.start_session(peer, *device, &bundle)?;
    }
    world.account_mut(number)?.phone.signal.encrypt(peer, *device, plaintext)
}

pub(crate) fn phone(number: &str) -> DeviceRef {
    DeviceRef { number: number.to_owned(), device: 0 }
}

/// A message id as phones make them.
pub(crate) fn new_id() -> String {
    let random: String = rand::random::<[u8; 15]>().iter().map(|byte| format!("{byte:02X}")).collect();
    format!("3A{random}")
}
