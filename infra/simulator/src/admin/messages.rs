//! The messages of contacts: what they received and have sent, what they tell the senders.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::media;
use crate::phone_receipts::ReceiptKind;
use crate::world::Server;
use crate::{SimulatorError, phone_receipts};

type Answer = Result<Json<Value>, SimulatorError>;

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ids {
    ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Receipts {
    ids: Vec<String>,
    kinds: Vec<ReceiptKind>,
    /// One receipt for all the ids, as phones send them for messages that were read at once.
    #[serde(default)]
    together: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    from: &'a str,
    /// The group's address, if it was written in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    text: Option<&'a str>,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<Value>,
    #[serde(flatten)]
    told: &'a Map<String, Value>,
    at: u64,
    order: u64,
    copies: u64,
    undecryptable: u64,
    read: bool,
    played: bool,
    /// The order numbers at which the message came to the server from a client.
    arrivals: &'a [u64],
}

pub(super) async fn messages(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Query(query): Query<After>,
) -> Answer {
    let world = server.world();
    let account = world.account(&number)?;
    let received = account.phone.received.iter().filter(|received| received.order > query.after);
    let messages: Vec<Value> = received
        .map(|received| {
            json!(Message {
                id: &received.id,
                from: &received.from,
                group: Some(received.chat.as_str()).filter(|chat| chat.ends_with("@g.us")),
                text: received.text.as_deref(),
                kind: &received.kind,
                media: received.media.as_ref().map(media::shown),
                told: &received.told,
                at: received.at,
                order: received.order,
                copies: received.copies,
                undecryptable: received.undecryptable,
                read: received.read,
                played: received.played,
                arrivals: world.stats.arrivals.get(&received.id).map(Vec::as_slice).unwrap_or_default(),
            })
        })
        .collect();
    Ok(Json(json!({"messages": messages})))
}

/// What the contact sent, with the receipts that came for it.
pub(super) async fn sent(State(server): State<Arc<Server>>, Path(number): Path<String>) -> Answer {
    let world = server.world();
    let phone = &world.account(&number)?.phone;
    let sent: Vec<Value> = phone
        .sent
        .iter()
        .map(|(id, sent)| {
            let receipts = phone.receipts.get(id).cloned().unwrap_or_default();
            let mut shown =
                json!({"id": id, "to": sent.to, "kind": sent.kind, "text": sent.text, "receipts": receipts});
            if let Some(of) = phone.receipts_of.get(id) {
                shown["receipts_of"] = json!(of);
            }
            shown
        })
        .collect();
    Ok(Json(json!({"messages": sent})))
}

/// Reads the given messages, or all that are unread when there is no body.
pub(super) async fn read(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    body: String,
) -> Answer {
    let wanted = ids(&body)?;
    let read = server.change(|world| phone_receipts::mark_read(world, &number, wanted.as_deref()))?;
    Ok(Json(json!({"read": read})))
}

/// Plays the given voice notes, or all that were not played when there is no body.
pub(super) async fn play(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    body: String,
) -> Answer {
    let wanted = ids(&body)?;
    let played = server.change(|world| phone_receipts::mark_played(world, &number, wanted.as_deref()))?;
    Ok(Json(json!({"played": played})))
}

/// Sends just these receipts, in this order, whatever was sent before.
pub(super) async fn receipts(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Json(wanted): Json<Receipts>,
) -> Answer {
    let sent = server
        .change(|world| phone_receipts::send(world, &number, &wanted.ids, &wanted.kinds, wanted.together))?;
    Ok(Json(json!({"receipts": sent})))
}

fn ids(body: &str) -> Result<Option<Vec<String>>, SimulatorError> {
    let wanted: Ids = match body.trim() {
        "" => Ids::default(),
        body => serde_json::from_str(body).map_err(|e| SimulatorError::Invalid(e.to_string()))?,
    };
    Ok(wanted.ids)
}
