//! Who is there and who is typing. Nothing of it waits for a device that is away, and a device hears of others only
//! while it says itself that it is there.

use serde::Serialize;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, JidExt as _, Node};

use crate::SimulatorError;
use crate::account::{Account, DeviceRef};
use crate::stanza::{attr, children, jid_attr, now, now_millis};
use crate::world::World;

/// How many chat states are kept for contacts to look at.
const KEPT: usize = 1000;

/// A chat state that came for a contact.
#[derive(Clone, Serialize)]
pub(crate) struct Typing {
    #[serde(skip)]
    pub(crate) to: String,
    /// Whose, by number.
    from: String,
    /// The group's address, in one.
    group: Option<String>,
    /// `composing`, `recording` or `paused`.
    state: String,
    /// Milliseconds since the epoch.
    at: u64,
}

/// A client's `presence`: its own, or the wish to hear of somebody else's.
pub(crate) fn from_client(world: &mut World, device: &DeviceRef, stanza: &Node) {
    let target = jid_attr(stanza, "to");
    match (attr(stanza, "type").as_str(), target) {
        ("subscribe", Some(to)) => {
            let Some(number) = world.find(&to) else { return };
            if let Some(state) = world.device_mut(device) {
                state.subscriptions.insert(number.clone(), to.clone());
            }
            tell(world, device, &number, &to);
        }
        ("unsubscribe", Some(to)) => {
            let number = world.find(&to).unwrap_or_default();
            if let Some(state) = world.device_mut(device) {
                state.subscriptions.remove(&number);
            }
        }
        (kind @ ("available" | "unavailable" | ""), None) => own(world, device, kind != "unavailable"),
        _ => {}
    }
}

/// A device says that it is there, or no longer.
pub(crate) fn own(world: &mut World, device: &DeviceRef, available: bool) {
    let Some(state) = world.device_mut(device) else { return };
    if std::mem::replace(&mut state.available, available) == available {
        return;
    }
    if let (false, Some(account)) = (available, world.accounts.get_mut(&device.number)) {
        account.profile.last_seen = Some(now());
    }
    announce(world, &device.number);
    if available {
        let subscriptions = world.device_mut(device).map(|state| state.subscriptions.clone());
        for (number, address) in subscriptions.unwrap_or_default() {
            tell(world, device, &number, &address);
        }
    }
}

/// A contact comes or goes.
pub(crate) fn set(
    world: &mut World,
    number: &str,
    available: bool,
    last_seen: Option<u64>,
) -> Result<(), SimulatorError> {
    let profile = &mut world.account_mut(number)?.profile;
    profile.available = available;
    if !available {
        profile.last_seen = last_seen.or(Some(now()));
    }
    announce(world, number);
    Ok(())
}

/// Tells all who want to know how an account is.
fn announce(world: &mut World, number: &str) {
    let mut told = Vec::new();
    for account in world.accounts.values() {
        for (id, device) in &account.devices {
            if let Some(address) = device.subscriptions.get(number) {
                told.push((DeviceRef { number: account.number.clone(), device: *id }, address.clone()));
            }
        }
    }
    for (device, address) in told {
        tell(world, &device, number, &address);
    }
}

/// Tells one device how an account is, under the address by which it asked.
fn tell(world: &World, to: &DeviceRef, number: &str, address: &Jid) {
    let Some(account) = world.accounts.get(number) else { return };
    let mut presence = NodeBuilder::new("presence").attr("from", address.to_non_ad());
    if !is_there(account) {
        presence = presence.attr("type", "unavailable");
        presence = match account.profile.last_seen {
            _ if account.profile.last_seen_hidden => presence.attr("last", "deny"),
            Some(last) => presence.attr("last", last.to_string()),
            None => presence.attr("last", "none"),
        };
    }
    send(world, to, &presence.build());
}

/// Whether the account's phone or one of its companions says that it is there.
pub(crate) fn is_there(account: &Account) -> bool {
    account.profile.available || account.devices.values().any(|device| device.available)
}

/// A client's `chatstate`.
pub(crate) fn chat_state(world: &mut World, device: &DeviceRef, stanza: &Node) {
    let Some(to) = jid_attr(stanza, "to") else { return };
    let Some(content) = children(stanza).first().cloned() else { return };
    relay(world, device, &to, content);
}

/// A contact types, records, or stops.
pub(crate) fn contact_types(
    world: &mut World,
    number: &str,
    to: &str,
    state: &str,
) -> Result<(), SimulatorError> {
    world.account(number)?;
    let to = match world.groups.get(to) {
        Some(group) => group.jid(),
        None => world.account(to)?.chat_address(0),
    };
    let content = match state {
        "composing" => NodeBuilder::new("composing").build(),
        "recording" => NodeBuilder::new("composing").attr("media", "audio").build(),
        "paused" => NodeBuilder::new("paused").build(),
        _ => return Err(SimulatorError::Invalid("composing, recording or paused".to_owned())),
    };
    relay(world, &DeviceRef { number: number.to_owned(), device: 0 }, &to, content);
    Ok(())
}

fn relay(world: &mut World, from: &DeviceRef, to: &Jid, content: Node) {
    let Ok(sender) = world.account(&from.number) else { return };
    let group = world.group(to);
    let stanza = match group {
        Some(group) if group.members.contains_key(&from.number) => NodeBuilder::new("chatstate")
            .attr("from", to.clone())
            .attr("participant", group.address(sender, 0)),
        Some(_) => return,
        None => {
            NodeBuilder::new("chatstate").attr("from", if to.is_lid() { sender.lid(0) } else { sender.pn(0) })
        }
    };
    let recipients: Vec<String> = match group {
        Some(group) => group.members.keys().filter(|number| **number != from.number).cloned().collect(),
        None => world.find(to).into_iter().collect(),
    };
    let state = match (content.tag.as_ref(), attr(&content, "media").as_str()) {
        ("composing", "audio") => "recording",
        ("composing", _) => "composing",
        _ => "paused",
    };
    let stanza = stanza.children([content]).build();
    for number in recipients {
        let devices = world.accounts.get(&number).map(|account| account.reachable()).unwrap_or_default();
        for device in devices.into_iter().filter(|device| *device != 0) {
            send(world, &DeviceRef { number: number.clone(), device }, &stanza);
        }
        if world.typing.len() == KEPT {
            world.typing.pop_front();
        }
        world.typing.push_back(Typing {
            to: number,
            from: from.number.clone(),
            group: to.is_group().then(|| to.to_string()),
            state: state.to_owned(),
            at: now_millis(),
        });
    }
}

/// Puts a stanza on a device's stream if it is there to hear it.
fn send(world: &World, to: &DeviceRef, stanza: &Node) {
    let device = world.accounts.get(&to.number).and_then(|account| account.devices.get(&to.device));
    let Some(device) = device.filter(|device| device.active && device.available) else { return };
    if let Some(stream) = device.stream.as_ref().filter(|_| !world.faults.stalls(to)) {
        stream.stanza(stanza);
    }
}
