//! Accounts: declaring them, scanning QRs with their phones, reading and sending their messages.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::account::{Account, AutoReceipts, NinthDigit};
use crate::world::Server;
use crate::{SimulatorError, pairing, phone, phone_send};

type Answer = Result<Json<Value>, SimulatorError>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Declaration {
    number: String,
    name: Option<String>,
    auto_receipts: Option<AutoReceipts>,
    ninth_digit: Option<NinthDigit>,
}

#[derive(Deserialize)]
pub(super) struct Scan {
    number: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    to: String,
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ids {
    ids: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    from: &'a str,
    text: Option<&'a str>,
    kind: &'a str,
    at: u64,
    order: u64,
    copies: u64,
    undecryptable: u64,
    read: bool,
    /// The order numbers at which the message came to the server from a client.
    arrivals: &'a [u64],
}

pub(super) async fn declare(
    State(server): State<Arc<Server>>,
    Json(wanted): Json<Declaration>,
) -> Result<(StatusCode, Json<Value>), SimulatorError> {
    server.change(|world| {
        let status = match world.accounts.contains_key(&wanted.number) {
            true => StatusCode::OK,
            false => StatusCode::CREATED,
        };
        let account = world.declare(&wanted.number, wanted.name)?;
        account.auto_receipts = wanted.auto_receipts.unwrap_or(account.auto_receipts);
        account.ninth_digit = wanted.ninth_digit.unwrap_or(account.ninth_digit);
        Ok((status, Json(shown(account))))
    })
}

pub(super) async fn list(State(server): State<Arc<Server>>) -> Json<Value> {
    let world = server.world();
    Json(json!({"accounts": world.accounts.values().map(shown).collect::<Vec<_>>()}))
}

fn shown(account: &Account) -> Value {
    json!({
        "number": account.number,
        "name": account.name,
        "jid": account.pn(0).to_string(),
        "lid": account.lid(0).to_string(),
        "auto_receipts": account.auto_receipts,
        "ninth_digit": account.ninth_digit,
        "devices": account.reachable(),
    })
}

/// The body is the QR's text as it is; it is a secret and stays out of answers and logs.
pub(super) async fn scan(State(server): State<Arc<Server>>, Query(scan): Query<Scan>, qr: String) -> Answer {
    let scanned = server.change(|world| pairing::scan(world, &qr, scan.number.as_deref()))?;
    Ok(Json(json!({
        "number": scanned.number,
        "device": scanned.device,
        "jid": scanned.jid,
        "lid": scanned.lid,
    })))
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
                text: received.text.as_deref(),
                kind: &received.kind,
                at: received.at,
                order: received.order,
                copies: received.copies,
                undecryptable: received.undecryptable,
                read: received.read,
                arrivals: world.stats.arrivals.get(&received.id).map(Vec::as_slice).unwrap_or_default(),
            })
        })
        .collect();
    Ok(Json(json!({"messages": messages})))
}

pub(super) async fn send(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Json(wanted): Json<Text>,
) -> Result<(StatusCode, Json<Value>), SimulatorError> {
    let id = server.change(|world| phone_send::text(world, &number, &wanted.to, &wanted.text))?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))))
}

/// What the contact sent, with the receipts that came for it.
pub(super) async fn sent(State(server): State<Arc<Server>>, Path(number): Path<String>) -> Answer {
    let world = server.world();
    let phone = &world.account(&number)?.phone;
    let sent: Vec<Value> = phone
        .sent
        .iter()
        .map(|(id, text)| {
            let receipts = phone.receipts.get(id).cloned().unwrap_or_default();
            json!({"id": id, "to": text.to, "text": text.text, "receipts": receipts})
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
    let wanted: Ids = match body.trim() {
        "" => Ids::default(),
        body => serde_json::from_str(body).map_err(|e| SimulatorError::Invalid(e.to_string()))?,
    };
    let read = server.change(|world| phone::mark_read(world, &number, wanted.ids.as_deref()))?;
    Ok(Json(json!({"read": read})))
}
