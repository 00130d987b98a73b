//! The query by which devices fetch app state and hand in their patches.

use buffa::Message as _;
use wacore::download::MediaType;
use wacore_appstate::Mutation;
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp as wa;

use super::collection::Conflict;
use super::{COLLECTIONS, notice, phone};
use crate::account::DeviceRef;
use crate::media::Store;
use crate::sealed_media::seal;
use crate::stanza::{attr, bytes, children, refusal, result};
use crate::stream::Caller;
use crate::world::World;

/// Answers for every collection that the query names.
pub(crate) fn answer(world: &mut World, caller: &Caller, stanza: &Node) -> Node {
    let id = attr(stanza, "id");
    let Some(device) = &caller.device else { return refusal(&id, 401, "not-authorized") };
    let asked = children(stanza).first().map(children).unwrap_or_default();
    let collections: Vec<Node> = asked.iter().map(|asked| collection(world, device, asked)).collect();
    result(&id, vec![NodeBuilder::new("sync").children(collections).build()])
}

fn collection(world: &mut World, device: &DeviceRef, asked: &Node) -> Node {
    let name = attr(asked, "name");
    let Some(name) = COLLECTIONS.into_iter().find(|known| *known == name) else {
        return refused(&name, 0, 400, "bad-request", Vec::new());
    };
    let version = attr(asked, "version").parse().unwrap_or(0);
    let patch = asked.get_optional_child("patch").and_then(bytes);
    let Some(patch) = patch else { return fetched(world, device, name, version) };
    match hand_in(world, device, name, version, &patch) {
        Ok(mutations) => {
            phone::apply(world, &device.number, name, mutations);
            notice::changed(world, &device.number, &[name], Some(device.device));
            named(name, version + 1).build()
        }
        Err(Conflict::Late) => {
            let (version, missed) = missed(world, device, name, version);
            refused(name, version, 409, "conflict", missed)
        }
        Err(Conflict::Wrong(why)) => {
            tracing::warn!(collection = name, %why, "a client's patch of app state is wrong");
            refused(name, version, 400, "bad-request", Vec::new())
        }
    }
}

fn hand_in(
    world: &mut World,
    device: &DeviceRef,
    name: &str,
    version: u64,
    patch: &[u8],
) -> Result<Vec<Mutation>, Conflict> {
    let wrong = || Conflict::Wrong(wacore_appstate::AppStateError::DecodeFailed);
    let patch = wa::SyncdPatch::decode_from_slice(patch).map_err(|_| wrong())?;
    let account = world.account_mut(&device.number).map_err(|_| wrong())?;
    let outcome = account.app_state.take(name, version, patch);
    match &outcome {
        Err(Conflict::Late) => account.app_state.conflicts += 1,
        Err(Conflict::Wrong(_)) => account.app_state.refused += 1,
        Ok(_) => {}
    }
    outcome
}

fn fetched(world: &mut World, device: &DeviceRef, name: &str, version: u64) -> Node {
    let (version, missed) = missed(world, device, name, version);
    let node = named(name, version).attr("has_more_patches", "false");
    if missed.is_empty() { node.build() } else { node.children(missed).build() }
}

/// What a device lacks, with the version that it comes to.
fn missed(world: &mut World, device: &DeviceRef, name: &str, version: u64) -> (u64, Vec<Node>) {
    let (store, host) = (world.store.clone(), world.media.host.clone());
    let collection = world
        .accounts
        .get_mut(&device.number)
        .and_then(|account| account.app_state.collections.get_mut(name));
    let Some(collection) = collection else { return (0, Vec::new()) };
    let (snapshot, patches) = collection.since(version, |snapshot| reference(&store, &host, snapshot));
    let mut parts = Vec::new();
    parts.extend(snapshot.map(|reference| NodeBuilder::new("snapshot").bytes(reference).build()));
    if !patches.is_empty() {
        let patches = patches.into_iter().map(|patch| NodeBuilder::new("patch").bytes(patch).build());
        parts.push(NodeBuilder::new("patches").children(patches).build());
    }
    (collection.version(), parts)
}

/// Puts a snapshot on the media server; what tells where it is.
fn reference(store: &Store, host: &str, snapshot: &[u8]) -> Option<Vec<u8>> {
    let media = seal(store, host, snapshot, MediaType::AppState).ok()?;
    let reference = wa::ExternalBlobReference {
        media_key: Some(media.media_key),
        direct_path: Some(media.direct_path),
        handle: None,
        file_size_bytes: Some(media.file_length),
        file_sha256: Some(media.file_sha256),
        file_enc_sha256: Some(media.file_enc_sha256),
    };
    Some(reference.encode_to_vec())
}

fn named(name: &str, version: u64) -> NodeBuilder {
    NodeBuilder::new("collection").attr("name", name.to_owned()).attr("version", version.to_string())
}

fn refused(name: &str, version: u64, code: u16, text: &'static str, parts: Vec<Node>) -> Node {
    let error = NodeBuilder::new("error").attr("code", code.to_string()).attr("text", text).build();
    named(name, version)
        .attr("type", "error")
        .attr("has_more_patches", "false")
        .children(std::iter::once(error).chain(parts))
        .build()
}
