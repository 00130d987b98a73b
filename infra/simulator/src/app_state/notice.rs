//! The server's word to an account's devices that a collection has changed.

use wacore_binary::builder::NodeBuilder;

use crate::account::DeviceRef;
use crate::stanza::{now, server};
use crate::world::World;

/// Tells all companions of an account, or all but the one that made the change: one notification for each collection,
/// as some clients read no more than one.
pub(super) fn changed(world: &mut World, number: &str, collections: &[&str], by: Option<u16>) {
    for name in collections {
        let order = world.next_order();
        let Some(account) = world.accounts.get(number) else { return };
        let version = account.app_state.collections.get(*name).map_or(0, |collection| collection.version());
        let collection = NodeBuilder::new("collection")
            .attr("name", (*name).to_owned())
            .attr("version", version.to_string())
            .build();
        let id = format!("sync-{order}");
        let notice = NodeBuilder::new("notification")
            .attr("from", server())
            .attr("type", "server_sync")
            .attr("id", id.clone())
            .attr("t", now().to_string())
            .children([collection])
            .build();
        for device in account.reachable().into_iter().filter(|device| *device != 0 && Some(*device) != by) {
            world.deliver(&DeviceRef { number: number.to_owned(), device }, "notification", &id, &notice);
        }
    }
}
