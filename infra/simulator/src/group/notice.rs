//! What the members' devices are told when a group changes (`w:gp2`).

use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use super::{Addressing, Group};
use crate::account::DeviceRef;
use crate::stanza::now;
use crate::world::World;

/// Tells these numbers' devices of a change that somebody made.
pub(super) fn tell(world: &mut World, group: &Group, by: &str, told: &[String], change: &Node) {
    let id = format!("group-{}", world.next_order());
    let mut notice = NodeBuilder::new("notification")
        .attr("from", group.jid())
        .attr("type", "w:gp2")
        .attr("id", id.clone())
        .attr("t", now().to_string())
        .attr("addressing_mode", group.addressing.wire());
    if let Some(author) = world.accounts.get(by) {
        let other = if group.addressing == Addressing::Lid { "participant_pn" } else { "participant_lid" };
        notice =
            notice.attr("participant", group.address(author, 0)).attr(other, group.other_address(author));
        if let Some(name) = &author.name {
            notice = notice.attr("notify", name.clone());
        }
    }
    let notice = notice.children([change.clone()]).build();
    for number in told {
        let devices = world.accounts.get(number).map(|account| account.reachable()).unwrap_or_default();
        for device in devices.into_iter().filter(|device| *device != 0) {
            world.deliver(&DeviceRef { number: number.clone(), device }, "notification", &id, &notice);
        }
    }
}

/// Tells all members.
pub(super) fn tell_all(world: &mut World, group: &Group, by: &str, change: &Node) {
    let told: Vec<String> = group.members.keys().cloned().collect();
    tell(world, group, by, &told, change);
}
