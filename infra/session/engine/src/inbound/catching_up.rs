//! Changes of the app state that the library passes over.
//!
//! When WhatsApp tells of a change while the library asks for an earlier one, the library takes its question for an answer to both, which
//! it may not be; the later change would then come only with the next one. So a moment later it is asked again, where it has not
//! come as far as it was told.

use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::sleep;
use wacore::appstate::patch_decode::WAPatchName;
use wacore_binary::NodeRef;
use whatsapp_rust::Client;
use whatsapp_rust::sync_task::MajorSyncTask;

/// Longer than a synchronisation takes.
const MOMENT: Duration = Duration::from_secs(3);

/// What WhatsApp told to have changed: the collection and its version.
pub(crate) type Announced = (WAPatchName, u64);

/// Whether a stanza tells that the app state has changed.
pub(crate) fn announces(stanza: &NodeRef<'_>) -> bool {
    stanza.tag.as_ref() == "notification"
        && stanza.attrs().optional_string("type").is_some_and(|kind| kind == "server_sync")
}

/// What such a stanza tells.
pub(crate) fn announced(stanza: &NodeRef<'_>) -> Vec<Announced> {
    let collection = |node: &NodeRef<'_>| {
        let mut attributes = node.attrs();
        let name: WAPatchName = attributes.optional_string("name")?.parse().ok()?;
        let version = attributes.optional_u64("version")?;
        (name != WAPatchName::Unknown).then_some((name, version))
    };
    let children = stanza.children().unwrap_or_default();
    children.iter().filter(|node| node.tag.as_ref() == "collection").filter_map(collection).collect()
}

/// Asks again for what has not come a moment after it was told.
pub(crate) async fn catch_up(client: Weak<Client>, announced: Vec<Announced>) {
    sleep(MOMENT).await;
    for (name, version) in announced {
        let Some(client) = client.upgrade() else { return };
        if reached(&client, name).await.is_some_and(|reached| reached < version) {
            tracing::debug!(collection = name.as_str(), "a change of the app state is asked for again");
            client.process_sync_task(MajorSyncTask::AppStateSync { name, full_sync: false }).await;
        }
    }
}

async fn reached(client: &Arc<Client>, name: WAPatchName) -> Option<u64> {
    let backend = client.persistence_manager().backend();
    backend.get_version(name.as_str()).await.ok().map(|state| state.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wacore_binary::builder::NodeBuilder;

    #[test]
    fn collections_and_versions_are_read() {
        let collection = |name: &str, version: &str| {
            NodeBuilder::new("collection").attr("name", name).attr("version", version).build()
        };
        let node = NodeBuilder::new("notification")
            .attr("type", "server_sync")
            .children([collection("regular_low", "7"), collection("another", "8")])
            .build();
        let bytes = wacore_binary::marshal::marshal(&node).unwrap();
        let stanza = wacore_binary::OwnedNodeRef::new(bytes[1..].to_vec()).unwrap();
        assert!(announces(stanza.get()));
        assert_eq!(announced(stanza.get()), [(WAPatchName::RegularLow, 7)]);
    }
}
