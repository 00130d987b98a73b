//! Changes of groups, whoever asks for them: a client or the admin API. The members hear of each.

use std::collections::BTreeSet;

use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use super::notice::{tell, tell_all};
use super::{Description, Group, Rank, new_code, node};
use crate::SimulatorError;
use crate::stanza::now;
use crate::world::World;

/// A setting that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Announce,
    Locked,
    Approval,
}

/// Puts a new group into the world; its address.
pub(crate) fn create(world: &mut World, group: Group) -> String {
    let address = group.jid().to_string();
    world.groups.insert(address.clone(), group.clone());
    let create = NodeBuilder::new("create").attr("type", "new").children([node::info(world, &group)]).build();
    tell_all(world, &group, &group.creator.clone(), &create);
    address
}

/// Adds numbers, for a reason (`invite` for who comes by the link). The others hear of an addition, the new ones of a
/// group that they are in. Answers who is new.
pub(crate) fn add(
    world: &mut World,
    address: &str,
    by: &str,
    numbers: &[String],
    reason: Option<&'static str>,
) -> Result<Vec<String>, SimulatorError> {
    let before: Vec<String> = world.group_at(address)?.members.keys().cloned().collect();
    let mut added = Vec::new();
    for number in numbers {
        world.account(number)?;
        let group = world.group_at_mut(address)?;
        if group.members.contains_key(number) {
            continue;
        }
        group.members.insert(number.clone(), Rank::Member);
        group.removed.remove(number);
        group.waiting.remove(number);
        added.push(number.clone());
    }
    let group = world.group_at(address)?.clone();
    if !added.is_empty() {
        let mut change = NodeBuilder::new("add").children(participants(world, &group, &added)).build();
        let create = NodeBuilder::new("create");
        let create = match reason {
            Some(reason) => {
                change.attrs.insert("reason", reason);
                create.attr("reason", reason)
            }
            None => create,
        };
        tell(world, &group, by, &before, &change);
        let create = create.children([node::info(world, &group)]).build();
        tell(world, &group, by, &added, &create);
    }
    Ok(added)
}

/// Removes numbers; who removes itself leaves. The phones that stay take new keys.
pub(crate) fn remove(
    world: &mut World,
    address: &str,
    by: &str,
    numbers: &[String],
) -> Result<Vec<String>, SimulatorError> {
    let before = world.group_at(address)?.clone();
    let gone: Vec<String> =
        numbers.iter().filter(|number| before.members.contains_key(*number)).cloned().collect();
    let group = world.group_at_mut(address)?;
    for number in &gone {
        group.members.remove(number);
        if number != by {
            group.removed.insert(number.clone());
        }
    }
    let staying: BTreeSet<String> = group.members.keys().cloned().collect();
    if !gone.is_empty() {
        let change = NodeBuilder::new("remove").children(participants(world, &before, &gone)).build();
        tell_all(world, &before, by, &change);
    }
    for number in &staying {
        if let Some(account) = world.accounts.get_mut(number) {
            account.phone.sender_keys.rotate(address, number);
        }
    }
    Ok(gone)
}

/// Makes members admins, or admins members.
pub(crate) fn rank(
    world: &mut World,
    address: &str,
    by: &str,
    numbers: &[String],
    rank: Rank,
) -> Result<(), SimulatorError> {
    let group = world.group_at_mut(address)?;
    let mut changed = Vec::new();
    for number in numbers {
        if let Some(held) = group.members.get_mut(number) {
            *held = rank;
            changed.push(number.clone());
        }
    }
    let group = group.clone();
    let tag = if rank == Rank::Member { "demote" } else { "promote" };
    let change = NodeBuilder::new(tag).children(participants(world, &group, &changed)).build();
    tell_all(world, &group, by, &change);
    Ok(())
}

pub(crate) fn subject(
    world: &mut World,
    address: &str,
    by: &str,
    subject: &str,
) -> Result<(), SimulatorError> {
    let group = world.group_at_mut(address)?;
    group.subject = subject.to_owned();
    group.subject_by = by.to_owned();
    group.subject_at = now();
    let group = group.clone();
    let mut change = NodeBuilder::new("subject")
        .attr("subject", group.subject.clone())
        .attr("s_t", group.subject_at.to_string());
    if let Some(author) = world.accounts.get(by) {
        change = change.attr("s_o", group.address(author, 0));
    }
    tell_all(world, &group, by, &change.build());
    Ok(())
}

/// Sets the description, or takes it away.
pub(crate) fn description(
    world: &mut World,
    address: &str,
    by: &str,
    id: &str,
    text: Option<&str>,
) -> Result<(), SimulatorError> {
    let group = world.group_at_mut(address)?;
    let (id, by_number) = (id.to_owned(), by.to_owned());
    group.description =
        text.map(|text| Description { id: id.clone(), text: text.to_owned(), by: by_number, at: now() });
    let group = group.clone();
    let content = match text {
        Some(text) => NodeBuilder::new("body").string_content(text.to_owned()).build(),
        None => NodeBuilder::new("delete").build(),
    };
    let change = NodeBuilder::new("description").attr("id", id).children([content]).build();
    tell_all(world, &group, by, &change);
    Ok(())
}

pub(crate) fn setting(
    world: &mut World,
    address: &str,
    by: &str,
    setting: Setting,
    on: bool,
) -> Result<(), SimulatorError> {
    let group = world.group_at_mut(address)?;
    let change = match setting {
        Setting::Announce => {
            group.announce = on;
            NodeBuilder::new(if on { "announcement" } else { "not_announcement" }).build()
        }
        Setting::Locked => {
            group.locked = on;
            NodeBuilder::new(if on { "locked" } else { "unlocked" }).build()
        }
        Setting::Approval => {
            group.approval = on;
            let join = NodeBuilder::new("group_join").attr("state", if on { "on" } else { "off" }).build();
            NodeBuilder::new("membership_approval_mode").children([join]).build()
        }
    };
    let group = group.clone();
    tell_all(world, &group, by, &change);
    Ok(())
}

/// How long messages stay from now on, in seconds; 0 for ever.
pub(crate) fn ephemeral(
    world: &mut World,
    address: &str,
    by: &str,
    seconds: u32,
) -> Result<(), SimulatorError> {
    let group = world.group_at_mut(address)?;
    group.ephemeral = seconds;
    let group = group.clone();
    let change = match seconds {
        0 => NodeBuilder::new("not_ephemeral").build(),
        seconds => NodeBuilder::new("ephemeral").attr("expiration", seconds.to_string()).build(),
    };
    tell_all(world, &group, by, &change);
    Ok(())
}

/// Makes a new invite code; the old one is void. Answers the new one.
pub(crate) fn reset_invite(world: &mut World, address: &str, by: &str) -> Result<String, SimulatorError> {
    let group = world.group_at_mut(address)?;
    let old = std::mem::replace(&mut group.invite, new_code());
    group.revoked.insert(old);
    let group = group.clone();
    let change = NodeBuilder::new("invite").attr("code", group.invite.clone()).build();
    let admins: Vec<String> = group.members.keys().filter(|number| group.is_admin(number)).cloned().collect();
    tell(world, &group, by, &admins, &change);
    Ok(group.invite)
}

/// The participants of a change.
fn participants(world: &World, group: &Group, numbers: &[String]) -> Vec<Node> {
    let accounts = numbers.iter().filter_map(|number| world.accounts.get(number));
    accounts.map(|account| node::participant(group, account)).collect()
}
