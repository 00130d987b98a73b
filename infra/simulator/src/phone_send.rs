//! What a phone sends: texts, requests for a message it could not decrypt, and answers to such requests.

use buffa::MessageField;
use serde::{Deserialize, Serialize};
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp::{self as wa, message as wm};

use crate::SimulatorError;
use crate::account::DeviceRef;
use crate::faults::Verdict;
use crate::phone::padded;
use crate::prekeys::take_bundle;
use crate::stanza::{attr, jid_attr, leaf, three_bytes};
use crate::world::World;
use crate::{receipt as receipts, relay};

/// A text that a phone has sent.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SentText {
    /// The recipient's number.
    pub(crate) to: String,
    pub(crate) text: String,
}

/// Sends a text as this number's phone. Answers the message id.
pub(crate) fn text(world: &mut World, number: &str, to: &str, text: &str) -> Result<String, SimulatorError> {
    world.account(number)?;
    let recipient = world
        .find_number(to)
        .ok_or_else(|| SimulatorError::NotFound("the recipient is not on WhatsApp".to_owned()))?;
    let id = new_id();
    let message = wa::Message { conversation: Some(text.to_owned()), ..Default::default() };
    let chat = world.account(&recipient)?.lid(0);
    let mut envelopes = Vec::new();
    for device in world.account(&recipient)?.reachable() {
        let target = DeviceRef { number: recipient.clone(), device };
        envelopes.extend(envelope(world, number, &target, &padded(&message)));
    }
    if recipient != number {
        let copy = wa::Message {
            device_sent_message: MessageField::some(wm::DeviceSentMessage {
                destination_jid: Some(chat.to_string()),
                message: MessageField::some(message),
                ..Default::default()
            }),
            ..Default::default()
        };
        for device in world.account(number)?.reachable().into_iter().skip(1) {
            let target = DeviceRef { number: number.to_owned(), device };
            envelopes.extend(envelope(world, number, &target, &padded(&copy)));
        }
    }
    let sent = SentText { to: recipient, text: text.to_owned() };
    world.account_mut(number)?.phone.sent.insert(id.clone(), sent);
    let stanza = NodeBuilder::new("message")
        .attr("to", chat.clone())
        .attr("id", id.clone())
        .attr("type", "text")
        .children([NodeBuilder::new("participants").children(envelopes).build()])
        .build();
    // Of the faults, a phone knows the one that spoils what it sends.
    let recipient = world.find(&chat).unwrap_or_default();
    let stanza = match world.faults.judge(&phone(number), &recipient) {
        Verdict::Garble => relay::garble(&stanza),
        _ => stanza,
    };
    relay::fan_out(world, &phone(number), &chat, &stanza);
    Ok(id)
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
    let request = NodeBuilder::new("receipt")
        .attr("to", from)
        .attr("id", id)
        .attr("type", "retry")
        .children([retry, leaf("registration", registration), keys.build()])
        .build();
    receipts::relay(world, &phone(number), &request);
    Ok(())
}

/// Sends a text again to the one device that could not decrypt it, on a new session.
pub(crate) fn send_again(world: &mut World, number: &str, stanza: &Node) -> Result<(), SimulatorError> {
    let id = attr(stanza, "id");
    let Some(from) = jid_attr(stanza, "from") else { return Ok(()) };
    let Some(asking) = world.find(&from) else { return Ok(()) };
    let phone_state = &mut world.account_mut(number)?.phone;
    let Some(sent) = phone_state.sent.get(&id).cloned() else { return Ok(()) };
    phone_state.signal.forget_session(&asking, from.device);
    let message = wa::Message { conversation: Some(sent.text), ..Default::default() };
    let target = DeviceRef { number: asking, device: from.device };
    let envelopes: Vec<Node> = envelope(world, number, &target, &padded(&message)).into_iter().collect();
    let stanza = NodeBuilder::new("message")
        .attr("to", from.to_non_ad())
        .attr("id", id)
        .attr("type", "text")
        .children([NodeBuilder::new("participants").children(envelopes).build()])
        .build();
    relay::fan_out(world, &phone(number), &from.to_non_ad(), &stanza);
    Ok(())
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
    let jid = if target.number == number { account.pn(target.device) } else { account.lid(target.device) };
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
