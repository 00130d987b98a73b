//! Messages on their way: to every device named in the stanza, then the ack to the sender. The faults come in
//! between.

use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, JidExt as _, Node, NodeContent};

use crate::account::DeviceRef;
use crate::faults::Verdict;
use crate::stanza::{attr, children, jid_attr, now};
use crate::stream::{Caller, Out};
use crate::wire_keys::ReusedKey;
use crate::world::World;
use crate::{device_notice, group, login, logout};

/// The ack's error for a message to a number that is not on WhatsApp.
const UNKNOWN_RECIPIENT: u16 = 404;

/// The ack's error for a message that would open a chat, of an account that may not.
const NO_NEW_CHATS: u16 = 463;

/// A message from a paired client: relayed and acknowledged, unless a fault is in force.
pub(crate) fn from_client(world: &mut World, caller: &Caller, from: &DeviceRef, stanza: &Node) {
    let id = attr(stanza, "id");
    let order = world.next_order();
    world.stats.arrivals.entry(id.clone()).or_default().push(order);
    let Some(to) = jid_attr(stanza, "to") else { return };
    if world.wire_keys.note(from, &to, stanza) > 0 {
        tracing::error!(from.number, from.device, "a message key was used twice");
        let reused = ReusedKey { number: from.number.clone(), device: from.device, id: id.clone() };
        world.stats.reused_keys.push(reused);
    }
    let recipient = match destination(world, &from.number, &to, &attr(stanza, "addressing_mode")) {
        Ok(recipient) => recipient,
        Err(code) => return refuse(world, caller, &id, to, code),
    };
    let own = recipient == from.number;
    // What a client tells its own phone (requests for keys, say) is not a message that faults are meant for.
    let verdict = if own { Verdict::Pass } else { world.faults.judge(from, &recipient) };
    if let Verdict::Refuse(code) = verdict {
        return refuse(world, caller, &id, to, code);
    }
    let garbled = (verdict == Verdict::Garble).then(|| garble(stanza));
    let relayed = garbled.as_ref().unwrap_or(stanza);
    fan_out(world, from, &to, relayed);
    if verdict == Verdict::Duplicate {
        fan_out(world, from, &to, relayed);
    }
    let mut ack = NodeBuilder::new("ack")
        .attr("class", "message")
        .attr("id", id)
        .attr("from", to.clone())
        .attr("t", now().to_string());
    let drift = match to.is_group() {
        true => group::relay::drift(world, &to, stanza),
        false => device_notice::drift(world, from, &recipient, stanza),
    };
    if let Some(hash) = drift {
        world.stats.drifted += 1;
        ack = ack.attr("phash", hash);
    }
    let ack = ack.build();
    match verdict {
        Verdict::Pass | Verdict::Duplicate | Verdict::Garble | Verdict::Refuse(_) => {
            caller.outbound.stanza(&ack)
        }
        Verdict::HoldAck => world.faults.hold(&caller.outbound, ack),
        Verdict::Drop => caller.outbound.send(Out::Drop),
        Verdict::Replaced => login::replaced(&caller.outbound),
        Verdict::LoggedOut => logout::unlink(world, from),
    }
}

/// Where a message goes: a number, or a group's address. The ack's error if it may not.
fn destination(world: &World, number: &str, to: &Jid, addressing: &str) -> Result<String, u16> {
    if to.is_group() {
        return group::relay::admission(world, number, to, addressing);
    }
    let recipient = world.find(to).ok_or(UNKNOWN_RECIPIENT)?;
    let barred = recipient != number && is_barred(world, number, &recipient);
    if barred { Err(NO_NEW_CHATS) } else { Ok(recipient) }
}

/// Whether an account that may open no new chats writes to somebody it has not exchanged messages with.
fn is_barred(world: &World, number: &str, recipient: &str) -> bool {
    let account = world.accounts.get(number);
    account.is_some_and(|account| account.restricted && !account.peers.contains(recipient))
}

fn refuse(world: &mut World, caller: &Caller, id: &str, to: Jid, code: u16) {
    world.stats.refused += 1;
    caller.outbound.stanza(
        &NodeBuilder::new("ack")
            .attr("class", "message")
            .attr("id", id)
            .attr("from", to)
            .attr("t", now().to_string())
            .attr("error", code.to_string())
            .build(),
    );
}

/// Hands a message to each of its devices, in the form in which a recipient gets it.
pub(crate) fn fan_out(world: &mut World, from: &DeviceRef, to: &Jid, stanza: &Node) {
    if to.is_group() {
        return group::relay::fan_out(world, from, to, stanza);
    }
    let Ok(sender) = world.account(&from.number) else { return };
    let (pn, lid) = (sender.pn(from.device), sender.lid(from.device));
    let device = sender.devices.get(&from.device);
    let notify = device.and_then(|device| device.push_name.clone()).or(sender.name.clone());
    let peer_number = world.find(to).and_then(|peer| Some(world.accounts.get(&peer)?.pn(0)));
    world.stats.relayed += 1;
    acquaint(world, &from.number, to);
    let id = attr(stanza, "id");
    for (target, mut content) in envelopes(stanza, to) {
        let Some(number) = world.find(&target) else { continue };
        let own = number == from.number;
        if content.iter().any(|part| attr(part, "type") == "pkmsg") {
            content.extend(stanza.get_optional_child("device-identity").cloned());
        }
        content.extend(stanza.get_optional_child("meta").cloned());
        let by_lid = target.is_lid();
        let mut message = NodeBuilder::new("message")
            .attr("from", if by_lid { lid.clone() } else { pn.clone() })
            .attr("id", id.clone())
            .attr("t", now().to_string())
            .attr("type", attr(stanza, "type"));
        if let Some(notify) = &notify {
            message = message.attr("notify", notify.clone());
        }
        message = match (own, by_lid) {
            (true, _) => match peer_number.as_ref().filter(|_| to.is_lid()) {
                Some(peer) => {
                    message.attr("recipient", to.to_non_ad()).attr("peer_recipient_pn", peer.clone())
                }
                None => message.attr("recipient", to.to_non_ad()),
            },
            (false, true) => message.attr("addressing_mode", "lid").attr("sender_pn", pn.to_non_ad()),
            (false, false) => message.attr("addressing_mode", "pn").attr("sender_lid", lid.to_non_ad()),
        };
        for key in ["category", "edit"] {
            let value = attr(stanza, key);
            if !value.is_empty() {
                message = message.attr(key, value);
            }
        }
        let message = message.children(content).build();
        world.deliver(&DeviceRef { number, device: target.device }, "message", &id, &message);
    }
}

/// Notes that two accounts have to do with each other.
fn acquaint(world: &mut World, sender: &str, to: &Jid) {
    let Some(recipient) = world.find(to).filter(|recipient| recipient != sender) else { return };
    for (one, other) in [(sender, recipient.as_str()), (recipient.as_str(), sender)] {
        if let Some(account) = world.accounts.get_mut(one)
            && !account.peers.contains(other)
        {
            account.peers.insert(other.to_owned());
        }
    }
}

/// The same message with its envelopes spoiled: nobody can decrypt them.
pub(crate) fn garble(stanza: &Node) -> Node {
    let mut stanza = stanza.clone();
    spoil(&mut stanza);
    stanza
}

fn spoil(node: &mut Node) {
    let envelope = node.tag == "enc";
    match &mut node.content {
        Some(NodeContent::Bytes(bytes)) if envelope => {
            if let Some(last) = bytes.last_mut() {
                *last ^= 0x55;
            }
        }
        Some(NodeContent::Nodes(nodes)) => nodes.iter_mut().for_each(spoil),
        _ => {}
    }
}

/// The envelopes of a message with the device that each is for: listed, or one for the stanza's own address.
fn envelopes(stanza: &Node, to: &Jid) -> Vec<(Jid, Vec<Node>)> {
    match stanza.get_optional_child("participants") {
        Some(participants) => children(participants)
            .iter()
            .filter_map(|to| Some((jid_attr(to, "jid")?, children(to).to_vec())))
            .collect(),
        None => vec![(to.clone(), stanza.get_children_by_tag("enc").cloned().collect())],
    }
}
