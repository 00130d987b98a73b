//! A group as an item. Its members, up to some thousands, are one text of a line each, so that they fit it.

use super::keys::{address_in, group_sk, number_pk};
use super::message_record::{person, read_person};
use crate::dynamo::item::{Item, at, s};
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::{Group, Participant, Rank};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;

fn letter(rank: Rank) -> char {
    match rank {
        Rank::Member => 'm',
        Rank::Admin => 'a',
        Rank::SuperAdmin => 's',
    }
}

fn rank(letter: char) -> Option<Rank> {
    [Rank::Member, Rank::Admin, Rank::SuperAdmin].into_iter().find(|rank| self::letter(*rank) == letter)
}

fn line(participant: &Participant) -> String {
    let who = person(&participant.person);
    format!("{}{}", letter(participant.rank), who.as_s().map_or("", String::as_str))
}

fn participant(line: &str) -> Option<Participant> {
    let mut letters = line.chars();
    let rank = rank(letters.next()?)?;
    Some(Participant { person: read_person(letters.as_str())?, rank })
}

/// A group.
pub(super) fn item(number: &Phone, group: &Group) -> Item {
    let flag = |set: bool| set.then_some(AttributeValue::Bool(true));
    let members: Vec<String> = group.participants.iter().map(line).collect();
    Item::new(number_pk(number), group_sk(&group.address))
        .with("subject", s(&group.subject))
        .with_some("description", group.description.as_ref().map(s))
        .with_some("owner", group.owner.as_ref().map(person))
        .with_some("created_at", group.created_at.map(at))
        .with_some("announce", flag(group.announce))
        .with_some("locked", flag(group.locked))
        .with("members", s(members.join("\n")))
}

/// Reads a group.
pub(super) fn group(item: &Item) -> Result<Group, Unavailable> {
    let members = |text: &str| text.lines().map(participant).collect::<Option<Vec<_>>>();
    Ok(Group {
        address: item.one("sk", address_in)?,
        subject: item.text("subject")?.to_owned(),
        description: item.some("description", |text| Some(text.to_owned()))?,
        owner: item.some("owner", read_person)?,
        created_at: item.some_time("created_at")?,
        announce: item.flag("announce")?,
        locked: item.flag("locked")?,
        participants: item.one("members", members)?,
    })
}
