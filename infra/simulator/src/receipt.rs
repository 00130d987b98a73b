//! Receipts on their way back: what they confirm leaves the reader's queue, and the sender's devices get them.

use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, JidExt as _, Node};

use crate::account::DeviceRef;
use crate::stanza::{attr, children, jid_attr, now};
use crate::world::World;
use crate::{group, media_retry};

/// Relays a receipt from a device (a client, or a phone that the simulator plays) to the message's sender.
pub(crate) fn relay(world: &mut World, from: &DeviceRef, stanza: &Node) {
    let id = attr(stanza, "id");
    for id in receipted(stanza, &id) {
        world.confirm(from, "message", &id, "");
    }
    let Some(to) = jid_attr(stanza, "to") else { return };
    let kind = attr(stanza, "type");
    if kind == "server-error" {
        return media_retry::asked(world, from, stanza);
    }
    tell_own(world, from, &to, stanza);
    if kind.ends_with("-self") {
        return;
    }
    if to.is_group() {
        return group::receipt::relay(world, from, &to, stanza);
    }
    let Some(number) = world.find(&to) else { return };
    let Ok(account) = world.account(&from.number) else { return };
    let reader = if to.is_lid() { account.lid(from.device) } else { account.pn(from.device) };
    let mut receipt =
        NodeBuilder::new("receipt").attr("from", reader).attr("id", id.clone()).attr("t", now().to_string());
    // "inactive" tells the server that nobody looks at the device; for the sender it is a delivery.
    if !kind.is_empty() && kind != "inactive" {
        receipt = receipt.attr("type", kind.clone());
    }
    if let Some(content) = stanza.children() {
        receipt = receipt.children(content.to_vec());
    }
    let receipt = receipt.build();
    let Some(sender) = world.accounts.get(&number) else { return };
    // What a device tells another of its own account is for that one alone.
    let one = to.device != 0 || kind == "retry" || number == from.number;
    let targets = if one { vec![to.device] } else { sender.reachable() };
    for device in targets {
        world.deliver(&DeviceRef { number: number.clone(), device }, "receipt", &id, &receipt);
    }
}

/// What one device of an account has read, its others know too.
fn tell_own(world: &mut World, from: &DeviceRef, chat: &Jid, stanza: &Node) {
    let (id, kind) = (attr(stanza, "id"), attr(stanza, "type"));
    if !matches!(kind.as_str(), "read" | "read-self" | "played" | "played-self") {
        return;
    }
    let Ok(account) = world.account(&from.number) else { return };
    let mut receipt = NodeBuilder::new("receipt");
    receipt = match world.group(chat) {
        Some(group) => {
            receipt.attr("from", chat.clone()).attr("participant", group.address(account, from.device))
        }
        None => {
            let by_lid = chat.is_lid();
            let reader = if by_lid { account.lid(from.device) } else { account.pn(from.device) };
            receipt.attr("from", reader).attr("recipient", chat.to_non_ad())
        }
    };
    receipt = receipt.attr("id", id.clone()).attr("type", kind).attr("t", now().to_string());
    if let Some(content) = stanza.children() {
        receipt = receipt.children(content.to_vec());
    }
    let receipt = receipt.build();
    let devices = world.accounts.get(&from.number).map(|account| account.reachable()).unwrap_or_default();
    for device in devices.into_iter().filter(|device| *device != from.device) {
        world.deliver(&DeviceRef { number: from.number.clone(), device }, "receipt", &id, &receipt);
    }
}

/// What tells receipts for one message apart: the type, and in a group the reader.
pub(crate) fn receipt_kind(stanza: &Node) -> String {
    format!("{} {}", attr(stanza, "type"), attr(stanza, "participant"))
}

/// All the ids in a receipt: its own and those in its list.
pub(crate) fn receipted(stanza: &Node, id: &str) -> Vec<String> {
    let listed = stanza.get_optional_child("list").map(children).unwrap_or_default();
    std::iter::once(id.to_owned()).chain(listed.iter().map(|item| attr(item, "id"))).collect()
}
