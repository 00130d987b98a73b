//! Queries about groups (`w:g2`): what they are, which ones there are, and changes that clients ask for.

use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node, NodeContent};

use super::change::{self, Setting};
use super::{Group, Rank, invite, node};
use crate::stanza::{attr, bytes, children, jid_attr};
use crate::stream::Caller;
use crate::world::World;

/// Why a query is refused: the code and its text.
pub(super) type Refused = (u16, &'static str);

pub(super) const BAD_REQUEST: Refused = (400, "bad-request");
pub(super) const NOT_AUTHORIZED: Refused = (401, "not-authorized");
pub(super) const FORBIDDEN: Refused = (403, "forbidden");
pub(super) const NOT_FOUND: Refused = (404, "item-not-found");

/// Answers a query of the namespace `w:g2`.
pub(crate) fn answer(world: &mut World, caller: &Caller, stanza: &Node) -> Node {
    let outcome = match (&caller.device, jid_attr(stanza, "to"), children(stanza).first()) {
        (Some(device), Some(to), Some(asked)) => {
            let number = device.number.clone();
            let changes = attr(stanza, "type") == "set";
            match (to.user.is_empty(), changes) {
                (true, false) => of_all(world, &number, asked),
                (true, true) => set_of_all(world, &number, asked),
                (false, false) => of_one(world, &number, &to, asked),
                (false, true) => set_of_one(world, &number, &to, asked),
            }
        }
        _ => Err(BAD_REQUEST),
    };
    let from = jid_attr(stanza, "to").unwrap_or_else(crate::stanza::server);
    let answer = NodeBuilder::new("iq").attr("from", from).attr("id", attr(stanza, "id"));
    match outcome {
        Ok(content) => answer.attr("type", "result").children(content).build(),
        Err((code, text)) => {
            let error = NodeBuilder::new("error").attr("code", code.to_string()).attr("text", text).build();
            answer.attr("type", "error").children([error]).build()
        }
    }
}

/// Questions that name no group.
fn of_all(world: &mut World, number: &str, asked: &Node) -> Result<Vec<Node>, Refused> {
    match asked.tag.as_ref() {
        "participating" => {
            let groups = world.groups.values().filter(|group| group.members.contains_key(number));
            let groups: Vec<Node> = groups.map(|group| node::info(world, group)).collect();
            Ok(vec![NodeBuilder::new("groups").children(groups).build()])
        }
        "invite" => {
            let group = invite::find(world, &attr(asked, "code"))?;
            Ok(vec![node::info(world, group)])
        }
        _ => Err(BAD_REQUEST),
    }
}

/// Changes that name no group, or name it inside.
fn set_of_all(world: &mut World, number: &str, asked: &Node) -> Result<Vec<Node>, Refused> {
    match asked.tag.as_ref() {
        "invite" => invite::join(world, number, &attr(asked, "code")).map(|answer| vec![answer]),
        "leave" => {
            let mut left = Vec::new();
            for group in children(asked) {
                let Some(jid) = jid_attr(group, "id") else { continue };
                let mut answer = NodeBuilder::new("group").attr("id", jid.clone());
                if member_of(world, number, &jid).is_ok() {
                    let _ = change::remove(world, &jid.to_string(), number, &[number.to_owned()]);
                } else {
                    answer = answer.attr("error", NOT_FOUND.0.to_string());
                }
                left.push(answer.build());
            }
            Ok(vec![NodeBuilder::new("leave").children(left).build()])
        }
        "create" => {
            let subject = attr(asked, "subject");
            if subject.is_empty() {
                return Err(BAD_REQUEST);
            }
            let mut group = Group::new(&subject, number);
            for participant in children(asked).iter().filter(|child| child.tag == "participant") {
                let found = jid_attr(participant, "jid").and_then(|jid| world.find(&jid));
                if let Some(found) = found.filter(|found| found != number) {
                    group.members.insert(found, Rank::Member);
                }
            }
            let address = change::create(world, group);
            let group = world.groups.get(&address).ok_or(NOT_FOUND)?;
            Ok(vec![node::info(world, group)])
        }
        _ => Err(BAD_REQUEST),
    }
}

/// Questions about one group.
fn of_one(world: &mut World, number: &str, to: &Jid, asked: &Node) -> Result<Vec<Node>, Refused> {
    let group = member_of(world, number, to)?;
    match asked.tag.as_ref() {
        // A client that knows the members as they are is told nothing.
        "query" => {
            let known = attr(asked, "phash");
            if !known.is_empty() && node::members_hash(world, group).as_deref() == Some(&known) {
                return Ok(Vec::new());
            }
            Ok(vec![node::info(world, group)])
        }
        "invite" if group.is_admin(number) => {
            Ok(vec![NodeBuilder::new("invite").attr("code", group.invite.clone()).build()])
        }
        "invite" => Err(NOT_AUTHORIZED),
        "membership_approval_requests" => {
            let waiting = group.waiting.iter().filter_map(|number| world.accounts.get(number));
            let waiting = waiting.map(|account| {
                NodeBuilder::new("membership_approval_request")
                    .attr("jid", group.address(account, 0))
                    .attr("request_method", "invite_link")
                    .build()
            });
            Ok(vec![NodeBuilder::new("membership_approval_requests").children(waiting).build()])
        }
        _ => Err(BAD_REQUEST),
    }
}

/// Changes of one group.
fn set_of_one(world: &mut World, number: &str, to: &Jid, asked: &Node) -> Result<Vec<Node>, Refused> {
    let group = member_of(world, number, to)?;
    let (is_admin, locked) = (group.is_admin(number), group.locked);
    let address = to.to_string();
    let tag = asked.tag.as_ref();
    let of_what_it_says = matches!(tag, "subject" | "description" | "ephemeral" | "not_ephemeral");
    if !is_admin && (locked || !of_what_it_says) {
        return Err(if tag == "invite" { NOT_AUTHORIZED } else { FORBIDDEN });
    }
    let text = |node: &Node| bytes(node).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let on_or_off = |tag: &str| match tag {
        "announcement" => Some((Setting::Announce, true)),
        "not_announcement" => Some((Setting::Announce, false)),
        "locked" => Some((Setting::Locked, true)),
        "unlocked" => Some((Setting::Locked, false)),
        _ => None,
    };
    if let Some((setting, on)) = on_or_off(tag) {
        change::setting(world, &address, number, setting, on).map_err(|_| NOT_FOUND)?;
        return Ok(Vec::new());
    }
    let done = match tag {
        "subject" => change::subject(world, &address, number, &text(asked).unwrap_or_default()),
        "description" => {
            let body = asked.get_optional_child("body").and_then(text);
            change::description(world, &address, number, &attr(asked, "id"), body.as_deref())
        }
        "ephemeral" => {
            change::ephemeral(world, &address, number, attr(asked, "expiration").parse().unwrap_or(0))
        }
        "not_ephemeral" => change::ephemeral(world, &address, number, 0),
        "membership_approval_mode" => {
            let on = asked.get_optional_child("group_join").is_some_and(|join| attr(join, "state") == "on");
            change::setting(world, &address, number, Setting::Approval, on)
        }
        "invite" => {
            let code = change::reset_invite(world, &address, number).map_err(|_| NOT_FOUND)?;
            return Ok(vec![NodeBuilder::new("invite").attr("code", code).build()]);
        }
        "add" | "remove" | "promote" | "demote" => return members(world, number, &address, asked),
        _ => return Err(BAD_REQUEST),
    };
    done.map(|()| Vec::new()).map_err(|_| NOT_FOUND)
}

/// A change of members, answered for each of them.
fn members(world: &mut World, number: &str, address: &str, asked: &Node) -> Result<Vec<Node>, Refused> {
    let mut answers = Vec::new();
    for participant in children(asked).iter().filter(|child| child.tag == "participant") {
        let Some(jid) = jid_attr(participant, "jid") else { continue };
        let mut answer = NodeBuilder::new("participant").attr("jid", jid.clone());
        let error = match world.find(&jid) {
            None => Some(NOT_FOUND.0),
            Some(who) => member(world, number, address, asked.tag.as_ref(), who)?,
        };
        if let Some(error) = error {
            answer = answer.attr("error", error.to_string());
        }
        answers.push(answer.build());
    }
    let mut answer = asked.clone();
    answer.content = Some(NodeContent::Nodes(answers));
    Ok(vec![answer])
}

/// The change of one member. Answers the code of an error.
fn member(
    world: &mut World,
    by: &str,
    address: &str,
    tag: &str,
    who: String,
) -> Result<Option<u16>, Refused> {
    /// It is in the group already.
    const CONFLICT: u16 = 409;
    let is_in = world.groups.get(address).is_some_and(|group| group.members.contains_key(&who));
    let who = [who];
    let done = match tag {
        "add" if is_in => return Ok(Some(CONFLICT)),
        "add" => change::add(world, address, by, &who, None).map(|_| ()),
        _ if !is_in => return Ok(Some(NOT_FOUND.0)),
        "remove" => change::remove(world, address, by, &who).map(|_| ()),
        "promote" => change::rank(world, address, by, &who, Rank::Admin),
        _ => change::rank(world, address, by, &who, Rank::Member),
    };
    done.map(|()| None).map_err(|_| NOT_FOUND)
}

/// The group, for one who is in it.
fn member_of<'a>(world: &'a World, number: &str, jid: &Jid) -> Result<&'a Group, Refused> {
    let group = world.group(jid).ok_or(NOT_FOUND)?;
    if group.members.contains_key(number) { Ok(group) } else { Err(FORBIDDEN) }
}
