//! Every stanza that a client sends goes through here to the part that answers it.

use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use crate::stanza::{attr, jid_attr, now, outline};
use crate::stream::{Caller, Out};
use crate::world::World;
use crate::{iq, pairing, presence, receipt, relay};

pub(crate) fn handle(world: &mut World, caller: &Caller, stanza: &Node) {
    *world.stats.stanzas.entry(outline(stanza)).or_default() += 1;
    if caller.device.as_ref().is_some_and(|device| world.faults.stalls(device)) {
        return;
    }
    match (stanza.tag.as_ref(), &caller.device) {
        ("iq", _) => match attr(stanza, "type").as_str() {
            "result" | "error" => pairing::answered(world, caller, stanza),
            _ => iq::answer(world, caller, stanza),
        },
        ("message", Some(device)) => relay::from_client(world, caller, device, stanza),
        ("receipt", Some(device)) => {
            acknowledge_receipt(caller, stanza);
            receipt::relay(world, device, stanza);
        }
        ("ack", Some(device)) => {
            let class = attr(stanza, "class");
            world.confirm(device, &class, &attr(stanza, "id"), &receipt::receipt_kind(stanza));
        }
        ("xmlstreamend", _) => caller.outbound.send(Out::Close),
        ("presence", Some(device)) => presence::from_client(world, device, stanza),
        ("chatstate", Some(device)) => presence::chat_state(world, device, stanza),
        // Information for the server needs no answer.
        _ => {}
    }
}

fn acknowledge_receipt(caller: &Caller, stanza: &Node) {
    let mut ack = NodeBuilder::new("ack")
        .attr("class", "receipt")
        .attr("id", attr(stanza, "id"))
        .attr("t", now().to_string());
    if let Some(to) = jid_attr(stanza, "to") {
        ack = ack.attr("from", to);
    }
    let kind = attr(stanza, "type");
    if !kind.is_empty() {
        ack = ack.attr("type", kind);
    }
    caller.outbound.stanza(&ack.build());
}
