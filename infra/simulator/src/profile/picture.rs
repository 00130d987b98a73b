//! Pictures of accounts and groups: where they are, for who may see them, and changes of them.

use std::os::unix::fs::FileExt as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, JidExt as _, Node};

use super::{acquaintances, tell};
use crate::SimulatorError;
use crate::media::Partial;
use crate::stanza::{attr, bytes, jid_attr, refusal, result};
use crate::stream::Caller;
use crate::world::World;

/// The kind under which the media server holds pictures; they are not encrypted.
pub(crate) const KIND: &str = "picture";

/// A picture, in two sizes.
#[derive(Clone)]
pub(crate) struct Picture {
    /// Another for each new picture.
    pub(crate) id: String,
    /// The addresses on the media server, without the host.
    image: String,
    preview: String,
}

/// Sets the picture of a number or of a group; `None` takes it away. Answers its id.
pub(crate) fn set(
    world: &mut World,
    of: &str,
    by: &str,
    image: Option<(&[u8], &[u8])>,
) -> Result<String, SimulatorError> {
    let id = world.next_order().to_string();
    let (from, told) = match world.groups.get(of) {
        Some(group) => (group.jid(), group.members.keys().cloned().collect()),
        None => (world.account(of)?.pn(0), acquaintances(world, of)),
    };
    let author = world.accounts.get(by).map(|account| account.pn(0));
    let mut change =
        NodeBuilder::new(if image.is_some() { "set" } else { "delete" }).attr("jid", from.clone());
    match image {
        Some((image, preview)) => {
            let picture =
                Picture { id: id.clone(), image: kept(world, image)?, preview: kept(world, preview)? };
            world.pictures.insert(of.to_owned(), picture);
            change = change.attr("id", id.clone());
        }
        None => {
            world.pictures.remove(of);
        }
    }
    if let Some(author) = author {
        change = change.attr("author", author);
    }
    tell(world, &told, "picture", &from, change.build());
    Ok(id)
}

/// Puts a picture on the media server; its address there.
fn kept(world: &World, image: &[u8]) -> Result<String, SimulatorError> {
    let failed = |error| SimulatorError::Invalid(format!("the media server takes no file: {error}"));
    let token = URL_SAFE_NO_PAD.encode(Sha256::digest(image));
    if let Some(stored) = world.store.whole(&token) {
        return Ok(stored.direct_path());
    }
    let mut partial = Partial::begin().map_err(failed)?;
    partial.file.write_all_at(image, 0).map_err(failed)?;
    partial.length = image.len() as u64;
    partial.hasher.update(image);
    let stored = world.store.finish(&token, KIND, partial);
    let stored =
        stored.ok_or_else(|| SimulatorError::crypto("the picture has another hash than it should"))?;
    Ok(stored.direct_path())
}

/// Answers a query of the namespace `w:profile:picture`.
pub(crate) fn answer(world: &mut World, caller: &Caller, stanza: &Node) -> Node {
    let id = attr(stanza, "id");
    let Some(device) = &caller.device else { return refusal(&id, 401, "not-authorized") };
    let target = jid_attr(stanza, "target");
    let number = device.number.clone();
    if attr(stanza, "type") == "set" {
        return match change(world, &number, target.as_ref(), stanza) {
            Ok(picture) => result(&id, picture.into_iter().collect()),
            Err((code, text)) => refusal(&id, code, text),
        };
    }
    match find(world, &number, target.as_ref(), stanza) {
        Ok(picture) => result(&id, vec![picture]),
        Err((code, text)) => refusal(&id, code, text),
    }
}

const NOT_FOUND: (u16, &str) = (404, "item-not-found");
const NOT_AUTHORIZED: (u16, &str) = (401, "not-authorized");

/// Whose picture an address is for: a number or a group's address. Refused to who may not see it.
fn whose(world: &World, number: &str, target: Option<&Jid>) -> Result<String, (u16, &'static str)> {
    let Some(target) = target else { return Ok(number.to_owned()) };
    if target.is_group() {
        let group = world.group(target).ok_or(NOT_FOUND)?;
        let is_in = group.members.contains_key(number);
        return if is_in { Ok(target.to_string()) } else { Err(NOT_AUTHORIZED) };
    }
    let of = world.find(target).ok_or(NOT_FOUND)?;
    let hidden = world.accounts.get(&of).is_some_and(|account| account.profile.picture_hidden);
    if hidden && of != number { Err(NOT_AUTHORIZED) } else { Ok(of) }
}

fn find(
    world: &World,
    number: &str,
    target: Option<&Jid>,
    stanza: &Node,
) -> Result<Node, (u16, &'static str)> {
    let of = whose(world, number, target)?;
    let picture = world.pictures.get(&of).ok_or(NOT_FOUND)?;
    let asked = stanza.get_optional_child("picture");
    let is = |key: &str, value: &str| asked.is_some_and(|asked| attr(asked, key) == value);
    if is("id", &picture.id) {
        // The client has it.
        return Ok(NodeBuilder::new("picture").attr("status", "304").build());
    }
    let (kind, path) =
        if is("type", "image") { ("image", &picture.image) } else { ("preview", &picture.preview) };
    Ok(NodeBuilder::new("picture")
        .attr("id", picture.id.clone())
        .attr("type", kind)
        .attr("url", format!("https://{}{path}", world.media.host))
        .attr("direct_path", path.clone())
        .build())
}

/// A client sets or removes its account's picture, or that of a group.
fn change(
    world: &mut World,
    number: &str,
    target: Option<&Jid>,
    stanza: &Node,
) -> Result<Option<Node>, (u16, &'static str)> {
    let of = whose(world, number, target)?;
    if of != number && !world.groups.contains_key(&of) {
        return Err(NOT_AUTHORIZED);
    }
    if world.groups.get(&of).is_some_and(|group| group.locked && !group.is_admin(number)) {
        return Err((403, "forbidden"));
    }
    let image = stanza.get_optional_child("picture").and_then(bytes);
    let given = image.as_deref().map(|image| (image, image));
    let id = set(world, &of, number, given).map_err(|_| NOT_FOUND)?;
    Ok(image.map(|_| NodeBuilder::new("picture").attr("id", id).build()))
}
