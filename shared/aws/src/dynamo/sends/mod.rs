//! Sends, in `sends`.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | a send | `SEND#<id>` | `SEND` |
//! | a parked send | `PARKED#<number>` | `<accepted, µs, 20 digits>#<id>`, or `<send_at, the same>!<accepted, the same>#<id>` where it was scheduled |
//!
//! Indexes, all with keys only: `by_number` (`<user>#<number>`, `<accepted, µs, 20 digits>#<id>`); `due`
//! (`DUE#<0 to 7>`, `<due, ms, 15 digits>#<id>`), which holds pending sends alone and is spread over eight partitions by a
//! hash of the id, since each takes a thousand writes a second; and `in_line` (`LINE#<number>`, or `SCHEDULED#<number>` until its
//! time has come, sorted as the parked ones are), which holds pending sends too.
//!
//! | access | request | units (a send of up to 1 KB) |
//! |---|---|---|
//! | create | PutItem, conditional | 1 write, and 1 for each of the 3 indexes |
//! | find | GetItem | 1 read |
//! | apply | UpdateItem, conditional | 1 write, and 2 for `due` and `in_line` when the send ceases to be pending |
//! | reschedule | UpdateItem, conditional | 1 write, and 2 for `due` |
//! | keep for longer | UpdateItem, conditional | 1 write |
//! | due | 8 Query of `due`, BatchGetItem | 4 read, and 0.5 for each send |
//! | park | PutItem, UpdateItem | 2 write, and 2 for `due` |
//! | parked | Query | 1 read for about 40 sends |
//! | unpark | DeleteItem | 1 write |
//! | waiting | Query of `in_line`, counting | 0.5 read for about 40 sends |
//! | scheduled | Query of `in_line`, BatchGetItem | 0.5 read, and 0.5 for each send |
//! | release | UpdateItem, conditional | 1 write, 2 for `due` and 2 for `in_line` |
//! | page of a report | Query of `by_number`, a BatchGetItem for each 100 sends | 0.5 read for about 20 sends, and 0.5 for each send |
//! | sends of a bulk operation | a BatchGetItem for each 100 | 0.5 read for each send, found or not |
//! | statuses of a page | the same | the same: DynamoDB counts whole items |

mod content;
mod due;
pub(super) mod keys;
mod line;
mod page;
mod parked;
pub(super) mod record;
mod rows;
mod step;

use super::item::Item;
use super::table::{Read, Table, Written};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::SendId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{
    Applied, Created, Line, Page, PageKey, Parked, SendHistory, Sends, StatusPage, Unavailable,
};
use carteiro_core::report::Subject;
use carteiro_core::send::{Send, Step, Waiting};
use jiff::Timestamp;
use keys::{SK, pk};
use std::collections::HashMap;

/// Sends in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoSends {
    table: Table,
}

impl DynamoSends {
    /// Sends in the table `sends` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }

    /// The items of these sends, in the order of `ids`; those that are gone are left out. `only` names attributes, as `#name`
    /// and beside `pk`, where not all are wanted.
    async fn items(&self, ids: &[SendId], only: Option<&str>) -> Result<Vec<Item>, Unavailable> {
        let keys = ids.iter().map(|id| (pk(*id), SK.to_owned()));
        let items = self.table.get_many_of(keys, Read::Eventual, only).await?;
        let mut by_pk: HashMap<String, Item> =
            items.into_iter().filter_map(|item| Some((item.text("pk").ok()?.to_owned(), item))).collect();
        Ok(ids.iter().filter_map(|id| by_pk.remove(&pk(*id))).collect())
    }
}

#[async_trait]
impl Sends for DynamoSends {
    async fn create(&self, send: &Send, due_at: Timestamp) -> Result<Created, Unavailable> {
        let put = Write::put(record::item(send, due_at)).when("attribute_not_exists(#pk)");
        let existing = match self.table.write(put).await? {
            Written::Done(_) => return Ok(Created::New),
            Written::Refused(Some(item)) => record::send(&item)?,
            Written::Refused(None) => self
                .find(send.id)
                .await?
                .ok_or_else(|| Unavailable::new(self.table.operation("PutItem"), "refused, and not there"))?,
        };
        // The very same send, to the microsecond, is this one: the first answer was lost and the SDK asked again.
        Ok(if existing == *send { Created::New } else { Created::Existing(Box::new(existing)) })
    }

    async fn find(&self, id: SendId) -> Result<Option<Send>, Unavailable> {
        let item = self.table.get(pk(id), SK, Read::Consistent).await?;
        item.as_ref().map(record::send).transpose()
    }

    async fn apply(&self, id: SendId, step: &Step, at: Timestamp) -> Result<Applied, Unavailable> {
        match self.table.write(step::write(id, step, at)).await? {
            Written::Done(_) => Ok(Applied::Moved),
            Written::Refused(None) => Ok(Applied::Unknown),
            Written::Refused(Some(item)) => Ok(Applied::Refused(record::status(&item)?)),
        }
    }

    async fn reschedule(&self, id: SendId, due_at: Timestamp, requeued: bool) -> Result<(), Unavailable> {
        self.table.write(due::reschedule(id, due_at, requeued)).await?;
        Ok(())
    }

    async fn keep(&self, id: SendId, until: Timestamp) -> Result<(), Unavailable> {
        self.table.write(due::keep(id, until)).await?;
        Ok(())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Send>, Unavailable> {
        self.due_sends(now, limit).await
    }

    async fn park(&self, send: &Send, why: Waiting) -> Result<(), Unavailable> {
        self.park_send(send, why).await
    }

    async fn parked(
        &self,
        number: &Phone,
        after: Option<&Parked>,
        limit: usize,
    ) -> Result<Vec<Parked>, Unavailable> {
        self.parked_sends(number, after, limit).await
    }

    async fn unpark(&self, number: &Phone, parked: &Parked) -> Result<(), Unavailable> {
        self.table.write(parked::unpark(number, parked)).await?;
        Ok(())
    }

    async fn waiting(&self, number: &Phone, line: Line, limit: usize) -> Result<usize, Unavailable> {
        self.count_waiting(number, line, limit).await
    }

    async fn scheduled(
        &self,
        number: &Phone,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Send>, Unavailable> {
        self.scheduled_sends(number, until, limit).await
    }

    async fn release(&self, send: &Send, due_at: Timestamp) -> Result<(), Unavailable> {
        self.table.write(line::release(send, due_at)).await?;
        Ok(())
    }
}

#[async_trait]
impl SendHistory for DynamoSends {
    async fn page(&self, of: &Subject, after: Option<&PageKey>, limit: usize) -> Result<Page, Unavailable> {
        self.report_page(of, after, limit).await
    }

    async fn statuses(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<StatusPage, Unavailable> {
        self.status_page(of, after, limit).await
    }
}
