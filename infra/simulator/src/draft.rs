//! What a phone is told to write: content as JSON, made into the message that WhatsApp's own app would send.

use std::collections::BTreeMap;

use buffa::MessageField;
use serde::Deserialize;
use wacore::proto_helpers::MessageExt as _;
use waproto::whatsapp::{self as wa, message as wm};

use crate::SimulatorError;
use crate::chronicle::{Chat, Remembered};
use crate::draft_media::{MediaDraft, Placing};
use crate::stanza::now_millis;
use crate::world::World;

/// One message's content: one of the kinds, and whether it is forwarded or quotes another.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    text: Option<String>,
    media: Option<MediaDraft>,
    location: Option<Location>,
    /// One is a contact's card, several are a list of cards.
    contacts: Option<Vec<Card>>,
    poll: Option<Poll>,
    reaction: Option<Reaction>,
    edit: Option<Edit>,
    /// The id of a message to be revoked, for everybody.
    revoke: Option<String>,
    #[serde(default)]
    forwarded: bool,
    /// The id of the message that this one answers.
    quoted: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Location {
    latitude: f64,
    longitude: f64,
    name: Option<String>,
    address: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    name: String,
    number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Poll {
    question: String,
    options: Vec<String>,
    /// How many may be chosen; 0 is any number.
    #[serde(default = "one")]
    selectable: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reaction {
    id: String,
    /// Empty takes the reaction back.
    emoji: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    id: String,
    text: String,
}

fn one() -> u32 {
    1
}

/// Where a message is to be written: the chat as its writer sees it.
pub(crate) struct Place<'a> {
    /// The chat's address.
    pub(crate) address: String,
    /// The writer's own address.
    pub(crate) own: String,
    /// What the writer remembers of the chat.
    pub(crate) chat: Option<&'a Chat>,
    /// In a group, its members' addresses there, by number.
    pub(crate) authors: BTreeMap<String, String>,
}

/// The addresses of a group's members; nothing for a chat with one person.
pub(crate) fn authors(world: &World, chat: &str) -> BTreeMap<String, String> {
    let Some(group) = world.groups.get(chat) else { return BTreeMap::new() };
    let accounts = group.members.keys().filter_map(|number| world.accounts.get(number));
    accounts.map(|account| (account.number.clone(), group.address(account, 0).to_string())).collect()
}

impl Draft {
    /// The message to be sent.
    ///
    /// # Errors
    /// No content or more than one; a message that it names and that the writer does not know.
    pub(crate) fn message(
        self,
        place: &Place<'_>,
        placing: &Placing<'_>,
    ) -> Result<wa::Message, SimulatorError> {
        let (forwarded, quoted) = (self.forwarded, self.quoted.clone());
        let mut message = self.content(place, placing)?;
        if forwarded || quoted.is_some() {
            let mut context = match &quoted {
                Some(id) => quote(place, id)?,
                None => wa::ContextInfo::default(),
            };
            if forwarded {
                context.is_forwarded = Some(true);
                context.forwarding_score = Some(1);
            }
            if !message.set_context_info(context) {
                let why = "this kind can neither be forwarded nor quote another";
                return Err(SimulatorError::Invalid(why.to_owned()));
            }
        }
        // Every message of today's apps carries a secret, from which those of reactions and votes are derived.
        message.message_context_info = MessageField::some(wa::MessageContextInfo {
            message_secret: Some(rand::random::<[u8; 32]>().to_vec()),
            ..Default::default()
        });
        Ok(message)
    }

    fn content(self, place: &Place<'_>, placing: &Placing<'_>) -> Result<wa::Message, SimulatorError> {
        let Self { text, media, location, contacts, poll, reaction, edit, revoke, .. } = self;
        let contents = [
            text.map(|text| Ok(wa::Message { conversation: Some(text), ..Default::default() })),
            media.map(|media| media.message(placing)),
            location.map(|location| Ok(location.message())),
            contacts.map(cards),
            poll.map(|poll| Ok(poll.message())),
            reaction.map(|reaction| reaction.message(place)),
            edit.map(|edit| edit.message(place)),
            revoke.map(|id| revocation(place, &id)),
        ];
        let mut contents = contents.into_iter().flatten();
        match (contents.next(), contents.next()) {
            (Some(content), None) => content,
            _ => Err(SimulatorError::Invalid("a message has one content: text, media, …".to_owned())),
        }
    }
}

impl Location {
    fn message(self) -> wa::Message {
        let location = wm::LocationMessage {
            degrees_latitude: Some(self.latitude),
            degrees_longitude: Some(self.longitude),
            name: self.name,
            address: self.address,
            ..Default::default()
        };
        wa::Message { location_message: MessageField::some(location), ..Default::default() }
    }
}

impl Poll {
    fn message(self) -> wa::Message {
        let options = self.options.into_iter().map(|option| wm::poll_creation_message::Option {
            option_name: Some(option),
            ..Default::default()
        });
        let poll = wm::PollCreationMessage {
            name: Some(self.question),
            options: options.collect(),
            selectable_options_count: Some(self.selectable),
            ..Default::default()
        };
        // One choice goes as the third version of the message, several as the first.
        match self.selectable {
            1 => wa::Message { poll_creation_message_v3: MessageField::some(poll), ..Default::default() },
            _ => wa::Message { poll_creation_message: MessageField::some(poll), ..Default::default() },
        }
    }
}

impl Reaction {
    fn message(self, place: &Place<'_>) -> Result<wa::Message, SimulatorError> {
        let reaction = wm::ReactionMessage {
            key: MessageField::some(key(place, &self.id)?),
            text: Some(self.emoji),
            sender_timestamp_ms: Some(now_millis() as i64),
            ..Default::default()
        };
        Ok(wa::Message { reaction_message: MessageField::some(reaction), ..Default::default() })
    }
}

impl Edit {
    fn message(self, place: &Place<'_>) -> Result<wa::Message, SimulatorError> {
        let edited = wa::Message { conversation: Some(self.text), ..Default::default() };
        let protocol = wm::ProtocolMessage {
            r#type: Some(wm::protocol_message::Type::MESSAGE_EDIT),
            key: MessageField::some(own_key(place, &self.id)?),
            edited_message: MessageField::some(edited),
            timestamp_ms: Some(now_millis() as i64),
            ..Default::default()
        };
        Ok(wa::Message { protocol_message: MessageField::some(protocol), ..Default::default() })
    }
}

fn revocation(place: &Place<'_>, id: &str) -> Result<wa::Message, SimulatorError> {
    let protocol = wm::ProtocolMessage {
        r#type: Some(wm::protocol_message::Type::REVOKE),
        key: MessageField::some(own_key(place, id)?),
        ..Default::default()
    };
    Ok(wa::Message { protocol_message: MessageField::some(protocol), ..Default::default() })
}

fn cards(cards: Vec<Card>) -> Result<wa::Message, SimulatorError> {
    let mut contacts: Vec<wm::ContactMessage> = cards.into_iter().map(Card::message).collect();
    match contacts.len() {
        0 => Err(SimulatorError::Invalid("no contact".to_owned())),
        1 => {
            let contact = contacts.pop().map(MessageField::some).unwrap_or_default();
            Ok(wa::Message { contact_message: contact, ..Default::default() })
        }
        count => {
            let list = wm::ContactsArrayMessage {
                display_name: Some(format!("{count} contatos")),
                contacts,
                ..Default::default()
            };
            Ok(wa::Message { contacts_array_message: MessageField::some(list), ..Default::default() })
        }
    }
}

impl Card {
    fn message(self) -> wm::ContactMessage {
        let Self { name, number } = self;
        let vcard = format!(
            "BEGIN:VCARD\nVERSION:3.0\nN:;{name};;;\nFN:{name}\nitem1.TEL;waid={number}:+{number}\nitem1.X-ABLabel:Celular\nEND:VCARD"
        );
        wm::ContactMessage { display_name: Some(name), vcard: Some(vcard), ..Default::default() }
    }
}

/// The key of a message of the chat, as its writer sees it.
fn key(place: &Place<'_>, id: &str) -> Result<wa::MessageKey, SimulatorError> {
    let target = find(place, id)?;
    Ok(wa::MessageKey {
        remote_jid: Some(place.address.clone()),
        from_me: Some(target.from_me),
        id: Some(id.to_owned()),
        participant: author(place, target),
    })
}

/// The address of a group message's author.
fn author(place: &Place<'_>, target: &Remembered) -> Option<String> {
    match (&target.author, target.from_me) {
        (_, true) => (!place.authors.is_empty()).then(|| place.own.clone()),
        (author, false) => author.as_ref().and_then(|author| place.authors.get(author).cloned()),
    }
}

fn own_key(place: &Place<'_>, id: &str) -> Result<wa::MessageKey, SimulatorError> {
    match key(place, id)? {
        key if key.from_me == Some(true) => Ok(key),
        _ => Err(SimulatorError::Invalid("this is another's message".to_owned())),
    }
}

fn quote(place: &Place<'_>, id: &str) -> Result<wa::ContextInfo, SimulatorError> {
    let target = find(place, id)?;
    let other = || author(place, target).unwrap_or_else(|| place.address.clone());
    Ok(wa::ContextInfo {
        stanza_id: Some(id.to_owned()),
        participant: Some(if target.from_me { place.own.clone() } else { other() }),
        quoted_message: MessageField::some(*target.message().prepare_for_quote()),
        ..Default::default()
    })
}

fn find<'a>(place: &Place<'a>, id: &str) -> Result<&'a Remembered, SimulatorError> {
    let mut messages = place.chat.into_iter().flat_map(|chat| &chat.messages);
    messages
        .find(|message| message.id == id)
        .ok_or_else(|| SimulatorError::NotFound("the chat has no such message".to_owned()))
}
