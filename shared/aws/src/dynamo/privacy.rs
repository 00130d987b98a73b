//! Exports and erasures of personal data, in `sends`: the item `PRIVACY#<id>`, `PRIVACY`. A tenant's stand in the index
//! `by_number` too, under `PRIVACY#<user>`. What names a person is in `work`, which goes when the operation is over.
//!
//! | access | request | units |
//! |---|---|---|
//! | create | PutItem, conditional | 1 write, and 1 for the index |
//! | find | GetItem | 1 read |
//! | save | PutItem, conditional | 1 write for 1 KB: 1 for about 20 parts |

use super::item::{Damaged, Item, at, n, s, ttl};
use super::table::{Read, Table, Written};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::{PrivacyId, UserId};
use carteiro_core::ports::{PrivacyOperations, Unavailable};
use carteiro_core::privacy::{PrivacyKind, PrivacyOperation, PrivacyState};

pub(super) const SK: &str = "PRIVACY";

/// Operations in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoPrivacy {
    table: Table,
}

impl DynamoPrivacy {
    /// Operations in the table `sends` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

#[async_trait]
impl PrivacyOperations for DynamoPrivacy {
    async fn create(&self, operation: &PrivacyOperation) -> Result<Option<PrivacyOperation>, Unavailable> {
        let put = Write::put(item(operation)?).when("attribute_not_exists(#pk)");
        let existing = match self.table.write(put).await? {
            Written::Done(_) => return Ok(None),
            Written::Refused(Some(item)) => read(&item)?,
            Written::Refused(None) => self
                .find(operation.id)
                .await?
                .ok_or_else(|| Unavailable::new(self.table.operation("PutItem"), "refused, and not there"))?,
        };
        // The very same operation is this one: the first answer was lost and the SDK asked again.
        Ok(Some(existing).filter(|existing| existing != operation))
    }

    async fn find(&self, id: PrivacyId) -> Result<Option<PrivacyOperation>, Unavailable> {
        let item = self.table.get(pk(id), SK, Read::Consistent).await?;
        item.as_ref().map(read).transpose()
    }

    async fn save(&self, operation: &mut PrivacyOperation) -> Result<bool, Unavailable> {
        let seen = operation.revision;
        let next = PrivacyOperation { revision: seen + 1, ..operation.clone() };
        let is_next = |stored: &Item| read(stored).is_ok_and(|stored| stored == next);
        let saved = self.table.replace(item(&next)?, seen, is_next).await?;
        if saved {
            operation.revision = next.revision;
        }
        Ok(saved)
    }
}

fn pk(id: PrivacyId) -> String {
    format!("PRIVACY#{id}")
}

/// The partition of `by_number` that a tenant's operations are in.
pub(super) fn of_user_pk(user: UserId) -> String {
    format!("PRIVACY#{user}")
}

fn json(value: &impl serde::Serialize) -> Result<String, Unavailable> {
    serde_json::to_string(value).map_err(|_| Damaged("work").into())
}

fn item(operation: &PrivacyOperation) -> Result<Item, Unavailable> {
    let work = operation.work.as_ref().map(json).transpose()?;
    Ok(Item::new(pk(operation.id), SK)
        .with_some("user_id", operation.user.map(|user| s(user.to_string())))
        .with("kind", s(operation.kind.as_str()))
        .with_some("masked", operation.masked.as_ref().map(s))
        .with_some("work", work.map(s))
        .with("state", s(operation.state.as_str()))
        .with_some("failure", operation.state.failure().map(|failure| s(failure.code())))
        .with("counts", s(json(&operation.counts)?))
        .with("created_at", at(operation.created_at))
        .with_some("ended_at", operation.ended_at.map(at))
        .with("attempts", n(operation.attempts))
        .with_some("busy_until", operation.busy_until.map(at))
        .with("revision", n(operation.revision))
        .with_some("number_pk", operation.user.map(|user| s(of_user_pk(user))))
        .with("number_sk", s(operation.id.to_string()))
        .with("ttl", ttl(operation.kept_until())))
}

fn read(item: &Item) -> Result<PrivacyOperation, Unavailable> {
    let failure = item.some("failure", |code| Some(code.to_owned()))?;
    Ok(PrivacyOperation {
        id: item.one("pk", |pk| pk.strip_prefix("PRIVACY#")?.parse().ok())?,
        user: item.some("user_id", |t| t.parse().ok())?,
        kind: item.one("kind", PrivacyKind::from_stored)?,
        masked: item.some("masked", |t| Some(t.to_owned()))?,
        work: item.some("work", |t| serde_json::from_str(t).ok())?,
        state: item.one("state", |text| PrivacyState::from_stored(text, failure.as_deref()))?,
        counts: item.one("counts", |t| serde_json::from_str(t).ok())?,
        created_at: item.time("created_at")?,
        ended_at: item.some_time("ended_at")?,
        attempts: item.number("attempts")?,
        busy_until: item.some_time("busy_until")?,
        revision: item.number("revision")?,
    })
}
