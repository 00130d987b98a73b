//! Messages.

use super::contact::{lid, pn};
use super::{Contact, People};
use crate::chat::{self, Address, Body};
use crate::phone::Phone;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::fmt;

/// A message as V1's `Message`. `Debug` shows its id only.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// `<fromMe>_<chat>_<key id>[_<participant>]`.
    pub id: String,
    /// What it says, as text: see [`super`].
    pub body: String,
    /// What it is: see [`Body::v1_type`].
    pub r#type: &'static str,
    /// When it was written, in Unix seconds.
    pub t: i64,
    /// The chat for what was received, the number for what it wrote.
    pub from: String,
    /// The other way around.
    pub to: String,
    /// Who wrote it, in groups and lists.
    pub author: Option<String>,
    /// How far it is: -1 to 4.
    pub ack: i8,
    /// What its author called themselves.
    pub notify_name: Option<String>,
    /// A file's media type.
    pub mimetype: Option<String>,
    /// What opens a file, in Base64.
    pub media_key: Option<String>,
    /// A file's path on WhatsApp's media servers.
    pub direct_path: Option<String>,
    /// Whether it is a file.
    pub is_media: bool,
    /// Whether it is in a group.
    pub is_group_msg: bool,
    /// Whether the number wrote it.
    pub from_me: bool,
    /// Who wrote it.
    pub sender: Contact,
    /// The chat.
    pub chat_id: String,
    /// As `t`.
    pub timestamp: i64,
    /// What it answers, or what a reaction is about.
    pub quoted_msg: Option<Quoted>,
    /// The text under a file, or what a place is called.
    pub caption: Option<String>,
    /// What a file is called.
    pub filename: Option<String>,
    /// A file's length in bytes.
    pub size: Option<u64>,
    /// The author's address by phone number, where it is known.
    pub pn: Option<String>,
    /// The author's LID, where it is known.
    pub lid: Option<String>,
}

/// A message that another one is about.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Quoted {
    id: String,
    body: Option<String>,
    r#type: Option<&'static str>,
    author: Option<String>,
    mimetype: Option<String>,
    caption: Option<String>,
    filename: Option<String>,
}

impl Message {
    /// A message of the number `me`, its author by what `people` knows of them.
    pub fn new(message: &chat::Message, me: &Phone, people: &People) -> Self {
        let key = &message.key;
        let (own, other) = (Address::of_phone(me).v1(), key.chat.v1());
        let (from, to) = if key.from_me { (own, other.clone()) } else { (other.clone(), own) };
        let file = match &message.body {
            Body::Media(file) => Some(file),
            _ => None,
        };
        let many = !key.chat.is_person();
        Self {
            id: key.to_string(),
            body: body(&message.body),
            r#type: message.body.v1_type(),
            t: message.at.as_second(),
            from,
            to,
            author: many.then(|| message.author.address().v1()),
            ack: message.ack.number(),
            notify_name: message.push_name.clone(),
            mimetype: file.map(|file| file.mime.clone()),
            media_key: file.and_then(|file| file.key.as_ref()).map(|key| STANDARD.encode(key.0)),
            direct_path: file.and_then(|file| file.direct_path.clone()),
            is_media: file.is_some(),
            is_group_msg: key.chat.is_group(),
            from_me: key.from_me,
            sender: Contact::of(&message.author, message.push_name.as_deref(), me, people),
            chat_id: other,
            timestamp: message.at.as_second(),
            quoted_msg: quoted(message),
            caption: caption(&message.body),
            filename: file.and_then(|file| file.file_name.clone()),
            size: file.and_then(|file| file.length),
            pn: pn(&message.author),
            lid: lid(&message.author),
        }
    }
}

fn quoted(message: &chat::Message) -> Option<Quoted> {
    let (key, said) = match (&message.body, &message.quoted) {
        (Body::Reaction { target, .. }, _) => (target, None),
        (_, Some(quoted)) => (&quoted.key, quoted.body.as_deref()),
        _ => return None,
    };
    let file = match said {
        Some(Body::Media(file)) => Some(file),
        _ => None,
    };
    Some(Quoted {
        id: key.to_string(),
        body: said.map(body),
        r#type: said.map(Body::v1_type),
        author: key.participant.as_ref().map(Address::v1),
        mimetype: file.map(|file| file.mime.clone()),
        caption: said.and_then(caption),
        filename: file.and_then(|file| file.file_name.clone()),
    })
}

/// What a message says, as text: see [`super`].
fn body(body: &Body) -> String {
    match body {
        Body::Text { text } => text.clone(),
        Body::Media(file) => file.caption.clone().unwrap_or_default(),
        Body::Location { latitude, longitude, .. } => format!("{latitude},{longitude}"),
        Body::Contacts { cards } => {
            cards.iter().map(|card| card.vcard.as_str()).collect::<Vec<_>>().join("\n")
        }
        Body::Poll { question, options, .. } => {
            std::iter::once(question).chain(options).map(String::as_str).collect::<Vec<_>>().join("\n")
        }
        Body::Reaction { emoji, .. } => emoji.clone().unwrap_or_default(),
        Body::Revoked | Body::Ciphertext | Body::Other { .. } => String::new(),
    }
}

fn caption(body: &Body) -> Option<String> {
    match body {
        Body::Media(file) => file.caption.clone(),
        Body::Location { name, address, .. } => {
            let lines: Vec<&str> = [name, address].into_iter().flatten().map(String::as_str).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        _ => None,
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.r#type)
    }
}

impl fmt::Debug for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Quoted(…)")
    }
}
