//! What accounts show of themselves: pictures, about texts, presence, chat states.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::SimulatorError;
use crate::presence;
use crate::profile::{picture, set_about};
use crate::world::Server;

type Done = Result<StatusCode, SimulatorError>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// An empty text takes it away.
    about: Option<String>,
    about_hidden: Option<bool>,
    picture_hidden: Option<bool>,
    last_seen_hidden: Option<bool>,
    /// The verified name; an empty one makes the account no business.
    business: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Picture {
    /// Base64.
    image: String,
    /// Base64; the image itself if nothing is said.
    preview: Option<String>,
    /// Who sets it, by number: for groups, whose creator does if nothing is said.
    by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Presence {
    available: bool,
    /// Seconds since the epoch; now if nothing is said.
    last_seen: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Types {
    /// A number or a group's address.
    to: String,
    state: String,
}

pub(super) async fn profile(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Json(wanted): Json<Profile>,
) -> Done {
    server.change(|world| {
        let profile = &mut world.account_mut(&number)?.profile;
        profile.about_hidden = wanted.about_hidden.unwrap_or(profile.about_hidden);
        profile.picture_hidden = wanted.picture_hidden.unwrap_or(profile.picture_hidden);
        profile.last_seen_hidden = wanted.last_seen_hidden.unwrap_or(profile.last_seen_hidden);
        if let Some(name) = wanted.business {
            profile.business = Some(name).filter(|name| !name.is_empty());
        }
        if let Some(text) = wanted.about {
            set_about(world, &number, &text)?;
        }
        Ok(StatusCode::NO_CONTENT)
    })
}

/// Sets the picture of a number or a group.
pub(super) async fn set_picture(
    State(server): State<Arc<Server>>,
    Path(of): Path<String>,
    Json(wanted): Json<Picture>,
) -> Result<Json<Value>, SimulatorError> {
    let decoded = |text: &str| {
        STANDARD.decode(text).map_err(|_| SimulatorError::Invalid("a picture is base64".to_owned()))
    };
    let image = decoded(&wanted.image)?;
    let preview = wanted.preview.as_deref().map(decoded).transpose()?.unwrap_or_else(|| image.clone());
    server.change(|world| {
        let by = wanted.by.unwrap_or_else(|| author(world, &of));
        let id = picture::set(world, &of, &by, Some((&image, &preview)))?;
        Ok(Json(json!({"id": id})))
    })
}

pub(super) async fn remove_picture(State(server): State<Arc<Server>>, Path(of): Path<String>) -> Done {
    server.change(|world| {
        let by = author(world, &of);
        picture::set(world, &of, &by, None)?;
        Ok(StatusCode::NO_CONTENT)
    })
}

fn author(world: &crate::world::World, of: &str) -> String {
    world.groups.get(of).map_or(of, |group| &group.creator).to_owned()
}

pub(super) async fn presence(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Json(wanted): Json<Presence>,
) -> Done {
    server.change(|world| presence::set(world, &number, wanted.available, wanted.last_seen))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the account is there, as others would see it.
pub(super) async fn shown_presence(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
) -> Result<Json<Value>, SimulatorError> {
    let world = server.world();
    let account = world.account(&number)?;
    Ok(Json(json!({"available": presence::is_there(account), "last_seen": account.profile.last_seen})))
}

pub(super) async fn types(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Json(wanted): Json<Types>,
) -> Done {
    server.change(|world| presence::contact_types(world, &number, &wanted.to, &wanted.state))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The chat states that came for a number, the oldest first.
pub(super) async fn chat_states(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
) -> Result<Json<Value>, SimulatorError> {
    let world = server.world();
    world.account(&number)?;
    let states: Vec<&presence::Typing> = world.typing.iter().filter(|state| state.to == number).collect();
    Ok(Json(json!({"chat_states": states})))
}
