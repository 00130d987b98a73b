//! Sends.

use super::act::{Act, In, texts};
use super::place::Place;
use super::shown::shown;
use super::{AwsPersonalData, Found, PAGE, Part};
use crate::dynamo::item::{Item, s};
use crate::dynamo::sends::keys::{SK, number_pk, parked_pk, pk, place_sk};
use crate::dynamo::sends::record::{self, status};
use crate::dynamo::table::{Query, Read};
use carteiro_core::ids::SendId;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Parked, Unavailable};
use carteiro_core::privacy::{ERASED_NUMBER, ERASED_TEXT, PrivacyScope};
use carteiro_core::send::Status;

/// The sort key of a send's prepared file.
const MEDIA: &str = "MEDIA";
/// What a send says, and to whom.
const SAYS: [&str; 11] = [
    "text",
    "caption",
    "file_name",
    "media_type",
    "media_url",
    "upload_id",
    "contact_name",
    "contact_phone",
    "forward_of",
    "resolved_to",
    "request",
];
/// What a send has as long as it is not sent.
const WAITS: [&str; 5] = ["due_pk", "due_sk", "line_pk", "line_sk", "waiting"];

impl AwsPersonalData {
    /// A page of the sends of one number, by the index `by_number`.
    pub(super) async fn sends_part(&self, scope: &PrivacyScope, place: Place) -> Result<Part, Unavailable> {
        let Some(number) = scope.numbers.get(place.index) else { return Ok((Vec::new(), None)) };
        let query = Query::new("#number_pk = :pk", Read::Eventual)
            .index("by_number")
            .value(":pk", number_pk(scope.user, number))
            .limit(PAGE);
        let (keys, end) = self.sends.page(query, place.start()).await?;
        let key = |item: &Item| Ok((item.text("pk")?.to_owned(), SK.to_owned()));
        let keys = keys.iter().map(key).collect::<Result<Vec<_>, Unavailable>>()?;
        let mut items = self.sends.get_many(keys, Read::Consistent).await?;
        items.sort_by_key(|item| item.text("number_sk").unwrap_or_default().to_owned());
        let mut found = Vec::new();
        for item in items {
            if !scope.covers(texts(&item)) {
                continue;
            }
            found.push(Found { kind: "sends", content: Some(shown(&item)), acts: acts(scope, item)? });
        }
        Ok((found, Some(place.after(end))))
    }
}

/// What erases a send: it goes, or, when only whom it went to is erased, what it says.
fn acts(scope: &PrivacyScope, item: Item) -> Result<Vec<Act>, Unavailable> {
    let id: SendId = item.one("pk", crate::dynamo::sends::keys::id_of_pk)?;
    let from = item.one("from", |digits| digits.parse().ok())?;
    let queued_at = item.time("queued_at")?;
    let begins_at = item.some_time("send_at")?.unwrap_or(queued_at);
    let mut acts = vec![Act::Delete(In::Sends, pk(id), MEDIA.to_owned()), Act::Drop(ObjectKey::outgoing(id))];
    if let Some(upload) = item.some("upload_id", |id| id.parse().ok())? {
        acts.push(Act::Drop(ObjectKey::upload(scope.user, upload)));
    }
    let parked = Parked { begins_at, queued_at, id };
    acts.push(Act::Delete(In::Sends, parked_pk(&from), place_sk(&parked)));
    // A send from the person's own number is theirs in every way.
    let whole = scope.person.as_ref().is_none_or(|person| person.has_phone(&from));
    acts.push(if whole { Act::Delete(In::Sends, pk(id), SK.to_owned()) } else { Act::Blank(item) });
    Ok(acts)
}

/// A send without what it says and to whom. One that waits is cancelled; all else about it, and so what is counted of it, stays.
pub(super) fn blank(item: Item) -> Result<Item, Unavailable> {
    let pending = status(&item)?.is_pending();
    let mut item = item;
    for name in SAYS.iter().chain(WAITS.iter().filter(|_| pending)) {
        item.0.remove(*name);
    }
    let item = item.with("to", s(ERASED_NUMBER)).with("text", s(ERASED_TEXT));
    let item = if pending { item.with("status", s(Status::Cancelled.as_str())) } else { item };
    // It is what the rest of the code reads.
    record::send(&item)?;
    Ok(item)
}
