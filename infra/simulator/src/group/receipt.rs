//! Receipts for group messages: to the author, under the group's address and the reader's.

use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};

use crate::account::DeviceRef;
use crate::stanza::{attr, jid_attr, now};
use crate::world::World;

/// Relays a receipt to the author, who is its `participant`.
pub(crate) fn relay(world: &mut World, from: &DeviceRef, to: &Jid, stanza: &Node) {
    let Some(group) = world.group(to) else { return };
    let Some(author) = jid_attr(stanza, "participant") else { return };
    let Some(number) = world.find(&author) else { return };
    let Ok(account) = world.account(&from.number) else { return };
    let (id, kind) = (attr(stanza, "id"), attr(stanza, "type"));
    let mut receipt = NodeBuilder::new("receipt")
        .attr("from", to.clone())
        .attr("participant", group.address(account, from.device))
        .attr("id", id.clone())
        .attr("t", now().to_string());
    if !kind.is_empty() && kind != "inactive" {
        receipt = receipt.attr("type", kind.clone());
    }
    if let Some(content) = stanza.children() {
        receipt = receipt.children(content.to_vec());
    }
    let receipt = receipt.build();
    let Some(sender) = world.accounts.get(&number) else { return };
    let targets = match kind.as_str() {
        "retry" => vec![author.device],
        _ => sender.reachable(),
    };
    for device in targets {
        world.deliver(&DeviceRef { number: number.clone(), device }, "receipt", &id, &receipt);
    }
}
