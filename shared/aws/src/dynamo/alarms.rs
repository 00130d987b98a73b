//! Alarms of scheduled sends, in `sends`: pk `ALARM#<number>`, sk the second (12 digits); and in the index `due` under `ALARM`, sorted by
//! time. An alarm is one item however many sends it is for, so a campaign costs the sweep no more than a single send.
//!
//! | access | request | units |
//! |---|---|---|
//! | set | PutItem | 1 write, and 1 for `due` when it is new |
//! | until | Query of `due` | 0.5 read for about 40 alarms |
//! | clear | DeleteItem | 1 write, and 1 for `due` |

use super::item::{Item, s, ttl};
use super::table::{Query, Read, Table};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::command::Alarm;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Alarms, Unavailable};
use jiff::{SignedDuration, Timestamp};

/// The partition of `due` that alarms are in: they are few.
const DUE: &str = "ALARM";
/// How long after its time an alarm is kept that was not cleared.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// Alarms in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoAlarms {
    table: Table,
}

impl DynamoAlarms {
    /// Alarms in the table `sends` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

pub(super) fn pk(number: &Phone) -> String {
    format!("ALARM#{}", number.digits())
}

fn number_of_pk(pk: &str) -> Option<Phone> {
    pk.strip_prefix("ALARM#")?.parse().ok()
}

fn sk(at: Timestamp) -> String {
    format!("{:012}", at.as_second().max(0))
}

fn due_sk(alarm: &Alarm) -> String {
    format!("{}#{}", sk(alarm.at), alarm.number.digits())
}

fn time_of_sk(sk: &str) -> Option<Timestamp> {
    Timestamp::from_second(sk.parse().ok()?).ok()
}

#[async_trait]
impl Alarms for DynamoAlarms {
    async fn set(&self, alarm: &Alarm) -> Result<(), Unavailable> {
        let item = Item::new(pk(&alarm.number), sk(alarm.at))
            .with("due_pk", s(DUE))
            .with("due_sk", s(due_sk(alarm)))
            .with("ttl", ttl(alarm.at + KEPT));
        self.table.write(Write::put(item)).await?;
        Ok(())
    }

    async fn until(
        &self,
        until: Timestamp,
        after: Option<&Alarm>,
        limit: usize,
    ) -> Result<Vec<Alarm>, Unavailable> {
        // No alarm stands at the bound itself: behind its second comes its number.
        let bound = sk(until + SignedDuration::from_secs(1));
        // A character more than the last one's place: the first that sorts after it, but for those of longer numbers, which are digits.
        let from = after.map_or_else(|| "0".to_owned(), |last| due_sk(last) + "!");
        if from > bound {
            // DynamoDB refuses a span that ends before it begins.
            return Ok(Vec::new());
        }
        let query = Query::new("#due_pk = :due AND #due_sk BETWEEN :from AND :bound", Read::Eventual)
            .index("due")
            .value(":due", DUE)
            .value(":from", from)
            .value(":bound", bound)
            .limit(limit);
        let read = |item: &Item| -> Result<Alarm, Unavailable> {
            Ok(Alarm { at: item.one("sk", time_of_sk)?, number: item.one("pk", number_of_pk)? })
        };
        self.table.query(query).await?.iter().map(read).collect()
    }

    async fn clear(&self, alarm: &Alarm) -> Result<(), Unavailable> {
        self.table.write(Write::delete(pk(&alarm.number), sk(alarm.at))).await?;
        Ok(())
    }
}
