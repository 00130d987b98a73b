//! Pages of the report.

use super::keys::{accepted, accepted_sk, number_pk};
use super::{DynamoSends, record};
use crate::dynamo::item::Item;
use crate::dynamo::item::time_bound;
use crate::dynamo::table::{Query, Read};
use carteiro_core::ids::SendId;
use carteiro_core::ports::{Page, PageKey, StatusPage, Unavailable};
use carteiro_core::report::Subject;
use carteiro_core::send::{Send, Status};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

/// How many sends are read by one request: the most that BatchGetItem takes.
const AT_ONCE: usize = 100;
/// How many requests are made at the same time.
const REQUESTS: usize = 5;

impl DynamoSends {
    /// The sends that a report is about, oldest first.
    pub(super) async fn report_page(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<Page, Unavailable> {
        let (keys, next) = self.keys(of, after, limit).await?;
        let items = self.items_of(&keys, None).await?;
        let sends = items.iter().map(record::send).collect::<Result<Vec<Send>, _>>()?;
        Ok(Page { sends, next })
    }

    /// Their statuses.
    pub(super) async fn status_page(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<StatusPage, Unavailable> {
        let (keys, next) = self.keys(of, after, limit).await?;
        let items = self.items_of(&keys, Some("#queued_at, #status")).await?;
        let read = |item: &Item| -> Result<(Timestamp, Status), _> {
            Ok((item.time("queued_at")?, record::status(item)?))
        };
        let statuses = items.iter().map(read).collect::<Result<_, Unavailable>>()?;
        Ok(StatusPage { statuses, next })
    }

    /// The keys of a page, in order, and where the next one begins.
    async fn keys(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<(Vec<PageKey>, Option<PageKey>), Unavailable> {
        // A character more than the last key: the first that sorts after it, ids being of one length.
        let after = after.map(|last| accepted_sk(last.queued_at, last.id) + "!");
        let from = time_bound(of.period.from).max(after.unwrap_or_default());
        let to = time_bound(of.period.to);
        if from >= to {
            // DynamoDB refuses a span that ends before it begins.
            return Ok((Vec::new(), None));
        }
        // One more than the page holds tells whether there is a next page.
        let query = Query::new("#number_pk = :pk AND #number_sk BETWEEN :from AND :to", Read::Eventual)
            .index("by_number")
            .value(":pk", number_pk(of.user, &of.number))
            .value(":from", from)
            .value(":to", to)
            .limit(limit + 1);
        let mut keys: Vec<PageKey> = Vec::new();
        for item in self.table.query(query).await? {
            let (queued_at, id) = item.one("number_sk", accepted)?;
            keys.push(PageKey { queued_at, id });
        }
        let more = keys.len() > limit;
        keys.truncate(limit);
        let next = keys.last().copied().filter(|_| more);
        Ok((keys, next))
    }

    /// The items of a page in its order, by several requests at the same time.
    async fn items_of(&self, keys: &[PageKey], only: Option<&str>) -> Result<Vec<Item>, Unavailable> {
        let ids: Vec<SendId> = keys.iter().map(|key| key.id).collect();
        let mut batches = Vec::new();
        for batch in ids.chunks(AT_ONCE) {
            batches.push(self.items(batch, only));
        }
        let items: Vec<Vec<Item>> = stream::iter(batches).buffered(REQUESTS).try_collect().await?;
        Ok(items.into_iter().flatten().collect())
    }
}
