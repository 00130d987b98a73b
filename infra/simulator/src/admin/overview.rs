//! What there is: devices with their streams and queues, counters; and starting over.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::stream::Out;
use crate::world::Server;

pub(super) async fn devices(State(server): State<Arc<Server>>) -> Json<Value> {
    let world = server.world();
    let mut devices = Vec::new();
    for account in world.accounts.values() {
        for (id, device) in &account.devices {
            devices.push(json!({
                "number": account.number,
                "device": id,
                "jid": account.pn(*id).to_string(),
                "lid": account.lid(*id).to_string(),
                "push_name": device.push_name,
                "paired": device.adv_identity.is_some(),
                "online": device.stream.is_some(),
                "active": device.active,
                "open_streams": device.open_streams,
                "max_streams": device.max_streams,
                "logins": device.logins,
                "holders": device.holders,
                "pre_keys": device.pre_keys.len(),
                "queued": device.pending.len(),
            }));
        }
    }
    Json(json!({"devices": devices}))
}

/// The root of the certificate chain, for clients that can be told to trust another root than WhatsApp's.
pub(super) async fn root_key(State(server): State<Arc<Server>>) -> Json<Value> {
    let hex: String = server.identity.root_public().iter().map(|byte| format!("{byte:02x}")).collect();
    Json(json!({"root_key": hex}))
}

pub(super) async fn stats(State(server): State<Arc<Server>>) -> Json<Value> {
    let world = server.world();
    let pairings = world.pairings.len();
    Json(json!({"stats": world.stats, "accounts": world.accounts.len(), "offered_qrs": pairings}))
}

/// Forgets everything: accounts, devices, faults, counters. Open streams are dropped.
pub(super) async fn reset(State(server): State<Arc<Server>>) -> StatusCode {
    server.change(|world| {
        let logged_in = world
            .accounts
            .values()
            .flat_map(|a| a.devices.values())
            .filter_map(|device| device.stream.as_ref());
        let pairing = world.pairings.values().map(|pairing| &pairing.outbound);
        for stream in logged_in.chain(pairing) {
            stream.send(Out::Drop);
        }
        world.reset();
    });
    server.store.clear();
    StatusCode::NO_CONTENT
}
