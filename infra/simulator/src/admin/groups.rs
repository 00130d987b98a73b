//! Groups: made and changed by the accounts that the simulator plays.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::SimulatorError;
use crate::group::change::{self, Setting};
use crate::group::{Addressing, Group, Rank};
use crate::world::{Server, World};

type Answer = Result<Json<Value>, SimulatorError>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGroup {
    subject: String,
    /// Who makes it, by number, and becomes its first admin.
    creator: String,
    /// The other members, by number.
    #[serde(default)]
    members: Vec<String>,
    /// Which of the members are admins too.
    #[serde(default)]
    admins: Vec<String>,
    description: Option<String>,
    #[serde(default)]
    announce: bool,
    #[serde(default)]
    locked: bool,
    #[serde(default)]
    approval: bool,
    #[serde(default)]
    addressing: Addressing,
    capacity: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// Who changes it, by number; the creator if nothing is said.
    by: Option<String>,
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    promote: Vec<String>,
    #[serde(default)]
    demote: Vec<String>,
    subject: Option<String>,
    /// An empty text takes the description away.
    description: Option<String>,
    announce: Option<bool>,
    locked: Option<bool>,
    approval: Option<bool>,
    ephemeral_s: Option<u32>,
    #[serde(default)]
    reset_invite: bool,
    /// Nobody is told: who knows the members by the other kind of address finds out.
    addressing: Option<Addressing>,
    capacity: Option<usize>,
}

pub(super) async fn create(
    State(server): State<Arc<Server>>,
    Json(wanted): Json<NewGroup>,
) -> Result<(StatusCode, Json<Value>), SimulatorError> {
    server.change(|world| {
        let mut group = Group::new(&wanted.subject, &wanted.creator);
        world.account(&wanted.creator)?;
        for number in wanted.members.iter().chain(&wanted.admins) {
            world.account(number)?;
            let rank = if wanted.admins.contains(number) { Rank::Admin } else { Rank::Member };
            group.members.entry(number.clone()).or_insert(rank);
        }
        if let Some(text) = wanted.description {
            group.describe(&text, &wanted.creator);
        }
        group.announce = wanted.announce;
        group.locked = wanted.locked;
        group.approval = wanted.approval;
        group.addressing = wanted.addressing;
        group.capacity = wanted.capacity.unwrap_or(group.capacity);
        let address = change::create(world, group);
        Ok((StatusCode::CREATED, Json(shown(world.group_at(&address)?))))
    })
}

pub(super) async fn list(State(server): State<Arc<Server>>) -> Json<Value> {
    let world = server.world();
    Json(json!({"groups": world.groups.values().map(shown).collect::<Vec<_>>()}))
}

pub(super) async fn one(State(server): State<Arc<Server>>, Path(address): Path<String>) -> Answer {
    let world = server.world();
    Ok(Json(shown(world.group_at(&address)?)))
}

pub(super) async fn change(
    State(server): State<Arc<Server>>,
    Path(address): Path<String>,
    Json(wanted): Json<Change>,
) -> Answer {
    server.change(|world| {
        apply(world, &address, wanted)?;
        Ok(Json(shown(world.group_at(&address)?)))
    })
}

fn apply(world: &mut World, address: &str, wanted: Change) -> Result<(), SimulatorError> {
    let by = wanted.by.unwrap_or(world.group_at(address)?.creator.clone());
    for number in wanted.add.iter().chain(&wanted.remove).chain([&by]) {
        world.account(number)?;
    }
    change::add(world, address, &by, &wanted.add, None)?;
    change::remove(world, address, &by, &wanted.remove)?;
    for (numbers, rank) in [(wanted.promote, Rank::Admin), (wanted.demote, Rank::Member)] {
        if !numbers.is_empty() {
            change::rank(world, address, &by, &numbers, rank)?;
        }
    }
    if let Some(subject) = wanted.subject {
        change::subject(world, address, &by, &subject)?;
    }
    if let Some(text) = wanted.description {
        let id = crate::phone_send::new_id();
        change::description(world, address, &by, &id, Some(text.as_str()).filter(|text| !text.is_empty()))?;
    }
    for (setting, on) in [
        (Setting::Announce, wanted.announce),
        (Setting::Locked, wanted.locked),
        (Setting::Approval, wanted.approval),
    ] {
        if let Some(on) = on {
            change::setting(world, address, &by, setting, on)?;
        }
    }
    if let Some(seconds) = wanted.ephemeral_s {
        change::ephemeral(world, address, &by, seconds)?;
    }
    if let Some(capacity) = wanted.capacity {
        world.group_at_mut(address)?.capacity = capacity;
    }
    if let Some(addressing) = wanted.addressing {
        world.group_at_mut(address)?.addressing = addressing;
    }
    if wanted.reset_invite {
        change::reset_invite(world, address, &by)?;
    }
    Ok(())
}

fn shown(group: &Group) -> Value {
    let members: Vec<Value> =
        group.members.iter().map(|(number, rank)| json!({"number": number, "rank": rank})).collect();
    json!({
        "id": group.jid().to_string(),
        "subject": group.subject,
        "creator": group.creator,
        "created": group.created,
        "description": group.description.as_ref().map(|description| &description.text),
        "announce": group.announce,
        "locked": group.locked,
        "approval": group.approval,
        "ephemeral_s": group.ephemeral,
        "addressing": group.addressing,
        "capacity": group.capacity,
        "members": members,
        "waiting": group.waiting,
        "invite": group.invite,
        "invite_link": format!("https://chat.whatsapp.com/{}", group.invite),
    })
}
