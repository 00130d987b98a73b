//! Who writes to an account is told when its list of devices changes, and senders that missed it learn it from the
//! hash in their ack.

use std::collections::BTreeSet;

use wacore::messages::MessageUtils;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};

use crate::account::{Account, DeviceRef};
use crate::pairing::key_index_list;
use crate::stanza::{children, jid_attr, leaf, now};
use crate::world::World;

/// Tells the other devices of the account, and those of everybody it has exchanged messages with, that a device
/// came or went.
pub(crate) fn changed(world: &mut World, number: &str, device: u16, added: bool) {
    let order = world.next_order();
    let Some(account) = world.accounts.get(number) else { return };
    let list = if added { key_index_list(account).unwrap_or_default() } else { Vec::new() };
    let key_index = account.devices.get(&device).map_or(0, |device| device.key_index);
    let mut keys = leaf("key-index-list", list);
    if !added {
        keys.content = None;
    }
    keys.attrs.insert("ts", now().to_string());
    let mut which =
        NodeBuilder::new("device").attr("jid", account.pn(device)).attr("lid", account.lid(device));
    if added {
        which = which.attr("key-index", key_index.to_string());
    }
    let operation = NodeBuilder::new(if added { "add" } else { "remove" }).children([which.build(), keys]);
    let id = format!("devices-{order}");
    let notice = NodeBuilder::new("notification")
        .attr("from", account.pn(0))
        .attr("lid", account.lid(0))
        .attr("type", "devices")
        .attr("id", id.clone())
        .attr("t", now().to_string())
        .children([operation.build()])
        .build();
    let mut told = world.group_mates(number);
    told.extend(account.peers.iter().cloned().chain([number.to_owned()]));
    for peer in told {
        let Some(account) = world.accounts.get(&peer) else { continue };
        for told in account.reachable().into_iter().filter(|id| *id != 0) {
            if peer != number || told != device {
                world.deliver(
                    &DeviceRef { number: peer.clone(), device: told },
                    "notification",
                    &id,
                    &notice,
                );
            }
        }
    }
}

/// The hash over the devices that a message should have been for, if the sender had others in mind.
pub(crate) fn drift(world: &World, from: &DeviceRef, recipient: &str, stanza: &Node) -> Option<String> {
    let named: Vec<Jid> = children(stanza.get_optional_child("participants")?)
        .iter()
        .filter_map(|to| jid_attr(to, "jid"))
        .collect();
    let had: BTreeSet<(String, u16)> =
        named.iter().filter_map(|jid| Some((world.find(jid)?, jid.device))).collect();
    let mut wanted = BTreeSet::new();
    for number in [recipient, from.number.as_str()] {
        for device in world.accounts.get(number)?.reachable() {
            if (number, device) != (from.number.as_str(), from.device) {
                wanted.insert((number.to_owned(), device));
            }
        }
    }
    if had == wanted {
        return None;
    }
    let address = |account: &Account, device: u16| {
        let by_lid = named.iter().any(|jid| jid.is_lid() && jid.user.as_str() == account.lid);
        if by_lid { account.lid(device) } else { account.pn(device) }
    };
    let jids: Vec<Jid> = wanted
        .iter()
        .filter_map(|(number, device)| Some(address(world.accounts.get(number)?, *device)))
        .collect();
    MessageUtils::participant_list_hash(&jids).ok()
}
