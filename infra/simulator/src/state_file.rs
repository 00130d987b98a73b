//! The state file: accounts, devices, keys, queued stanzas and what the phones hold, so that all of it survives a
//! restart. Written beside the old one and moved over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::SimulatorError;
use crate::account::Account;
use crate::group::Group;
use crate::noise::ServerIdentity;
use crate::world::{Server, World};

/// Changes that come in quick succession are written together.
const SETTLE: Duration = Duration::from_millis(250);
/// How many times as long as it took to write the file nothing is written: nobody is served while the state is read, which takes a second
/// where there is much of it.
const REST: u32 = 20;

#[derive(Deserialize)]
struct Loaded {
    server: ServerIdentity,
    accounts: BTreeMap<String, Account>,
    #[serde(default)]
    groups: BTreeMap<String, Group>,
    last_order: u64,
}

#[derive(Serialize)]
struct Saved<'a> {
    server: &'a ServerIdentity,
    accounts: &'a BTreeMap<String, Account>,
    groups: &'a BTreeMap<String, Group>,
    last_order: u64,
}

/// Starts from the file, or afresh when there is none.
pub(crate) fn load(path: Option<&Path>) -> Result<Server, SimulatorError> {
    let text = match path {
        Some(path) if path.exists() => std::fs::read(path).map_err(|error| failure(path, error))?,
        _ => return Ok(Server::new(ServerIdentity::generate(), World::default())),
    };
    let loaded: Loaded = serde_json::from_slice(&text)
        .map_err(|error| failure(path.unwrap_or_else(|| Path::new("")), error))?;
    let mut world = World::with_accounts(loaded.accounts, loaded.last_order);
    world.groups = loaded.groups;
    Ok(Server::new(loaded.server, world))
}

/// Writes the file, atomically.
pub(crate) fn save(server: &Server, path: &Path) -> Result<(), SimulatorError> {
    // Whoever writes last has the latest state, and nobody writes over another's half.
    let _saving = server.saving.lock().unwrap_or_else(PoisonError::into_inner);
    let text = {
        let world = server.world();
        let saved = Saved {
            server: &server.identity,
            accounts: &world.accounts,
            groups: &world.groups,
            last_order: world.last_order(),
        };
        serde_json::to_vec(&saved).map_err(|error| failure(path, error))?
    };
    let beside = path.with_extension("new");
    std::fs::write(&beside, text).map_err(|error| failure(&beside, error))?;
    std::fs::rename(&beside, path).map_err(|error| failure(path, error))
}

/// Writes the file a moment after each change, until it is aborted.
pub(crate) async fn keep(server: Arc<Server>, path: PathBuf) {
    let mut rest = SETTLE;
    loop {
        server.changed.notified().await;
        tokio::time::sleep(rest).await;
        let (server, path) = (Arc::clone(&server), path.clone());
        let began = Instant::now();
        let saved = tokio::task::spawn_blocking(move || save(&server, &path)).await;
        if let Ok(Err(error)) = saved {
            tracing::error!(%error, "the state could not be saved");
        }
        rest = SETTLE.max(began.elapsed() * REST);
    }
}

fn failure(path: &Path, error: impl std::fmt::Display) -> SimulatorError {
    SimulatorError::State { path: path.display().to_string(), reason: error.to_string() }
}
