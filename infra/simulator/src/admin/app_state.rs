//! App state: what the phone changes, and what has been changed by whichever device.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::SimulatorError;
use crate::app_state::{self, COLLECTIONS, ChatChange};
use crate::world::{Server, World};

type Answer = Result<Json<Value>, SimulatorError>;

/// What a person does on the phone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    #[serde(default)]
    chats: Vec<ChatChange>,
    push_name: Option<String>,
    /// A new key first, which the companions have to ask for.
    #[serde(default)]
    rotate_key: bool,
}

pub(super) async fn change(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Json(wanted): Json<Changes>,
) -> Answer {
    server.change(|world| {
        let mut changes = Vec::new();
        for chat in wanted.chats {
            changes.extend(chat.changes(world, &number)?);
        }
        changes.extend(wanted.push_name.as_deref().map(app_state::push_name));
        if wanted.rotate_key {
            world.account_mut(&number)?.app_state.rotate();
        }
        app_state::change(world, &number, changes)?;
        Ok(Json(state_of(world, &number)?))
    })
}

pub(super) async fn shown(State(server): State<Arc<Server>>, Path(number): Path<String>) -> Answer {
    Ok(Json(state_of(&server.world(), &number)?))
}

fn state_of(world: &World, number: &str) -> Result<Value, SimulatorError> {
    let account = world.account(number)?;
    let state = &account.app_state;
    let collections: Map<String, Value> = COLLECTIONS
        .iter()
        .map(|name| {
            let (version, records) =
                state.collections.get(*name).map_or((0, 0), |one| (one.version(), one.len()));
            ((*name).to_owned(), json!({"version": version, "records": records}))
        })
        .collect();
    let known = account.peers.iter().map(String::as_str);
    let mut known: Vec<&str> =
        known.chain(account.phone.chronicle.chats.keys().map(String::as_str)).collect();
    for peer in world.accounts.values() {
        let addresses = [peer.pn(0).to_string(), peer.lid(0).to_string()];
        let named = |index: &[String]| index.get(1).is_some_and(|one| addresses.contains(one));
        if state.actions.values().any(|action| named(&action.index)) {
            known.push(&peer.number);
        }
    }
    known.sort_unstable();
    known.dedup();
    let chats: Vec<Value> = known
        .into_iter()
        .map(|with| {
            let mut shown = json!(world.chat_state(number, with));
            shown["with"] = json!(with);
            shown
        })
        .collect();
    let actions: Vec<Value> = state
        .actions
        .values()
        .map(
            |action| json!({"collection": action.collection, "index": action.index, "value": action.shown()}),
        )
        .collect();
    Ok(json!({
        "collections": collections,
        "push_name": account.name,
        "chats": chats,
        "actions": actions,
        "refused": state.refused,
        "conflicts": state.conflicts,
    }))
}
