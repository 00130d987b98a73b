//! Joining by an invite code, and why that is refused.

use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use super::change;
use super::query::{NOT_FOUND, Refused};
use super::{Group, notice};
use crate::world::World;

/// Nobody ever made such a code.
const NOT_ACCEPTABLE: Refused = (406, "not-acceptable");
/// The code was good once, and was reset.
const GONE: Refused = (410, "gone");
/// An admin has removed this number.
const NOT_ALLOWED: Refused = (405, "not-allowed");
const CONFLICT: Refused = (409, "conflict");
const FULL: Refused = (419, "resource-limit");

/// The length of a code.
const CODE: usize = 22;

/// The group of a code.
pub(super) fn find<'a>(world: &'a World, code: &str) -> Result<&'a Group, Refused> {
    if let Some(group) = world.groups.values().find(|group| group.invite == code) {
        return Ok(group);
    }
    if world.groups.values().any(|group| group.revoked.contains(code)) {
        return Err(GONE);
    }
    // What looks like a code is looked for; what does not is not even that.
    let looks_like_one = code.len() == CODE && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    Err(if looks_like_one { NOT_FOUND } else { NOT_ACCEPTABLE })
}

/// Joins the group of a code, or waits for an admin.
pub(super) fn join(world: &mut World, number: &str, code: &str) -> Result<Node, Refused> {
    let group = find(world, code)?.clone();
    let address = group.jid().to_string();
    if group.members.contains_key(number) {
        return Err(CONFLICT);
    }
    if group.removed.contains(number) {
        return Err(NOT_ALLOWED);
    }
    if group.members.len() >= group.capacity {
        return Err(FULL);
    }
    if group.approval {
        let waits = world.group_at_mut(&address).map_err(|_| NOT_FOUND)?;
        waits.waiting.insert(number.to_owned());
        let admins: Vec<String> =
            group.members.keys().filter(|member| group.is_admin(member)).cloned().collect();
        let request = NodeBuilder::new("membership_approval_request").attr("request_method", "invite_link");
        notice::tell(world, &group, number, &admins, &request.build());
        return Ok(NodeBuilder::new("membership_approval_request").attr("jid", group.jid()).build());
    }
    change::add(world, &address, number, &[number.to_owned()], Some("invite")).map_err(|_| NOT_FOUND)?;
    Ok(NodeBuilder::new("group").attr("jid", group.jid()).build())
}
