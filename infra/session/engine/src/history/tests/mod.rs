mod chats;
mod messages;

use crate::inbound::People;
use carteiro_core::chat::Address;
use waproto::buffa::MessageField;
use waproto::whatsapp as wa;
use waproto::whatsapp::{HistorySyncMsg, MessageKey, WebMessageInfo};

pub(super) const ME: &str = "5511988887777@s.whatsapp.net";
pub(super) const MY_LID: &str = "900@lid";
pub(super) const ANA: &str = "5521977776666@s.whatsapp.net";
pub(super) const ANAS_LID: &str = "901@lid";
pub(super) const GROUP: &str = "120363000000000001@g.us";
pub(super) const AT: u64 = 1_760_000_000;

pub(super) fn at(text: &str) -> Address {
    text.parse().unwrap()
}

pub(super) fn people() -> People {
    People::of_number(Some(at(ME)), Some(at(MY_LID)))
}

/// A text as the phone remembers it.
pub(super) fn told(id: &str, from_me: bool, participant: Option<&str>) -> WebMessageInfo {
    let key = MessageKey {
        id: Some(id.into()),
        from_me: Some(from_me),
        participant: participant.map(Into::into),
        ..MessageKey::default()
    };
    let message = wa::Message { conversation: Some("oi".into()), ..wa::Message::default() };
    WebMessageInfo {
        key: MessageField::some(key),
        message: MessageField::some(message),
        message_timestamp: Some(AT),
        ..WebMessageInfo::default()
    }
}

pub(super) fn conversation(id: &str, messages: Vec<WebMessageInfo>) -> wa::Conversation {
    let messages = messages
        .into_iter()
        .map(|message| HistorySyncMsg { message: MessageField::some(message), ..HistorySyncMsg::default() });
    wa::Conversation { id: id.into(), messages: messages.collect(), ..wa::Conversation::default() }
}
