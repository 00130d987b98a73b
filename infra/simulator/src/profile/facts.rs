//! An account's facts as usync answers them, and the about text that a client sets.

use buffa::Message as _;
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp as wa;

use super::set_about;
use crate::account::Account;
use crate::stanza::{attr, bytes, refusal, result};
use crate::stream::Caller;
use crate::world::World;

/// The about text, for who may see it.
pub(crate) fn about(account: &Account) -> Node {
    let node = NodeBuilder::new("status");
    match &account.profile.about {
        _ if account.profile.about_hidden => node.attr("code", "401").attr("type", "fail").build(),
        Some(about) => node.attr("t", about.at.to_string()).string_content(about.text.clone()).build(),
        None => node.attr("t", "0").build(),
    }
}

/// The id of the picture, for who may see it.
pub(crate) fn picture(world: &World, account: &Account) -> Option<Node> {
    let picture = world.pictures.get(&account.number).filter(|_| !account.profile.picture_hidden)?;
    Some(NodeBuilder::new("picture").attr("id", picture.id.clone()).build())
}

/// A business's certificate, in which its name is; nothing for who is none.
pub(crate) fn business(account: &Account) -> Option<Node> {
    let name = account.profile.business.clone()?;
    let details = wa::verified_name_certificate::Details {
        serial: Some(u64::from(account.adv_raw_id)),
        issuer: Some("smb:wa".to_owned()),
        verified_name: Some(name),
        ..Default::default()
    }
    .encode_to_vec();
    let signature = account.phone.signal.identity().sign(&details).ok()?;
    let certificate = wa::VerifiedNameCertificate {
        details: Some(details),
        signature: Some(signature),
        ..Default::default()
    };
    let name = NodeBuilder::new("verified_name")
        .attr("v", "1")
        .attr("verified_level", "unknown")
        .bytes(certificate.encode_to_vec())
        .build();
    Some(NodeBuilder::new("business").children([name]).build())
}

/// Answers a query of the namespace `status`: a client sets its account's about text.
pub(crate) fn answer(world: &mut World, caller: &Caller, stanza: &Node) -> Node {
    let id = attr(stanza, "id");
    let text = stanza.get_optional_child("status").and_then(bytes);
    match (&caller.device, text) {
        (Some(device), Some(text)) => {
            let number = device.number.clone();
            let _ = set_about(world, &number, &String::from_utf8_lossy(&text));
            result(&id, Vec::new())
        }
        _ => refusal(&id, 400, "bad-request"),
    }
}
