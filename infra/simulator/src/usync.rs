//! usync: who is on WhatsApp, under which address, with which devices.

use wacore::messages::MessageUtils;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};

use crate::account::Account;
use crate::pairing::key_index_list;
use crate::profile::facts;
use crate::stanza::{attr, children, jid_attr, leaf, now, result};
use crate::world::World;

/// Answers a usync query: for each user asked for, what the query wants to know of it.
pub(crate) fn answer(world: &mut World, stanza: &Node) -> Node {
    let id = attr(stanza, "id");
    let Some(usync) = stanza.get_optional_child("usync") else { return result(&id, Vec::new()) };
    let wanted: Vec<&str> = usync
        .get_optional_child("query")
        .map(|query| children(query).iter().map(|child| child.tag.as_ref()).collect())
        .unwrap_or_default();
    let asked = usync.get_optional_child("list").map(children).unwrap_or_default();
    world.stats.usync.queries += 1;
    if wanted.contains(&"contact") {
        for number in asked.iter().filter_map(number) {
            *world.stats.usync.contacts.entry(number.trim_start_matches('+').to_owned()).or_default() += 1;
        }
    }
    let world = &*world;
    let users: Vec<Node> = asked.iter().filter_map(|user| about(world, user, &wanted)).collect();
    let mut answer = NodeBuilder::new("usync");
    for key in ["sid", "mode", "context"] {
        let value = attr(usync, key);
        if !value.is_empty() {
            answer = answer.attr(key, value);
        }
    }
    let summary = wanted.iter().map(|tag| NodeBuilder::new_dynamic((*tag).to_owned()).build());
    let answer = answer.children([
        NodeBuilder::new("result").children(summary).build(),
        NodeBuilder::new("list").children(users).build(),
    ]);
    result(&id, vec![answer.build()])
}

/// One user: asked for by address, or by number in its `contact` child.
fn about(world: &World, user: &Node, wanted: &[&str]) -> Option<Node> {
    let asked_number = number(user);
    let digits = asked_number.as_deref().map(|number| number.trim_start_matches('+'));
    let jid = jid_attr(user, "jid").or_else(|| digits.map(Jid::pn))?;
    // A number is looked for, in both its forms where the account allows it; an address is taken as it is.
    let found = match digits {
        Some(digits) => world.find_number(digits),
        None => world.find(&jid),
    };
    let account = found.and_then(|number| world.accounts.get(&number));
    let Some(account) = account else {
        // Nobody has declared it: not on WhatsApp.
        let mut content = Vec::new();
        if wanted.contains(&"contact") {
            content.push(contact("out", asked_number));
        }
        return Some(NodeBuilder::new("user").attr("jid", jid).children(content).build());
    };
    let mut content = Vec::new();
    for tag in wanted {
        content.push(match *tag {
            "contact" => contact("in", asked_number.clone()),
            "devices" => devices(account)?,
            "lid" => NodeBuilder::new("lid").attr("val", account.lid(0)).build(),
            "status" => facts::about(account),
            "picture" => match facts::picture(world, account) {
                Some(picture) => picture,
                None => continue,
            },
            "business" => match facts::business(account) {
                Some(business) => business,
                None => continue,
            },
            _ => continue,
        });
    }
    // A question by number is answered under the number that the account has.
    let answered = if jid.is_pn() { account.pn(0) } else { jid };
    Some(
        NodeBuilder::new("user")
            .attr("jid", answered)
            .attr("pn_jid", account.pn(0))
            .children(content)
            .build(),
    )
}

/// The number that a user is asked for by, as the client wrote it.
fn number(user: &Node) -> Option<String> {
    let contact = user.get_optional_child("contact")?;
    contact.content_as_string().map(|number| number.to_string())
}

fn contact(kind: &'static str, asked: Option<String>) -> Node {
    let node = NodeBuilder::new("contact").attr("type", kind);
    match asked {
        Some(asked) => node.string_content(asked).build(),
        None => node.build(),
    }
}

fn devices(account: &Account) -> Option<Node> {
    let list = account.reachable().into_iter().map(|id| {
        let node = NodeBuilder::new("device").attr("id", id.to_string());
        match account.devices.get(&id) {
            Some(device) => node.attr("key-index", device.key_index.to_string()).build(),
            None => node.build(),
        }
    });
    let devices: Vec<Jid> = account.reachable().into_iter().map(|id| account.pn(id)).collect();
    let hash = MessageUtils::participant_list_hash(&devices).ok()?;
    let list = NodeBuilder::new("device-list").attr("hash", hash).children(list).build();
    let keys = leaf("key-index-list", key_index_list(account).ok()?);
    let mut keys = keys;
    keys.attrs.insert("ts", now().to_string());
    Some(NodeBuilder::new("devices").children([list, keys]).build())
}
