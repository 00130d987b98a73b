//! A group as it stands in answers and notifications.

use wacore::messages::MessageUtils;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};

use super::{Addressing, Group};
use crate::account::Account;
use crate::world::World;

/// One member, with the address of the other kind where groups tell it.
pub(super) fn participant(group: &Group, account: &Account) -> Node {
    let mut node = NodeBuilder::new("participant").attr("jid", group.address(account, 0));
    let other = if group.addressing == Addressing::Lid { "phone_number" } else { "lid" };
    node = node.attr(other, group.other_address(account));
    if let Some(rank) = group.members.get(&account.number).and_then(|rank| rank.wire()) {
        node = node.attr("type", rank);
    }
    node.build()
}

/// All that a member is told of a group.
pub(super) fn info(world: &World, group: &Group) -> Node {
    let address = |number: &str| world.accounts.get(number).map(|account| group.address(account, 0));
    let by_number = |number: &str| {
        let account = world.accounts.get(number).filter(|_| group.addressing == Addressing::Lid);
        account.map(|account| account.pn(0))
    };
    let mut node = NodeBuilder::new("group")
        .attr("id", group.id.clone())
        .attr("subject", group.subject.clone())
        .attr("s_t", group.subject_at.to_string())
        .attr("creation", group.created.to_string())
        .attr("addressing_mode", group.addressing.wire())
        .attr("size", group.members.len().to_string());
    for (key, value) in [
        ("s_o", address(&group.subject_by)),
        ("s_o_pn", by_number(&group.subject_by)),
        ("creator", address(&group.creator)),
        ("creator_pn", by_number(&group.creator)),
    ] {
        if let Some(value) = value {
            node = node.attr(key, value);
        }
    }
    let members = group.members.keys().filter_map(|number| world.accounts.get(number));
    let mut children: Vec<Node> = members.map(|account| participant(group, account)).collect();
    if let Some(description) = &group.description {
        let mut about = NodeBuilder::new("description")
            .attr("id", description.id.clone())
            .attr("t", description.at.to_string());
        for (key, value) in
            [("participant", address(&description.by)), ("participant_pn", by_number(&description.by))]
        {
            if let Some(value) = value {
                about = about.attr(key, value);
            }
        }
        let body = NodeBuilder::new("body").string_content(description.text.clone()).build();
        children.push(about.children([body]).build());
    }
    for (tag, is) in [("announcement", group.announce), ("locked", group.locked)] {
        if is {
            children.push(NodeBuilder::new(tag).build());
        }
    }
    if group.ephemeral > 0 {
        let expiration = group.ephemeral.to_string();
        children.push(NodeBuilder::new("ephemeral").attr("expiration", expiration).build());
    }
    if group.approval {
        let join = NodeBuilder::new("group_join").attr("state", "on").build();
        children.push(NodeBuilder::new("membership_approval_mode").children([join]).build());
    }
    children.push(NodeBuilder::new("member_add_mode").string_content("all_member_add").build());
    node.children(children).build()
}

/// The hash over the members' addresses, with which a client says which members it knows of.
pub(super) fn members_hash(world: &World, group: &Group) -> Option<String> {
    let members = group.members.keys().filter_map(|number| world.accounts.get(number));
    let jids: Vec<Jid> = members.map(|account| group.address(account, 0)).collect();
    MessageUtils::participant_list_hash(&jids).ok()
}
