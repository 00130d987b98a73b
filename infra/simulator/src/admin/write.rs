//! What an account's phone is told to write.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::draft::{Draft, Place, authors};
use crate::draft_media::Placing;
use crate::phone_send::{self, Readable};
use crate::world::Server;
use crate::{SimulatorError, group};

/// To whom, and how; the rest of the body is the content.
#[derive(Deserialize)]
struct Sending {
    to: String,
    #[serde(default)]
    readable: Readable,
}

pub(super) async fn send(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Json(body): Json<Map<String, Value>>,
) -> Result<(StatusCode, Json<Value>), SimulatorError> {
    let (sending, draft) = split::<Sending, Draft>(body, &["to", "readable"])?;
    let id = server.change(|world| {
        let in_group = world.groups.contains_key(&sending.to);
        let to = match in_group {
            true => sending.to.clone(),
            false => world
                .find_number(&sending.to)
                .ok_or_else(|| SimulatorError::NotFound("the recipient is not on WhatsApp".to_owned()))?,
        };
        let account = world.account(&number)?;
        let place = Place {
            address: if in_group { to.clone() } else { world.chat_address(&number, &to)?.to_string() },
            own: account.chat_address(0).to_string(),
            chat: account.phone.chronicle.chats.get(&to),
            authors: authors(world, &to),
        };
        let placing = Placing { store: &world.store, host: &world.media.host };
        let message = draft.message(&place, &placing)?;
        match in_group {
            true => group::write::send(world, &number, &to, message, sending.readable),
            false => phone_send::send(world, &number, &to, message, sending.readable),
        }
    })?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))))
}

/// A body's keys of these names, and the others.
pub(super) fn split<A: DeserializeOwned, B: DeserializeOwned>(
    mut body: Map<String, Value>,
    names: &[&str],
) -> Result<(A, B), SimulatorError> {
    let named: Map<String, Value> =
        names.iter().filter_map(|name| body.remove(*name).map(|value| ((*name).to_owned(), value))).collect();
    let wrong = |error: serde_json::Error| SimulatorError::Unprocessable(error.to_string());
    Ok((
        serde_json::from_value(Value::Object(named)).map_err(wrong)?,
        serde_json::from_value(Value::Object(body)).map_err(wrong)?,
    ))
}
