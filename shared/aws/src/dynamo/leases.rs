//! Leases of shards, in `sessions`: pk `LEASES`, sk `TASK#<incarnation>` (`counter`, `revoked`, `leaving`) and `SHARD#<NN>` (`owner`,
//! `epoch`).
//!
//! | access | request | units |
//! |---|---|---|
//! | heartbeat | UpdateItem, conditional | 1 write |
//! | view | Query | 1 read for about 60 tasks and shards |
//! | take | TransactWriteItems of 2 or 3 items | 4 or 6 write |
//! | leave | UpdateItem, conditional | 1 write |
//! | release | UpdateItem, conditional | 1 write |
//! | retire | DeleteItem | 1 write |

use super::item::{Item, n, s};
use super::keys::SHARD;
use super::table::{Query, Read, Table, Written};
use super::transaction::Cancelled;
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::lease::{Epoch, LeaseTable, ShardLease, TaskId, TaskRow};
use carteiro_core::ports::{LeaseError, Leases, Unavailable};
use carteiro_core::shard::Shard;

/// Leases in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoLeases {
    table: Table,
}

impl DynamoLeases {
    /// Leases in the table `sessions` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

const PK: &str = "LEASES";
const NOT_REVOKED: &str = "attribute_not_exists(#revoked) OR #revoked = :no";

fn task_sk(task: &TaskId) -> String {
    format!("TASK#{task}")
}

fn shard_sk(shard: Shard) -> String {
    format!("{SHARD}{shard}")
}

/// The write that makes `task` the owner of a shard that is as `seen`.
fn take_shard(shard: Shard, task: &TaskId, epoch: Epoch, seen: Option<&ShardLease>) -> Write {
    let take = Write::update(PK, shard_sk(shard), "SET #owner = :task, #epoch = :next")
        .value(":task", s(task.as_str()))
        .value(":next", n(epoch.get()));
    match seen {
        None => take.when("attribute_not_exists(#pk)"),
        Some(ShardLease { owner: Some(owner), epoch }) => take
            .when("#epoch = :seen AND #owner = :owner")
            .value(":seen", n(epoch.get()))
            .value(":owner", s(owner.as_str())),
        Some(ShardLease { owner: None, epoch }) => {
            take.when("#epoch = :seen AND attribute_not_exists(#owner)").value(":seen", n(epoch.get()))
        }
    }
}

fn read(table: &mut LeaseTable, item: &Item) -> Result<(), Unavailable> {
    let sk = item.text("sk")?;
    if let Some(task) = sk.strip_prefix("TASK#") {
        let row = TaskRow {
            counter: item.some_number("counter")?.unwrap_or(0),
            revoked: item.flag("revoked")?,
            leaving: item.flag("leaving")?,
        };
        table.tasks.insert(TaskId::from_stored(task.to_owned()), row);
    } else if sk.starts_with(SHARD) {
        let index = item.one("sk", |sk| sk.strip_prefix(SHARD)?.parse().ok())?;
        let owner = item.some("owner", |owner| Some(TaskId::from_stored(owner.to_owned())))?;
        let lease = ShardLease { owner, epoch: Epoch::new(item.number("epoch")?) };
        table.shards.insert(Shard::from_stored(index), lease);
    }
    Ok(())
}

#[async_trait]
impl Leases for DynamoLeases {
    async fn heartbeat(&self, task: &TaskId, counter: u64) -> Result<(), LeaseError> {
        let beat = Write::update(PK, task_sk(task), "SET #counter = :counter")
            .when(format!("({NOT_REVOKED}) AND (attribute_not_exists(#counter) OR #counter <= :counter)"))
            .value(":counter", n(counter))
            .value(":no", AttributeValue::Bool(false));
        match self.table.write(beat).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(Some(row)) if !row.flag("revoked").map_err(Unavailable::from)? => {
                Err(LeaseError::Changed)
            }
            Written::Refused(_) => Err(LeaseError::Revoked),
        }
    }

    async fn view(&self) -> Result<LeaseTable, Unavailable> {
        let items = self.table.query(Query::new("#pk = :pk", Read::Consistent).value(":pk", PK)).await?;
        let mut table = LeaseTable::default();
        items.iter().try_for_each(|item| read(&mut table, item))?;
        Ok(table)
    }

    async fn take(
        &self,
        shard: Shard,
        task: &TaskId,
        seen: Option<&ShardLease>,
        revoke: bool,
    ) -> Result<Epoch, LeaseError> {
        let epoch = seen.map_or(Epoch::FIRST, |lease| lease.epoch.next());
        let alive =
            Write::check(PK, task_sk(task)).when(NOT_REVOKED).value(":no", AttributeValue::Bool(false));
        let mut writes = vec![alive, take_shard(shard, task, epoch, seen)];
        let owner = seen.and_then(|lease| lease.owner.as_ref());
        if let Some(owner) = owner.filter(|owner| revoke && *owner != task) {
            // Without a condition: a row that was removed comes back revoked, so that its task cannot.
            writes.push(
                Write::update(PK, task_sk(owner), "SET #revoked = :yes")
                    .value(":yes", AttributeValue::Bool(true)),
            );
        }
        match self.table.transact(&writes).await {
            Ok(()) => Ok(epoch),
            Err(Cancelled::Refused(refusals)) if refusals.has(0) => Err(LeaseError::Revoked),
            Err(Cancelled::Refused(_) | Cancelled::Conflict) => Err(LeaseError::Changed),
            Err(Cancelled::Unavailable(unavailable)) => Err(unavailable.into()),
        }
    }

    async fn leave(&self, task: &TaskId) -> Result<(), Unavailable> {
        let leave = Write::update(PK, task_sk(task), "SET #leaving = :yes")
            .when("attribute_exists(#pk)")
            .value(":yes", AttributeValue::Bool(true));
        self.table.write(leave).await?;
        Ok(())
    }

    async fn release(&self, shard: Shard, task: &TaskId, epoch: Epoch) -> Result<(), Unavailable> {
        let release = Write::update(PK, shard_sk(shard), "REMOVE #owner")
            .when("#owner = :task AND #epoch = :epoch")
            .value(":task", s(task.as_str()))
            .value(":epoch", n(epoch.get()));
        self.table.write(release).await?;
        Ok(())
    }

    async fn retire(&self, task: &TaskId) -> Result<(), Unavailable> {
        self.table.write(Write::delete(PK, task_sk(task))).await?;
        Ok(())
    }
}
