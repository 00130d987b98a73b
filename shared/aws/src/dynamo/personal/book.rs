//! The chats, people and groups of a worker, and what it was answered lately.

use super::act::{Act, In};
use super::place::Place;
use super::shown::shown;
use super::{AwsPersonalData, Found, PAGE, Part};
use crate::dynamo::answers;
use crate::dynamo::chats::keys::{BY_TIME, address_in, messages_pk, number_pk};
use crate::dynamo::item::{Item, n, s};
use crate::dynamo::table::{Query, Read};
use crate::dynamo::write::{Changes, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::Address;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::privacy::{Names, PrivacyScope};
use carteiro_core::query;
use serde_json::json;

impl AwsPersonalData {
    /// A page of one worker's chats, groups, LIDs and people.
    pub(super) async fn book_part(&self, scope: &PrivacyScope, place: Place) -> Result<Part, Unavailable> {
        let Some(number) = scope.workers.get(place.index) else { return Ok((Vec::new(), None)) };
        let query = Query::new("#pk = :pk", Read::Consistent).value(":pk", number_pk(number)).limit(PAGE);
        let (items, end) = self.chats.page(query, place.start()).await?;
        let mut found = Vec::new();
        for item in items {
            let kind = kind_of(item.text("sk")?);
            let Some(person) = &scope.person else {
                let acts = vec![Act::delete(In::Chats, &item)?];
                found.push(Found { kind, content: Some(shown(&item)), acts });
                continue;
            };
            if is_theirs(person, &item)? {
                let acts = vec![Act::delete(In::Chats, &item)?];
                found.push(Found { kind, content: Some(shown(&item)), acts });
            } else if let Some(change) = self.without(person, number, &item).await? {
                let content = json!({"address": item.one("sk", address_in)?.to_string(), "names_them": true});
                found.push(Found { kind, content: Some(content), acts: vec![Act::ChangeChat(change)] });
            }
        }
        if place.key.is_none()
            && let Some(person) = &scope.person
        {
            found.push(Found { kind: "answers", content: None, acts: answers_of(person, number) });
        }
        Ok((found, Some(place.after(end))))
    }

    /// What takes a person out of what is not theirs: a group that they are in, a chat or a contact that is called by them.
    async fn without(
        &self,
        person: &Names,
        number: &Phone,
        item: &Item,
    ) -> Result<Option<Write>, Unavailable> {
        let keys = ["pk", "sk", "at"];
        // Messages go before what tells of them: the latest of a chat may be gone, though its key names nobody.
        let latest_is_gone = self.latest_is_gone(number, item).await?;
        let named: Vec<(&String, &String)> = item
            .0
            .iter()
            .filter(|(name, _)| !keys.contains(&name.as_str()))
            .filter_map(|(name, value)| Some((name, value.as_s().ok()?)))
            .filter(|(name, text)| person.are_in(text) || (latest_is_gone && *name == "last"))
            .collect();
        if named.is_empty() {
            return Ok(None);
        }
        let (pk, sk) = (item.text("pk")?.to_owned(), item.text("sk")?.to_owned());
        let mut changes = Changes::default();
        let mut conditions = vec!["attribute_exists(#pk)".to_owned()];
        let mut seen = Vec::new();
        for (place, (name, text)) in named.into_iter().enumerate() {
            changes = match name.as_str() {
                "members" => {
                    let others: Vec<&str> = text.lines().filter(|line| !person.are_in(line)).collect();
                    changes.set("members", s(others.join("\n")))
                }
                "owner" | "with" => changes.remove(name),
                "last" => match self.newest(number, item.one("sk", address_in)?).await? {
                    Some((last, time)) => changes.set("last", s(last)).set("last_time", time),
                    None => changes.remove("last").remove("last_time"),
                },
                _ => changes.set(name, s("")),
            };
            conditions.push(format!("#{name} = :seen{place}"));
            seen.push((format!(":seen{place}"), AttributeValue::S(text.clone())));
        }
        let write = Write::change(pk, sk, changes).when(conditions.join(" AND "));
        Ok(Some(seen.into_iter().fold(write, |write, (name, value)| write.value(&name, value))))
    }

    /// Whether an item is of a chat whose latest message is there no more.
    async fn latest_is_gone(&self, number: &Phone, item: &Item) -> Result<bool, Unavailable> {
        let Some(last) = item.some("last", |text| Some(text.to_owned()))? else { return Ok(false) };
        let pk = messages_pk(number, &item.one("sk", address_in)?);
        Ok(self.chats.get(pk, last, Read::Consistent).await?.is_none())
    }

    /// The latest message that is left of a chat, and its time.
    async fn newest(
        &self,
        number: &Phone,
        chat: Address,
    ) -> Result<Option<(String, AttributeValue)>, Unavailable> {
        let query = Query::new("#pk = :pk", Read::Consistent)
            .index(BY_TIME)
            .value(":pk", messages_pk(number, &chat))
            .backwards()
            .limit(1);
        let items = self.chats.query(query).await?;
        let Some(newest) = items.first() else { return Ok(None) };
        let time = newest.one("at", |at| at.split_once('#')?.0.parse::<i64>().ok())?;
        Ok(Some((newest.text("sk")?.to_owned(), n(time))))
    }
}

fn kind_of(sk: &str) -> &'static str {
    match sk.split_once('#') {
        Some(("CHAT", _)) => "chats",
        Some(("GROUP", _)) => "groups",
        _ => "contacts",
    }
}

/// Whether an item is of nobody but the person.
fn is_theirs(person: &Names, item: &Item) -> Result<bool, Unavailable> {
    let address = item.one("sk", address_in)?;
    let leads_to = item.some("address", |text| text.parse::<Address>().ok())?;
    let of_person = [Some(address), leads_to].into_iter().flatten().any(|address| person.has(&address));
    // A chat with them may be kept by an address that is not known to be theirs.
    let with = item.some("with", |text| Some(text.to_owned()))?.unwrap_or_default();
    Ok(of_person || person.are_in(&with))
}

/// The answers that are kept to be given again. Others end within minutes.
fn answers_of(person: &Names, number: &Phone) -> Vec<Act> {
    let numbers = person.phones().iter().map(|phone| query::Query::Validate { numbers: vec![phone.clone()] });
    let pictures = person.addresses().into_iter().map(|who| query::Query::Picture { who });
    let ids = numbers.chain(pictures).filter_map(|query| query.memory_id(number));
    ids.map(|id| Act::Delete(In::Chats, answers::pk(id), answers::SK.to_owned())).collect()
}
