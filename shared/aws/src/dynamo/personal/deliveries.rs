//! Events on their way to webhooks, and those that were delivered.

use super::act::{Act, In, texts};
use super::place::Place;
use super::shown::shown;
use super::{AwsPersonalData, Found, PAGE, Part};
use crate::dynamo::item::{Damaged, Item, s};
use crate::dynamo::table::{Query, Read};
use crate::dynamo::webhooks::keys::{event_of, part_sk, status_pk};
use carteiro_core::ids::EventId;
use carteiro_core::ports::Unavailable;
use carteiro_core::privacy::PrivacyScope;
use carteiro_core::webhook::Status;

/// In the order in which deliveries go on, so that one that does while they are gone through is not missed.
const STATUSES: [Status; 3] = [Status::Pending, Status::Dead, Status::Delivered];

impl AwsPersonalData {
    /// A page of the tenant's deliveries of one status, by the index `by_user`.
    pub(super) async fn deliveries_part(
        &self,
        scope: &PrivacyScope,
        place: Place,
    ) -> Result<Part, Unavailable> {
        let Some(status) = STATUSES.get(place.index) else { return Ok((Vec::new(), None)) };
        let query = Query::new("#user_pk = :pk", Read::Eventual)
            .index("by_user")
            .value(":pk", status_pk(scope.user, *status))
            .limit(PAGE);
        let (keys, end) = self.webhooks.page(query, place.start()).await?;
        let key = |item: &Item| Ok((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()));
        let keys = keys.iter().map(key).collect::<Result<Vec<_>, Unavailable>>()?;
        let mut found = Vec::new();
        for item in self.webhooks.get_many(keys, Read::Consistent).await? {
            let (item, mut acts) = self.whole(item).await?;
            if !scope.covers(texts(&item)) {
                continue;
            }
            acts.push(Act::delete(In::Webhooks, &item)?);
            found.push(Found { kind: "webhook_deliveries", content: Some(shown(&item)), acts });
        }
        Ok((found, Some(place.after(end))))
    }

    /// A delivery with all that it says, and what deletes the parts of that.
    async fn whole(&self, item: Item) -> Result<(Item, Vec<Act>), Unavailable> {
        let parts: usize = item.some_number("parts")?.unwrap_or_default();
        if parts == 0 {
            return Ok((item, Vec::new()));
        }
        let pk = item.text("pk")?.to_owned();
        let id: EventId = item.one("sk", event_of)?;
        let keys: Vec<(String, String)> = (1..=parts).map(|part| (pk.clone(), part_sk(id, part))).collect();
        let mut rest = self.webhooks.get_many(keys.clone(), Read::Consistent).await?;
        rest.sort_by_key(|part| part.text("sk").unwrap_or_default().to_owned());
        let mut json = item.some("json", |text| Some(text.to_owned()))?.ok_or(Damaged("json"))?;
        for part in &rest {
            json.push_str(part.text("json")?);
        }
        let acts = keys.into_iter().map(|(pk, sk)| Act::Delete(In::Webhooks, pk, sk)).collect();
        Ok((item.with("json", s(json)), acts))
    }
}
