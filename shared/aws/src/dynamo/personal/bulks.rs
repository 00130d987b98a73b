//! Bulk operations with their rows.

use super::act::{Act, In};
use super::place::Place;
use super::shown::shown;
use super::{AwsPersonalData, Found, Part};
use crate::dynamo::bulk::{bulks_pk, id_of_pk};
use crate::dynamo::item::Item;
use crate::dynamo::sends::record;
use crate::dynamo::table::{Query, Read};
use crate::dynamo::write::Write;
use carteiro_core::bulk::{BulkBody, BulkRow};
use carteiro_core::ids::{BulkId, SendId};
use carteiro_core::object::ObjectKey;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Objects, Unavailable};
use carteiro_core::privacy::{ERASED_NUMBER, ERASED_TEXT, Names, PrivacyScope};
use carteiro_core::send::{Send, Status, Text};
use serde_json::json;

/// The most bytes that rows take.
const MAX_BODY: u64 = 32 << 20;
/// How many operations are read at once, with all their rows.
const AT_ONCE: usize = 4;

impl AwsPersonalData {
    /// A page of the tenant's operations, by the index `by_number`.
    pub(super) async fn bulks_part(&self, scope: &PrivacyScope, place: Place) -> Result<Part, Unavailable> {
        if place.index > 0 {
            return Ok((Vec::new(), None));
        }
        let query = Query::new("#number_pk = :pk", Read::Eventual)
            .index("by_number")
            .value(":pk", bulks_pk(scope.user))
            .limit(AT_ONCE);
        let (keys, end) = self.sends.page(query, place.start()).await?;
        let key = |item: &Item| Ok((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()));
        let keys = keys.iter().map(key).collect::<Result<Vec<_>, Unavailable>>()?;
        let mut found = Vec::new();
        for item in self.sends.get_many(keys, Read::Consistent).await? {
            let id: BulkId = item.one("pk", id_of_pk)?;
            let object = ObjectKey::bulk(scope.user, id);
            let body = match self.objects.read(&object, 0, MAX_BODY).await? {
                Some(bytes) => BulkBody::from_stored(&bytes),
                None => None,
            };
            match &scope.person {
                None => {
                    let content = json!({"operation": shown(&item), "body": body});
                    let acts = vec![Act::delete(In::Sends, &item)?, Act::Drop(object)];
                    found.push(Found { kind: "bulk_operations", content: Some(content), acts });
                }
                Some(person) => {
                    let rows = body.and_then(|body| rows_of(person, &item, id, object, body).transpose());
                    found.extend(rows.transpose()?);
                }
            }
        }
        Ok((found, Some(place.after(end))))
    }
}

/// The rows of a person, which become rows of nobody: an operation knows its rows by their place, so each stays, as a send that
/// was cancelled.
fn rows_of(
    person: &Names,
    item: &Item,
    id: BulkId,
    object: ObjectKey,
    mut body: BulkBody,
) -> Result<Option<Found>, Unavailable> {
    let nobody: Phone = ERASED_NUMBER.parse().map_err(|_| crate::dynamo::item::Damaged("to"))?;
    let text = Text::parse(ERASED_TEXT.to_owned()).map_err(|_| crate::dynamo::item::Damaged("text"))?;
    let names =
        |row: &BulkRow| person.has_phone(&row.to) || row.values.values().any(|value| person.are_in(value));
    let (user, from) =
        (item.one("user_id", |t| t.parse().ok())?, item.one("number", |t| t.parse::<Phone>().ok())?);
    let created_at = item.time("created_at")?;
    let (mut shown, mut acts) = (Vec::new(), Vec::new());
    for (index, row) in (0u32..).zip(body.rows.iter_mut()) {
        if !names(row) {
            continue;
        }
        shown.push(json!({"index": index, "row": &*row}));
        *row = BulkRow { to: nobody.clone(), values: Default::default() };
        let send = Send::of_text(
            SendId::of_row(id, index),
            user,
            from.clone(),
            nobody.clone(),
            text.clone(),
            created_at,
        );
        let cancelled = Send { status: Status::Cancelled, ..send };
        // One that is a send already is among the sends.
        let put = Write::put(record::item(&cancelled, created_at)).when("attribute_not_exists(#pk)");
        acts.push(Act::ChangeSend(put));
    }
    if shown.is_empty() {
        return Ok(None);
    }
    acts.push(Act::Replace(object, body.to_stored().into()));
    let content = json!({"operation_id": id.to_string(), "text": body.text, "rows": shown});
    Ok(Some(Found { kind: "bulk_operations", content: Some(content), acts }))
}
