//! Keys, and the order that they give.

use carteiro_core::chat::{Address, MessageKey};
use carteiro_core::phone::Phone;
use jiff::Timestamp;

/// The index in which chats and messages stand by time.
pub(in crate::dynamo) const BY_TIME: &str = "by_time";

/// The partition of a number's chats, people and groups.
pub(in crate::dynamo) fn number_pk(number: &Phone) -> String {
    format!("N#{}", number.digits())
}

/// The partition of a chat's messages.
pub(in crate::dynamo) fn messages_pk(number: &Phone, chat: &Address) -> String {
    format!("M#{}#{chat}", number.digits())
}

/// What the sort keys of chats begin with.
pub(in crate::dynamo) const CHATS: &str = "CHAT#";
/// What the sort keys of people begin with.
pub(super) const PEOPLE: &str = "PERSON#";
/// What the sort keys of people's hidden addresses begin with.
pub(super) const LIDS: &str = "LID#";
/// What the sort keys of groups begin with.
pub(super) const GROUPS: &str = "GROUP#";

pub(in crate::dynamo) fn chat_sk(chat: &Address) -> String {
    format!("{CHATS}{chat}")
}

pub(in crate::dynamo) fn person_sk(address: &Address) -> String {
    format!("{PEOPLE}{address}")
}

pub(super) fn lid_sk(lid: &Address) -> String {
    format!("{LIDS}{lid}")
}

pub(super) fn group_sk(group: &Address) -> String {
    format!("{GROUPS}{group}")
}

/// The address in a sort key of this kind.
pub(in crate::dynamo) fn address_in(sk: &str) -> Option<Address> {
    sk.split_once('#')?.1.parse().ok()
}

/// The sort key of a message: its direction, its author and its id, which comes last because WhatsApp gives it.
pub(super) fn message_sk(key: &MessageKey) -> String {
    let direction = if key.from_me { "o" } else { "i" };
    let participant = key.participant.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{direction}#{participant}#{}", key.id.as_str())
}

/// Reads what [`message_sk`] wrote.
pub(super) fn message_key(chat: Address, sk: &str) -> Option<MessageKey> {
    let mut parts = sk.splitn(3, '#');
    let from_me = match parts.next()? {
        "o" => true,
        "i" => false,
        _ => return None,
    };
    let participant = Some(parts.next()?).filter(|text| !text.is_empty()).map(str::parse).transpose().ok()?;
    Some(MessageKey { chat, from_me, id: parts.next()?.parse().ok()?, participant })
}

/// The chat whose messages are in this partition.
pub(super) fn chat_of_pk(pk: &str) -> Option<Address> {
    pk.splitn(3, '#').nth(2)?.parse().ok()
}

/// Sorts by time; what is of one microsecond, by name. Times before 1970 are taken for 1970.
pub(super) fn order(at: Option<Timestamp>, name: impl std::fmt::Display) -> String {
    format!("{:018}#{name}", at.map_or(0, micros))
}

/// Reads the time that [`order`] wrote.
pub(super) fn time_of(order: &str) -> Option<Timestamp> {
    Timestamp::from_microsecond(order.split_once('#')?.0.parse().ok()?).ok()
}

/// A time as [`order`] counts it.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond().max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for text in [
            "true_5511988887777@c.us_3EB0A",
            "false_120363000000000001@g.us_A#B_5511988887777@c.us",
            "false_77@lid_A_B",
        ] {
            let key: MessageKey = text.parse().unwrap();
            assert_eq!(message_key(key.chat.clone(), &message_sk(&key)), Some(key.clone()));
            let number = "5511911112222".parse().unwrap();
            assert_eq!(chat_of_pk(&messages_pk(&number, &key.chat)), Some(key.chat.clone()));
            assert_eq!(address_in(&chat_sk(&key.chat)), Some(key.chat));
        }
        let chat: Address = "77@lid".parse().unwrap();
        for sk in ["", "o", "o#", "x##A", "i#nobody#A"] {
            assert_eq!(message_key(chat.clone(), sk), None, "{sk}");
        }
    }

    #[test]
    fn order_is_of_time_first() {
        let at = |micros| Some(Timestamp::from_microsecond(micros).unwrap());
        assert!(order(None, "z") < order(at(9), "b") && order(at(9), "b") < order(at(10), "a"));
        assert!(
            order(at(10), "a") < order(at(10), "b") && order(at(10), "b") < order(Some(Timestamp::MAX), "")
        );
        assert_eq!(time_of(&order(at(1_700_000_000_123_456), "x")), at(1_700_000_000_123_456));
    }
}
