//! Group messages on their way: to every device of every member, each with its own envelope if there is one and with
//! the one that all share.

use std::collections::HashMap;

use wacore::messages::MessageUtils;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};

use super::{Addressing, Group};
use crate::account::DeviceRef;
use crate::stanza::{attr, children, jid_attr, now};
use crate::world::World;

/// Whether a number may write in a group, with its members addressed in this way (or none, if it is empty); the ack's error if not.
pub(crate) fn admission(world: &World, number: &str, to: &Jid, addressing: &str) -> Result<String, u16> {
    const NOT_FOUND: u16 = 404;
    const NOT_A_MEMBER: u16 = 403;
    const ADMINS_ONLY: u16 = 420;
    const STALE_ADDRESSING: u16 = 421;
    let group = world.group(to).ok_or(NOT_FOUND)?;
    if !group.members.contains_key(number) {
        return Err(NOT_A_MEMBER);
    }
    if group.announce && !group.is_admin(number) {
        return Err(ADMINS_ONLY);
    }
    if !addressing.is_empty() && addressing != group.addressing.wire() {
        return Err(STALE_ADDRESSING);
    }
    Ok(to.to_string())
}

/// Hands a message to each device that it is for.
pub(crate) fn fan_out(world: &mut World, from: &DeviceRef, to: &Jid, stanza: &Node) {
    let Some(group) = world.group(to).cloned() else { return };
    let Ok(sender) = world.account(&from.number) else { return };
    let author = group.address(sender, from.device);
    let other = group.other_address(sender);
    let device = sender.devices.get(&from.device);
    let notify = device.and_then(|device| device.push_name.clone()).or(sender.name.clone());
    world.stats.relayed += 1;
    let shared: Vec<Node> = stanza.get_children_by_tag("enc").cloned().collect();
    let mut own: HashMap<(String, u16), Vec<Node>> = HashMap::new();
    for listed in stanza.get_optional_child("participants").map(children).unwrap_or_default() {
        let Some(jid) = jid_attr(listed, "jid") else { continue };
        if let Some(number) = world.find(&jid) {
            own.insert((number, jid.device), children(listed).to_vec());
        }
    }
    // What is sent again is for the one device that asked.
    let only = jid_attr(stanza, "participant")
        .and_then(|jid| Some(DeviceRef { number: world.find(&jid)?, device: jid.device }));
    let targets = match only {
        Some(only) => vec![only],
        None => world.devices_in(&group),
    };
    for target in targets.into_iter().filter(|target| target != from) {
        let mut content = own.remove(&(target.number.clone(), target.device)).unwrap_or_default();
        content.extend(shared.iter().cloned());
        if content.iter().any(|part| attr(part, "type") == "pkmsg") {
            content.extend(stanza.get_optional_child("device-identity").cloned());
        }
        content.extend(stanza.get_optional_child("meta").cloned());
        let other_key = match group.addressing {
            Addressing::Lid => "participant_pn",
            Addressing::Pn => "participant_lid",
        };
        let mut message = NodeBuilder::new("message")
            .attr("from", to.clone())
            .attr("participant", author.clone())
            .attr(other_key, other.clone())
            .attr("addressing_mode", group.addressing.wire())
            .attr("id", attr(stanza, "id"))
            .attr("t", now().to_string())
            .attr("type", attr(stanza, "type"));
        if let Some(notify) = &notify {
            message = message.attr("notify", notify.clone());
        }
        let edit = attr(stanza, "edit");
        if !edit.is_empty() {
            message = message.attr("edit", edit);
        }
        let message = message.children(content).build();
        world.deliver(&target, "message", &attr(stanza, "id"), &message);
    }
}

/// The hash over all devices of the group, if the sender had others in mind.
pub(crate) fn drift(world: &World, to: &Jid, stanza: &Node) -> Option<String> {
    let meant = attr(stanza, "phash");
    let hash = devices_hash(world, world.group(to)?)?;
    (!meant.is_empty() && meant != hash).then_some(hash)
}

/// The hash over all devices of a group's members, as senders put it on their messages.
pub(super) fn devices_hash(world: &World, group: &Group) -> Option<String> {
    let devices = world.devices_in(group);
    let addresses = devices
        .iter()
        .filter_map(|target| Some(group.address(world.accounts.get(&target.number)?, target.device)));
    let addresses: Vec<Jid> = addresses.collect();
    MessageUtils::participant_list_hash(&addresses).ok()
}
