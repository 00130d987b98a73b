//! What an account's phone remembers: seeding it before a companion is paired, and looking at it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::write::split;
use crate::SimulatorError;
use crate::chronicle::{Chat, Receipt, Remembered};
use crate::content::Content;
use crate::draft::{Draft, Place, authors};
use crate::draft_media::Placing;
use crate::history::Recipe;
use crate::phone_send::new_id;
use crate::stanza::now;
use crate::world::{Server, World};

type Answer = Result<Json<Value>, SimulatorError>;

/// Between a seeded chat's messages that say no time, in seconds.
const BETWEEN_MESSAGES: u64 = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seed {
    generate: Option<Generate>,
    #[serde(default)]
    chats: Vec<SeededChat>,
    /// How many of each chat's messages a new companion gets.
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generate {
    chats: u32,
    messages: u32,
    until: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeededChat {
    with: String,
    /// The contact's own name for himself.
    name: Option<String>,
    unread: Option<u32>,
    #[serde(default)]
    messages: Vec<Map<String, Value>>,
}

/// What a seeded message has besides its content.
#[derive(Deserialize)]
struct Circumstances {
    id: Option<String>,
    #[serde(default)]
    from_me: bool,
    at: Option<u64>,
    receipt: Option<Receipt>,
    /// Who wrote it, in a group.
    author: Option<String>,
    #[serde(default)]
    starred: bool,
}

/// One chat only.
#[derive(Deserialize)]
pub(super) struct Which {
    with: Option<String>,
}

pub(super) async fn seed(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Json(seed): Json<Seed>,
) -> Result<(StatusCode, Json<Value>), SimulatorError> {
    server.change(|world| {
        world.account(&number)?;
        let mut ids = Vec::new();
        for chat in seed.chats {
            ids.push(seed_chat(world, &number, chat)?);
        }
        let phone = &mut world.account_mut(&number)?.phone;
        phone.history_limit = seed.limit.or(phone.history_limit);
        if let Some(Generate { chats, messages, until }) = seed.generate {
            phone.recipes = vec![Recipe { chats, messages, until: until.unwrap_or_else(now) }];
        }
        Ok((StatusCode::CREATED, Json(json!({"ids": ids}))))
    })
}

/// Adds a chat's messages to what the phone remembers. Answers their ids.
fn seed_chat(world: &mut World, number: &str, seeded: SeededChat) -> Result<Vec<String>, SimulatorError> {
    let in_group = world.groups.contains_key(&seeded.with);
    let key = match in_group {
        true => seeded.with.clone(),
        false => world.declare(&seeded.with, seeded.name)?.number.clone(),
    };
    let authors = authors(world, &key);
    // The chat as the account sees it, and as the other one does.
    let (address, own) = match authors.get(number) {
        Some(own) => (key.clone(), own.clone()),
        None => {
            (world.chat_address(number, &key)?.to_string(), world.chat_address(&key, number)?.to_string())
        }
    };
    let count = seeded.messages.len() as u64;
    let mut chat = world.account(number)?.phone.chronicle.chats.get(&key).cloned().unwrap_or_default();
    let mut ids = Vec::new();
    for (nth, message) in seeded.messages.into_iter().enumerate() {
        let names = ["id", "from_me", "at", "receipt", "author", "starred"];
        let (what, draft) = split::<Circumstances, Draft>(message, &names)?;
        let writer = match (&what.author, what.from_me) {
            (_, true) => number,
            (Some(author), false) if authors.contains_key(author) => author,
            (None, false) if !in_group => &key,
            _ => {
                return Err(SimulatorError::Invalid(
                    "a message of a group has a member as its author".to_owned(),
                ));
            }
        };
        let seen = as_seen(&chat, number, writer, in_group);
        // The place as the message's writer sees it.
        let place = Place {
            address: if what.from_me || in_group { address.clone() } else { own.clone() },
            own: authors.get(writer).unwrap_or(if what.from_me { &own } else { &address }).clone(),
            chat: Some(&seen),
            authors: authors.clone(),
        };
        let placing = Placing { store: &world.store, host: &world.media.host };
        let message = draft.message(&place, &placing)?;
        let id = what.id.unwrap_or_else(new_id);
        let at = what.at.unwrap_or_else(|| now().saturating_sub((count - nth as u64) * BETWEEN_MESSAGES));
        if !chat.change(writer, &id, at, &message) {
            let (receipt, starred) = (what.receipt.unwrap_or(Receipt::Read), what.starred);
            let author = (in_group && !what.from_me).then(|| writer.to_owned());
            let remembered = Remembered::new(&id, what.from_me, at, &message);
            chat.add(Remembered { receipt, starred, author, ..remembered });
        }
        ids.push(id);
    }
    chat.unread = seeded.unread.unwrap_or(chat.unread);
    world.account_mut(number)?.phone.chronicle.chats.insert(key, chat);
    Ok(ids)
}

/// A chat from the side of the one who writes.
fn as_seen(chat: &Chat, owner: &str, writer: &str, in_group: bool) -> Chat {
    let mut chat = chat.clone();
    if writer != owner {
        for message in &mut chat.messages {
            let author = match message.from_me {
                true => Some(owner.to_owned()),
                false => message.author.take(),
            };
            message.from_me = if in_group { author.as_deref() == Some(writer) } else { !message.from_me };
            message.author = author.filter(|_| in_group);
        }
    }
    chat
}

/// What the phone remembers, without what is made up; one chat, or all.
pub(super) async fn shown(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    Query(which): Query<Which>,
) -> Answer {
    let world = server.world();
    let phone = &world.account(&number)?.phone;
    let chats =
        phone.chronicle.chats.iter().filter(|(key, _)| which.with.as_ref().is_none_or(|one| one == *key));
    let chats: Vec<Value> = chats
        .map(|(key, chat)| {
            let messages: Vec<Value> = chat.messages.iter().map(message).collect();
            json!({"with": key, "unread": chat.unread, "messages": messages})
        })
        .collect();
    Ok(Json(json!({"chats": chats, "generated": phone.recipes, "limit": phone.history_limit})))
}

fn message(message: &Remembered) -> Value {
    let content = Content::of(&message.message());
    let reactions: Vec<Value> =
        message.reactions.iter().map(|(by, one)| json!({"by": by, "emoji": one.emoji})).collect();
    json!({
        "id": message.id,
        "from_me": message.from_me,
        "author": message.author,
        "at": message.at,
        "kind": if message.revoked { "revoked" } else { content.kind },
        "text": content.text,
        "caption": content.media.and_then(|media| media.caption),
        "receipt": message.from_me.then_some(message.receipt),
        "starred": message.starred,
        "reactions": reactions,
    })
}
