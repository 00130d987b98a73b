//! Pages of the report.

use super::keys::{accepted, accepted_bound, accepted_sk, number_pk};
use super::{DynamoSends, record};
use crate::dynamo::table::{Query, Read};
use carteiro_core::ids::{SendId, UserId};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Page, PageKey, Unavailable};
use jiff::Timestamp;
use std::ops::Range;

impl DynamoSends {
    /// The sends of a tenant from one number that were accepted in a span, oldest first.
    pub(super) async fn report_page(
        &self,
        user: UserId,
        number: &Phone,
        span: Range<Timestamp>,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<Page, Unavailable> {
        // A character more than the last key: the first that sorts after it, ids being of one length.
        let after = after.map(|last| accepted_sk(last.queued_at, last.id) + "!");
        let from = accepted_bound(span.start).max(after.unwrap_or_default());
        let to = accepted_bound(span.end);
        if from >= to {
            // DynamoDB refuses a span that ends before it begins.
            return Ok(Page { sends: Vec::new(), next: None });
        }
        // One more than the page holds tells whether there is a next page.
        let query = Query::new("#number_pk = :pk AND #number_sk BETWEEN :from AND :to", Read::Eventual)
            .index("by_number")
            .value(":pk", number_pk(user, number))
            .value(":from", from)
            .value(":to", to)
            .limit(limit + 1);
        let mut keys: Vec<PageKey> = Vec::new();
        for item in self.table.query(query).await? {
            let (queued_at, id) = item.one("number_sk", accepted)?;
            keys.push(PageKey { queued_at, id });
        }
        let next = if keys.len() > limit { keys.drain(limit..).next() } else { None };
        let next = next.and_then(|_| keys.last().cloned());
        let ids: Vec<SendId> = keys.iter().map(|key| key.id).collect();
        let items = self.items(&ids).await?;
        let sends = items.iter().map(record::send).collect::<Result<_, _>>()?;
        Ok(Page { sends, next })
    }
}
