//! Paces of numbers and the chats that they began, in `sessions`: pk `NUMBER#<digits>`, sk `PACE` and `BEGUN`.
//!
//! | access | request | units |
//! |---|---|---|
//! | own | GetItem | 1 read |
//! | set own | PutItem | 1 write |
//! | begun | GetItem | 1 read |
//! | count | PutItem, conditional | 1 write, for each chat that is begun |
//!
//! A count outlives its number's link and tenant: WhatsApp does not forget either. Its `ttl` ends it.

use super::item::{Item, n, s, ttl};
use super::keys::number_pk;
use super::table::{Read, Table, Written};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::UserId;
use carteiro_core::lease::Epoch;
use carteiro_core::pacing::{Begun, OwnPace};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{CountError, KEPT_DAYS, Paces, Unavailable};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Paces in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoPaces {
    table: Table,
}

impl DynamoPaces {
    /// Paces in the table `sessions` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

pub(super) const PACE: &str = "PACE";
const BEGUN: &str = "BEGUN";

/// When the count of a day is deleted.
fn until(day: Date) -> Timestamp {
    let begins = day.to_zoned(TimeZone::UTC).map(|at| at.timestamp()).unwrap_or(Timestamp::MAX);
    begins.saturating_add(SignedDuration::from_hours(KEPT_DAYS * 24)).unwrap_or(Timestamp::MAX)
}

#[async_trait]
impl Paces for DynamoPaces {
    async fn own(&self, number: &Phone, user: UserId) -> Result<OwnPace, Unavailable> {
        let Some(item) = self.table.get(number_pk(number), PACE, Read::Consistent).await? else {
            return Ok(OwnPace::default());
        };
        let of: UserId = item.one("user_id", |id| id.parse().ok())?;
        if of != user {
            return Ok(OwnPace::default());
        }
        Ok(item.one("pace", |json| serde_json::from_str(json).ok())?)
    }

    async fn set_own(&self, number: &Phone, user: UserId, pace: &OwnPace) -> Result<(), Unavailable> {
        let json = serde_json::to_string(pace)
            .map_err(|error| Unavailable::new(self.table.operation("PutItem"), error.to_string()))?;
        let item =
            Item::new(number_pk(number), PACE).with("user_id", s(user.to_string())).with("pace", s(json));
        self.table.write(Write::put(item)).await?;
        Ok(())
    }

    async fn begun(&self, number: &Phone) -> Result<Option<Begun>, Unavailable> {
        let Some(item) = self.table.get(number_pk(number), BEGUN, Read::Consistent).await? else {
            return Ok(None);
        };
        Ok(Some(Begun {
            since: item.one("since", |day| day.parse().ok())?,
            day: item.one("day", |day| day.parse().ok())?,
            chats: item.number("chats")?,
        }))
    }

    async fn count(&self, number: &Phone, epoch: Epoch, begun: Begun) -> Result<(), CountError> {
        let item = Item::new(number_pk(number), BEGUN)
            .with("since", s(begun.since.to_string()))
            .with("day", s(begun.day.to_string()))
            .with("chats", n(begun.chats))
            .with("epoch", n(epoch.get()))
            .with("ttl", ttl(until(begun.day)));
        let count = Write::put(item)
            .when("attribute_not_exists(#epoch) OR #epoch <= :epoch")
            .value(":epoch", n(epoch.get()));
        match self.table.write(count).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(CountError::Fenced),
        }
    }
}
