//! Queries: the ones with a part of their own go there, the rest get the small answers that clients expect.

use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use crate::stanza::{attr, children, result};
use crate::stream::Caller;
use crate::world::World;
use crate::{app_state, group, lid, link_code, login, logout, media, prekeys, profile, usync};

/// Answers a query of a client.
pub(crate) fn answer(world: &mut World, caller: &Caller, stanza: &Node) {
    let id = attr(stanza, "id");
    let inner = children(stanza).first().map(|child| child.tag.as_ref()).unwrap_or_default();
    let answer = match (attr(stanza, "xmlns").as_str(), inner) {
        ("encrypt", _) => prekeys::answer(world, caller, stanza),
        ("w:g2", _) => group::query::answer(world, caller, stanza),
        ("w:profile:picture", _) => profile::picture::answer(world, caller, stanza),
        ("status", _) => profile::facts::answer(world, caller, stanza),
        ("usync", _) => usync::answer(world, stanza),
        ("passive", "active") => {
            caller.outbound.stanza(&result(&id, Vec::new()));
            if let Some(device) = &caller.device {
                login::activate(world, device);
            }
            return;
        }
        ("md", "link_code_companion_reg") => return link_code::answer(world, caller, stanza),
        ("md", "remove-companion-device") => {
            caller.outbound.stanza(&result(&id, Vec::new()));
            logout::requested(world, caller, stanza);
            return;
        }
        ("w:sync:app:state", _) => app_state::answer(world, caller, stanza),
        ("w:m", "media_conn") => result(&id, media_connection(world, caller)),
        ("abt", _) => result(&id, vec![lid::server_properties(world, caller)]),
        ("privacy", _) => result(&id, vec![privacy(world, caller)]),
        ("blocklist", _) => result(&id, vec![NodeBuilder::new("list").attr("dhash", "1").build()]),
        // Pings, passive, dirty bits, and whatever else: an empty result keeps a client going.
        _ => result(&id, Vec::new()),
    };
    caller.outbound.stanza(&answer);
}

/// What an account tells others of itself.
fn privacy(world: &World, caller: &Caller) -> Node {
    let account = caller.device.as_ref().and_then(|device| world.accounts.get(&device.number));
    let receipts = if account.is_none_or(|account| account.read_receipts) { "all" } else { "none" };
    let category = NodeBuilder::new("category").attr("name", "readreceipts").attr("value", receipts).build();
    NodeBuilder::new("privacy").children([category]).build()
}

/// Where media goes, for a device that is logged in.
fn media_connection(world: &mut World, caller: &Caller) -> Vec<Node> {
    let Some(device) = &caller.device else { return Vec::new() };
    world.stats.media.connections += 1;
    vec![media::connection(&mut world.media, device)]
}
