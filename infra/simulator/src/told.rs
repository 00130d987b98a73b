//! What a message says besides a text and a file, as JSON for whoever reads along: cards, places, polls, what it does
//! to another message, and where it comes from.

use serde_json::{Map, Value, json};
use waproto::whatsapp::{self as wa, message as wm};

use crate::content::Content;

/// The kind of a message that is neither text nor file, if it is known, with what it says.
pub(crate) fn of(message: &wa::Message) -> Option<(&'static str, Map<String, Value>)> {
    if let Some(contact) = message.contact_message.as_option() {
        return Some(("contact", object(json!({"contacts": [card(contact)]}))));
    }
    if let Some(list) = message.contacts_array_message.as_option() {
        let cards: Vec<Value> = list.contacts.iter().map(card).collect();
        return Some(("contacts", object(json!({"contacts": cards}))));
    }
    if let Some(location) = message.location_message.as_option() {
        let location = json!({
            "latitude": location.degrees_latitude,
            "longitude": location.degrees_longitude,
            "name": location.name,
            "address": location.address,
        });
        return Some(("location", object(json!({"location": location}))));
    }
    if let Some(poll) = poll(message) {
        let options: Vec<&Option<String>> = poll.options.iter().map(|option| &option.option_name).collect();
        let poll = json!({
            "question": poll.name,
            "options": options,
            "selectable": poll.selectable_options_count,
        });
        return Some(("poll", object(json!({"poll": poll}))));
    }
    if let Some(reaction) = message.reaction_message.as_option() {
        let target = reaction.key.as_option().and_then(|key| key.id.clone());
        let reaction = json!({"id": target, "emoji": reaction.text});
        return Some(("reaction", object(json!({"reaction": reaction}))));
    }
    let protocol = protocol(message)?;
    let target = protocol.key.as_option().and_then(|key| key.id.clone());
    match protocol.r#type? {
        wm::protocol_message::Type::REVOKE => Some(("revoke", object(json!({"revoke": target})))),
        wm::protocol_message::Type::MESSAGE_EDIT => {
            let text = protocol.edited_message.as_option().and_then(|edited| {
                let content = Content::of(edited);
                content.text.or(content.media.and_then(|media| media.caption))
            });
            Some(("edit", object(json!({"edit": {"id": target, "text": text}}))))
        }
        _ => None,
    }
}

/// Whether it was forwarded, and what it quotes.
pub(crate) fn context(message: &wa::Message) -> Map<String, Value> {
    let mut told = Map::new();
    let Some(context) = context_info(message) else { return told };
    if context.is_forwarded == Some(true) {
        told.insert("forwarded".to_owned(), json!(true));
    }
    if let Some(id) = &context.stanza_id {
        let quoted = context.quoted_message.as_option().map(Content::of);
        let quoted = json!({
            "id": id,
            "participant": context.participant,
            "kind": quoted.as_ref().map(|quoted| quoted.kind),
            "text": quoted.as_ref().and_then(|quoted| quoted.text.clone()),
        });
        told.insert("quoted".to_owned(), quoted);
    }
    told
}

/// The part of a message that changes another one or tells a device something, wrapped or not.
pub(crate) fn protocol(message: &wa::Message) -> Option<&wm::ProtocolMessage> {
    let wrapped = || message.edited_message.as_option()?.message.as_option()?.protocol_message.as_option();
    message.protocol_message.as_option().or_else(wrapped)
}

fn poll(message: &wa::Message) -> Option<&wm::PollCreationMessage> {
    let versions = [
        &message.poll_creation_message,
        &message.poll_creation_message_v2,
        &message.poll_creation_message_v3,
    ];
    versions.into_iter().find_map(|poll| poll.as_option())
}

fn context_info(message: &wa::Message) -> Option<&wa::ContextInfo> {
    macro_rules! first_of {
        ($($field:ident),+) => {
            None$(.or_else(|| message.$field.as_option()?.context_info.as_option()))+
        };
    }
    first_of!(
        extended_text_message,
        image_message,
        video_message,
        audio_message,
        document_message,
        sticker_message,
        location_message,
        contact_message,
        contacts_array_message,
        poll_creation_message,
        poll_creation_message_v3
    )
}

fn card(contact: &wm::ContactMessage) -> Value {
    json!({"name": contact.display_name, "vcard": contact.vcard})
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => Map::from_iter([("content".to_owned(), other)]),
    }
}
