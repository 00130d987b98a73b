//! The trail of the operator's actions, in `accounts`: pk `AUDIT`, sk `<when, µs, 20 digits>#<id>`. Entries are put where there is
//! none and never changed; they end after five years. One partition has them all: it takes a thousand entries a second.
//!
//! | access | request | units |
//! |---|---|---|
//! | append | PutItem, conditional | 1 write |
//! | a page | Query | 1 read for about 25 entries |

use super::item::{Item, by_time, s, ttl};
use super::table::{Query, Read, Table};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::audit::{AuditAction, AuditEntry, AuditPlace};
use carteiro_core::ports::{AuditPage, AuditTrail, MAX_AUDIT_PAGE, Unavailable};
use jiff::Timestamp;

/// The partition of the trail.
const PK: &str = "AUDIT";

/// The trail in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoAudit {
    table: Table,
}

impl DynamoAudit {
    /// The trail in the table `accounts` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

fn place(sk: &str) -> Option<AuditPlace> {
    let (at, id) = sk.split_once('#')?;
    Some(AuditPlace { at: Timestamp::from_microsecond(at.parse().ok()?).ok()?, id: id.parse().ok()? })
}

fn item(entry: &AuditEntry) -> Item {
    Item::new(PK, by_time(entry.place()))
        .with("who", s("operator"))
        .with("what", s(entry.action.as_str()))
        .with("user_id", s(entry.user.to_string()))
        .with("to", s(&entry.to))
        .with("ttl", ttl(entry.kept_until()))
}

fn read(item: &Item) -> Result<AuditEntry, Unavailable> {
    let AuditPlace { at, id } = item.one("sk", place)?;
    Ok(AuditEntry {
        id,
        at,
        action: item.one("what", AuditAction::from_stored)?,
        user: item.one("user_id", |id| id.parse().ok())?,
        to: item.text("to")?.to_owned(),
    })
}

#[async_trait]
impl AuditTrail for DynamoAudit {
    async fn append(&self, entry: &AuditEntry) -> Result<(), Unavailable> {
        // Refused: it is there, as it was written first.
        self.table.write(Write::put(item(entry)).when("attribute_not_exists(#pk)")).await?;
        Ok(())
    }

    async fn page(&self, before: Option<AuditPlace>, limit: usize) -> Result<AuditPage, Unavailable> {
        let limit = limit.clamp(1, MAX_AUDIT_PAGE);
        let query = match before {
            Some(before) => Query::new("#pk = :trail AND #sk < :before", Read::Consistent)
                .value(":before", by_time(before)),
            None => Query::new("#pk = :trail", Read::Consistent),
        };
        let query = query.value(":trail", PK).backwards().limit(limit + 1);
        let items = self.table.query(query).await?;
        let more = items.len() > limit;
        let entries = items.iter().take(limit).map(read).collect::<Result<Vec<_>, _>>()?;
        let next = entries.last().filter(|_| more).map(AuditEntry::place);
        Ok(AuditPage { entries, next })
    }
}
