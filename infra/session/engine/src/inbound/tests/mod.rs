mod change;
mod message;
mod naming;

use super::People;
use carteiro_core::chat::{Address, Person};
use wacore::types::message::{MessageInfo, MessageSource};
use whatsapp_rust::wacore::chrono::DateTime;

pub(super) const ME: &str = "5511988887777@s.whatsapp.net";
pub(super) const MY_LID: &str = "900@lid";
pub(super) const ANA: &str = "5521977776666@s.whatsapp.net";
pub(super) const ANAS_LID: &str = "901@lid";
pub(super) const GROUP: &str = "120363000000000001@g.us";
pub(super) const AT: i64 = 1_760_000_000;

pub(super) fn at(text: &str) -> Address {
    text.parse().unwrap()
}

/// The number itself and Ana, by both of their addresses.
pub(super) fn people() -> People {
    let mut people = People::of_number(Some(at(ME)), Some(at(MY_LID)));
    people.pair(&at(ANA), &at(ANAS_LID));
    people
}

pub(super) fn ana() -> Person {
    Person::new(at(ANA), Some(at(ANAS_LID)))
}

/// The frame of a message to the number or to a group.
pub(super) fn info(chat: &str, sender: &str) -> MessageInfo {
    let source = MessageSource {
        chat: chat.parse().unwrap(),
        sender: sender.parse().unwrap(),
        is_from_me: sender == ME || sender == MY_LID,
        is_group: chat == GROUP,
        ..MessageSource::default()
    };
    MessageInfo {
        source,
        id: "3EB0".into(),
        push_name: "Ana".into(),
        timestamp: DateTime::from_timestamp(AT, 0).unwrap(),
        ..MessageInfo::default()
    }
}
