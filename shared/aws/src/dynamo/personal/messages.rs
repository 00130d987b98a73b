//! Messages.

use super::act::{Act, In, texts};
use super::place::Place;
use super::shown::shown;
use super::{AwsPersonalData, Found, PAGE, Part};
use crate::dynamo::chats::keys::{CHATS, address_in, messages_pk, number_pk};
use crate::dynamo::item::Item;
use crate::dynamo::table::{Query, Read};
use carteiro_core::chat::StoredMedia;
use carteiro_core::object::ObjectKey;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::privacy::PrivacyScope;

impl AwsPersonalData {
    /// A page of the messages of one chat of one worker.
    pub(super) async fn messages_part(
        &self,
        scope: &PrivacyScope,
        place: Place,
    ) -> Result<Part, Unavailable> {
        let Some(number) = scope.workers.get(place.index) else { return Ok((Vec::new(), None)) };
        let chat_sk = match (&place.chat, &place.key) {
            (Some(chat), Some(_)) => chat.clone(),
            (after, _) => match self.next_chat(number, after.as_deref()).await? {
                Some(chat) => chat,
                None => return Ok((Vec::new(), Some(place.next()))),
            },
        };
        let chat = address_in(&chat_sk).ok_or(crate::dynamo::item::Damaged("sk"))?;
        let query =
            Query::new("#pk = :pk", Read::Consistent).value(":pk", messages_pk(number, &chat)).limit(PAGE);
        let (items, end) = self.chats.page(query, place.start()).await?;
        let with_them = scope.person.as_ref().is_some_and(|person| person.has(&chat));
        let mut found = Vec::new();
        for item in items {
            if !with_them && !scope.covers(says(&item)) {
                continue;
            }
            let mut acts = vec![Act::delete(In::Chats, &item)?];
            acts.extend(copy_of(&item).map(Act::Drop));
            found.push(Found { kind: "messages", content: Some(shown(&item)), acts });
        }
        let here = Place { chat: Some(chat_sk), key: None, ..place };
        let next = if end.is_some() { here.after(end) } else { here };
        Ok((found, Some(next)))
    }

    /// The first chat after that one, by its sort key.
    async fn next_chat(&self, number: &Phone, after: Option<&str>) -> Result<Option<String>, Unavailable> {
        let from = after.map_or_else(|| CHATS.to_owned(), |after| format!("{after}!"));
        let query = Query::new("#pk = :pk AND #sk BETWEEN :from AND :to", Read::Consistent)
            .value(":pk", number_pk(number))
            .value(":from", from)
            .value(":to", format!("{CHATS}~"))
            .only("#pk, #sk")
            .limit(1);
        let items = self.chats.query(query).await?;
        items.first().map(|item| Ok(item.text("sk")?.to_owned())).transpose()
    }
}

/// The texts of a message but for the key of its partition, which names its worker and its chat.
fn says(item: &Item) -> impl Iterator<Item = &str> {
    let pk = item.text("pk").unwrap_or_default();
    texts(item).into_iter().filter(move |text| *text != pk)
}

/// The copy of a message's file, if there is one.
fn copy_of(item: &Item) -> Option<ObjectKey> {
    let stored = item.text("stored").ok().map(str::to_owned);
    let stored = stored.and_then(|text| serde_json::from_str::<StoredMedia>(&text).ok());
    let in_body = || {
        let body: serde_json::Value = serde_json::from_str(item.text("body").ok()?).ok()?;
        serde_json::from_value::<StoredMedia>(body.get("stored")?.clone()).ok()
    };
    let object = stored.or_else(in_body)?.object;
    object.as_str().starts_with("received/").then_some(object)
}
