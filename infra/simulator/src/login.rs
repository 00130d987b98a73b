//! The beginning and the end of a stream: registration of a new device, login of a paired one.

use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp as wa;

use crate::account::DeviceRef;
use crate::faults::LoginRefusal;
use crate::overlap;
use crate::pairing;
use crate::presence;
use crate::stanza::now;
use crate::stream::{Caller, Ended, Out, Outbound};
use crate::world::World;

/// What a refused login is told: this device is not (or no longer) linked.
const NOT_LINKED: u16 = 401;

/// Starts a stream after its handshake. Answers the device that is now logged in, if one is.
pub(crate) fn enter(
    world: &mut World,
    payload: &wa::ClientPayload,
    client_static: &[u8],
    outbound: &Outbound,
) -> Option<DeviceRef> {
    let Some(username) = payload.username else {
        pairing::offer(world, payload, client_static, outbound);
        return None;
    };
    let device = DeviceRef {
        number: username.to_string(),
        device: payload.device.unwrap_or(0).try_into().unwrap_or(0),
    };
    if let Some(refusal) = world.faults.refuses_login(&device) {
        refuse(outbound, refusal);
        return None;
    }
    let lid = world.accounts.get(&device.number).map(|account| account.lid(device.device));
    let Some((state, lid)) = world.device_mut(&device).zip(lid) else {
        refuse(outbound, LoginRefusal::with(NOT_LINKED));
        return None;
    };
    // The static key is what authenticates a login; the number and device alone are only a claim.
    if state.noise_key != client_static || state.adv_identity.is_none() {
        refuse(outbound, LoginRefusal::with(NOT_LINKED));
        return None;
    }
    if let Some(older) = state.stream.replace(outbound.clone()) {
        replaced(&older);
    }
    state.logins += 1;
    overlap::logged_in(&mut state.holders, outbound.peer.ip());
    state.open_streams += 1;
    state.max_streams = state.max_streams.max(1);
    state.active = false;
    state.available = false;
    state.subscriptions.clear();
    if let Some(name) = payload.push_name.as_ref().filter(|name| !name.is_empty()) {
        state.push_name = Some(name.to_string());
    }
    outbound.stanza(
        &NodeBuilder::new("success")
            .attr("t", now().to_string())
            .attr("props", "27")
            .attr("companion_enc_static", "x")
            .attr("lid", lid)
            .build(),
    );
    if payload.passive == Some(false) {
        activate(world, &device);
    }
    Some(device)
}

/// Ends a stream: the device is offline, unless a newer stream has taken its place.
pub(crate) fn leave(world: &mut World, caller: &Caller, ended: Ended) {
    let stream = caller.outbound.stream;
    world.pairings.retain(|_, candidate| candidate.outbound.stream != stream);
    world.link_codes.retain(|_, code| code.candidate.outbound.stream != stream);
    let Some(who) = caller.device.as_ref() else { return };
    let Some(device) = world.device_mut(who) else { return };
    let mut gone = false;
    if device.stream.as_ref().is_some_and(|open| open.stream == stream) {
        device.stream = None;
        device.active = false;
        device.subscriptions.clear();
        gone = true;
    } else if ended == Ended::ByServer {
        // It was replaced while its client was still there: two at a time. A client that had gone, which the server
        // only had not noticed yet, does not count.
        device.max_streams = device.max_streams.max(device.open_streams);
    }
    device.open_streams = device.open_streams.saturating_sub(1);
    if gone {
        presence::own(world, who, false);
    }
}

/// Starts the flow of messages to a device: first what waited for it, marked as such, then the end of that.
pub(crate) fn activate(world: &mut World, device: &DeviceRef) {
    let Some(state) = world.device_mut(device) else { return };
    let Some(stream) = state.stream.clone() else { return };
    if state.active {
        return;
    }
    state.active = true;
    let count = |class: &str| state.pending.iter().filter(|p| p.class == class).count().to_string();
    let total = state.pending.len().to_string();
    if !state.pending.is_empty() {
        let preview = NodeBuilder::new("offline_preview")
            .attr("count", total.clone())
            .attr("message", count("message"))
            .attr("receipt", count("receipt"))
            .attr("notification", "0")
            .attr("appdata", "0")
            .build();
        stream.stanza(&information(preview));
    }
    for pending in &state.pending {
        stream.send(Out::Stanza(marked_offline(&pending.stanza.0)));
    }
    stream.stanza(&information(NodeBuilder::new("offline").attr("count", total).build()));
    pairing::greet_once(world, device);
}

/// The stanza with the mark that it waited for the device.
fn marked_offline(stanza: &[u8]) -> Vec<u8> {
    let node = wacore_binary::util::unpack(stanza).ok().and_then(|raw| {
        let mut node = wacore_binary::marshal::unmarshal_ref(&raw).ok()?.to_owned();
        node.attrs.insert("offline", "0");
        wacore_binary::marshal::marshal(&node).ok()
    });
    node.unwrap_or_else(|| stanza.to_vec())
}

fn information(child: wacore_binary::Node) -> wacore_binary::Node {
    NodeBuilder::new("ib").attr("from", crate::stanza::server()).children([child]).build()
}

fn refuse(outbound: &Outbound, refusal: LoginRefusal) {
    let mut failure =
        NodeBuilder::new("failure").attr("reason", refusal.reason.to_string()).attr("location", "simulator");
    if let Some((code, seconds)) = refusal.ban {
        failure = failure.attr("code", code.to_string()).attr("expire", seconds.to_string());
    }
    outbound.stanza(&failure.build());
    outbound.send(Out::Close);
}

/// Ends a stream because the same device opened another.
pub(crate) fn replaced(older: &Outbound) {
    let conflict = NodeBuilder::new("conflict").attr("type", "replaced").build();
    older.stanza(&NodeBuilder::new("stream:error").children([conflict]).build());
    older.send(Out::Replaced);
}
