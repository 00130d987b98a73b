//! Injecting faults, and ending them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::account::DeviceRef;
use crate::fault::{Fault, FaultKind};
use crate::stream::Out;
use crate::world::{Server, World};
use crate::{SimulatorError, login, logout};

pub(super) async fn add(
    State(server): State<Arc<Server>>,
    Json(fault): Json<Fault>,
) -> Result<(StatusCode, Json<Value>), SimulatorError> {
    server.change(|world| {
        world.account(&fault.number)?;
        if fault.kind.ends_stream() && fault.after_messages == 0 {
            let ended = end_streams(world, &fault);
            return Ok((StatusCode::CREATED, Json(json!({"fault": fault, "streams": ended}))));
        }
        world.faults.add(fault.clone());
        if fault.kind == FaultKind::TemporaryBan {
            let ended = end_streams(world, &fault);
            return Ok((StatusCode::CREATED, Json(json!({"fault": fault, "streams": ended}))));
        }
        Ok((StatusCode::CREATED, Json(json!({"fault": fault}))))
    })
}

pub(super) async fn list(State(server): State<Arc<Server>>) -> Json<Value> {
    Json(json!({"faults": server.world().faults.list()}))
}

pub(super) async fn clear(State(server): State<Arc<Server>>) -> StatusCode {
    server.change(|world| world.faults.clear());
    StatusCode::NO_CONTENT
}

/// Ends the streams that a fault concerns, now. Answers how many devices it hit.
fn end_streams(world: &mut World, fault: &Fault) -> usize {
    let Some(account) = world.accounts.get(&fault.number) else { return 0 };
    let ids: Vec<u16> =
        account.devices.keys().copied().filter(|id| fault.device.is_none_or(|only| only == *id)).collect();
    let mut hit = 0;
    for device in ids {
        let device = DeviceRef { number: fault.number.clone(), device };
        if fault.kind == FaultKind::LoggedOut {
            logout::unlink(world, &device);
            hit += 1;
            continue;
        }
        let Some(stream) = world.device_mut(&device).and_then(|state| state.stream.clone()) else { continue };
        match fault.kind {
            FaultKind::Replaced => login::replaced(&stream),
            _ => stream.send(Out::Drop),
        }
        hit += 1;
    }
    hit
}
