//! Accounts: declaring them, and scanning QRs with their phones.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{Account, AutoReceipts, NinthDigit};
use crate::pairing::Linked;
use crate::world::Server;
use crate::{SimulatorError, lid, link_code, pairing};

type Answer = Result<Json<Value>, SimulatorError>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Declaration {
    number: String,
    name: Option<String>,
    auto_receipts: Option<AutoReceipts>,
    ninth_digit: Option<NinthDigit>,
    passkey: Option<bool>,
    restricted: Option<bool>,
    read_receipts: Option<bool>,
    lid_migrated: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    number: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    number: String,
    #[serde(default)]
    force_manual: bool,
}

#[derive(Deserialize)]
pub(super) struct Scan {
    number: Option<String>,
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
        account.passkey = wanted.passkey.unwrap_or(account.passkey);
        account.restricted = wanted.restricted.unwrap_or(account.restricted);
        account.read_receipts = wanted.read_receipts.unwrap_or(account.read_receipts);
        let moves = wanted.lid_migrated == Some(true) && !account.lid_migrated;
        account.lid_migrated = wanted.lid_migrated.unwrap_or(account.lid_migrated);
        if moves {
            lid::migrate(world, &wanted.number)?;
        }
        Ok((status, Json(shown(world.account(&wanted.number)?))))
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
        "passkey": account.passkey,
        "restricted": account.restricted,
        "read_receipts": account.read_receipts,
        "lid_migrated": account.lid_migrated,
        "devices": account.reachable(),
    })
}

/// The body is the QR's text as it is; it is a secret and stays out of answers and logs.
pub(super) async fn scan(State(server): State<Arc<Server>>, Query(scan): Query<Scan>, qr: String) -> Answer {
    let linked = server.change(|world| pairing::scan(world, &qr, scan.number.as_deref()))?;
    Ok(Json(outcome(linked)))
}

/// The phone's owner types the code that the client shows. Answers when the device is linked, or could not be.
pub(super) async fn enter_code(State(server): State<Arc<Server>>, Json(code): Json<Code>) -> Answer {
    let linked = link_code::enter(&server, &code.number, &code.code).await?;
    Ok(Json(outcome(linked)))
}

/// The code that a client shows is void; it is told to ask for another.
pub(super) async fn refresh_code(
    State(server): State<Arc<Server>>,
    Json(wanted): Json<Refresh>,
) -> Result<StatusCode, SimulatorError> {
    server.change(|world| link_code::refresh(world, &wanted.number, wanted.force_manual))?;
    Ok(StatusCode::NO_CONTENT)
}

fn outcome(linked: Linked) -> Value {
    match linked {
        Linked::Device { number, device, jid, lid } => {
            json!({"number": number, "device": device, "jid": jid, "lid": lid, "passkey_asked": false})
        }
        Linked::PasskeyAsked { number } => json!({"number": number, "passkey_asked": true}),
    }
}
