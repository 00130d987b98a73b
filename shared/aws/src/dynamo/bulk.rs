//! Bulk operations, in `sends`.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | an operation | `BULK#<id>` | `BULK` |
//! | the operation that a tenant's key names | `BULKKEY#<user>` | the key |
//!
//! | access | request | units |
//! |---|---|---|
//! | create | TransactWriteItems of both | 4 write |
//! | named | GetItem, and find if there is one | 1 or 2 read |
//! | find | GetItem | 1 read |
//! | of a tenant | Query of `by_number`, and a BatchGetItem | 0.5 read, and 0.5 for each |
//! | save | PutItem, conditional | 1 write |
//!
//! A tenant's operations stand in the index `by_number` too, under `BULKS#<user>`, by when they were accepted: so they are listed, and
//! found when it is erased.
//!
//! An operation of 10,000 rows is saved some 600 times: once for each slice, and once for each turn.

use super::item::{Item, at, by_time, n, s, ttl};
use super::table::{Query, Read, Table};
use super::transaction::Cancelled;
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::bulk::{Bulk, BulkFailure, BulkPlace, BulkState, BulkWaiting};
use carteiro_core::ids::{BulkId, IdempotencyKey, UserId};
use carteiro_core::ports::{BulkList, Bulks, CreatedBulk, Unavailable};
use carteiro_core::send::RequestHash;
use jiff::Timestamp;

const SK: &str = "BULK";

/// Bulk operations in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoBulks {
    table: Table,
}

impl DynamoBulks {
    /// Operations in the table `sends` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

#[async_trait]
impl Bulks for DynamoBulks {
    async fn create(
        &self,
        bulk: &Bulk,
        key: &IdempotencyKey,
        until: Timestamp,
    ) -> Result<CreatedBulk, Unavailable> {
        let name = Item::new(key_pk(bulk.user), key.as_str())
            .with("operation", s(bulk.id.to_string()))
            .with("until", at(until))
            .with("ttl", ttl(until));
        let writes = [
            Write::put(item(bulk)).when("attribute_not_exists(#pk)"),
            Write::put(name)
                .when("attribute_not_exists(#pk) OR #until <= :now")
                .value(":now", at(bulk.created_at)),
        ];
        let cancelled = match self.table.transact(&writes).await {
            Ok(()) => return Ok(CreatedBulk::New),
            Err(cancelled) => cancelled,
        };
        let operation = self.table.operation("TransactWriteItems");
        if let Cancelled::Refused(refusals) = &cancelled
            && refusals.has(1)
            && let Some(first) = self.named(bulk.user, key, bulk.created_at).await?
        {
            // The very same operation is this one: the first answer was lost and it was asked again.
            let is_this = first.id == bulk.id;
            return Ok(if is_this { CreatedBulk::New } else { CreatedBulk::Existing(Box::new(first)) });
        }
        Err(cancelled.into_unavailable(operation))
    }

    async fn named(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Bulk>, Unavailable> {
        let Some(name) = self.table.get(key_pk(user), key.as_str(), Read::Consistent).await? else {
            return Ok(None);
        };
        if name.time("until")? <= now {
            return Ok(None);
        }
        self.find(name.one("operation", |text| text.parse().ok())?).await
    }

    async fn find(&self, id: BulkId) -> Result<Option<Bulk>, Unavailable> {
        let item = self.table.get(pk(id), SK, Read::Consistent).await?;
        item.as_ref().map(read).transpose()
    }

    async fn of_user(
        &self,
        user: UserId,
        before: Option<BulkPlace>,
        limit: usize,
    ) -> Result<BulkList, Unavailable> {
        let query = match before {
            Some(before) => Query::new("#number_pk = :pk AND #number_sk < :before", Read::Eventual)
                .value(":before", by_time(before)),
            None => Query::new("#number_pk = :pk", Read::Eventual),
        };
        let query = query.index("by_number").value(":pk", bulks_pk(user)).backwards().limit(limit + 1);
        let keys = self.table.query(query).await?;
        let more = keys.len() > limit;
        let key = |item: &Item| Ok((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()));
        let keys = keys.iter().take(limit).map(key).collect::<Result<Vec<_>, Unavailable>>()?;
        let items = self.table.get_many(keys, Read::Eventual).await?;
        let mut bulks = items.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        bulks.sort_by_key(|bulk| std::cmp::Reverse(bulk.place()));
        let next = bulks.last().filter(|_| more).map(Bulk::place);
        Ok(BulkList { bulks, next })
    }

    async fn save(&self, bulk: &mut Bulk) -> Result<bool, Unavailable> {
        let seen = bulk.revision;
        let next = Bulk { revision: seen + 1, ..bulk.clone() };
        let is_next = |stored: &Item| read(stored).is_ok_and(|stored| stored == next);
        let saved = self.table.replace(item(&next), seen, is_next).await?;
        if saved {
            bulk.revision = next.revision;
        }
        Ok(saved)
    }
}

/// What the partition of an operation begins with.
const PK: &str = "BULK#";

fn pk(id: BulkId) -> String {
    format!("{PK}{id}")
}

/// Reads what [`pk`] wrote.
pub(super) fn id_of_pk(pk: &str) -> Option<BulkId> {
    pk.strip_prefix(PK)?.parse().ok()
}

/// The partition of `by_number` that a tenant's operations are in.
pub(super) fn bulks_pk(user: UserId) -> String {
    format!("BULKS#{user}")
}

pub(super) fn key_pk(user: UserId) -> String {
    format!("BULKKEY#{user}")
}

fn item(bulk: &Bulk) -> Item {
    Item::new(pk(bulk.id), SK)
        .with("user_id", s(bulk.user.to_string()))
        .with("number", s(bulk.from.digits()))
        .with("total", n(bulk.total))
        .with("made", n(bulk.made))
        .with("settled", n(bulk.settled))
        .with("state", s(bulk.state.as_str()))
        .with_some("failure", bulk.state.failure().map(|failure| s(BulkFailure::code(failure))))
        .with_some("waiting", bulk.waiting.map(|waiting| s(waiting.as_str())))
        .with("request", s(bulk.request.0.clone()))
        .with("created_at", at(bulk.created_at))
        .with_some("send_at", bulk.send_at.map(at))
        .with_some("expires_at", bulk.expires_at.map(at))
        .with("kept_days", n(bulk.retention.days()))
        .with_some("ended_at", bulk.ended_at.map(at))
        .with("turn", n(bulk.turn))
        .with("wake_at", at(bulk.wake_at))
        .with("rest", n(bulk.rest))
        .with("attempts", n(bulk.attempts))
        .with_some("busy_until", bulk.busy_until.map(at))
        .with("revision", n(bulk.revision))
        .with("number_pk", s(bulks_pk(bulk.user)))
        .with("number_sk", s(by_time(bulk.place())))
        .with("ttl", ttl(bulk.kept_until()))
}

fn read(item: &Item) -> Result<Bulk, Unavailable> {
    let failure = item.some("failure", |code| Some(code.to_owned()))?;
    Ok(Bulk {
        id: item.one("pk", id_of_pk)?,
        user: item.one("user_id", |t| t.parse().ok())?,
        from: item.one("number", |t| t.parse().ok())?,
        total: item.number("total")?,
        made: item.number("made")?,
        settled: item.number("settled")?,
        state: item.one("state", |text| BulkState::from_stored(text, failure.as_deref()))?,
        waiting: item.some("waiting", BulkWaiting::from_stored)?,
        request: item.one("request", |t| Some(RequestHash(t.to_owned())))?,
        created_at: item.time("created_at")?,
        send_at: item.some_time("send_at")?,
        expires_at: item.some_time("expires_at")?,
        // One from before tenants had their own is kept as it was to be.
        retention: item
            .some_number::<u16>("kept_days")?
            .and_then(|days| days.try_into().ok())
            .unwrap_or_default(),
        ended_at: item.some_time("ended_at")?,
        turn: item.number("turn")?,
        wake_at: item.time("wake_at")?,
        rest: item.number("rest")?,
        attempts: item.number("attempts")?,
        busy_until: item.some_time("busy_until")?,
        revision: item.number("revision")?,
    })
}
