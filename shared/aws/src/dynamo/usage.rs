//! The sends of tenants by calendar day, in `sends`: pk `USAGE#<user>`, sk the day, `<year>-<month>-<day>`.
//!
//! | access | request | units |
//! |---|---|---|
//! | count | UpdateItem, conditional where there is a limit | 1 write |
//! | give back | UpdateItem, conditional | 1 write |
//! | counted | Query | 0.5 read for about 80 days |
//!
//! An update whose answer was lost is asked again by the SDK and then counts twice: a tenant may get less than its limit so,
//! never more. One item takes a thousand writes a second, and so many sends a second may one tenant make.

use super::item::{Item, n, ttl};
use super::table::{Query, Read, Table, Written};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::UserId;
use carteiro_core::ports::{Unavailable, Usage};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How long after its day a count is kept: as long as sends are.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Counted sends in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoUsage {
    table: Table,
}

impl DynamoUsage {
    /// Counts in the table `sends` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

pub(super) fn pk(user: UserId) -> String {
    format!("USAGE#{user}")
}

/// When the count of a day is deleted.
fn until(day: Date) -> Timestamp {
    let begins = day.to_zoned(TimeZone::UTC).map(|at| at.timestamp()).unwrap_or(Timestamp::MAX);
    begins.saturating_add(KEPT).unwrap_or(Timestamp::MAX)
}

#[async_trait]
impl Usage for DynamoUsage {
    async fn count(&self, user: UserId, day: Date, limit: Option<u32>) -> Result<bool, Unavailable> {
        if limit == Some(0) {
            return Ok(false);
        }
        let one_more = Write::update(pk(user), day.to_string(), "SET #ttl = :ttl ADD #sends :one")
            .value(":one", n(1))
            .value(":ttl", ttl(until(day)));
        let one_more = match limit {
            Some(limit) => {
                one_more.when("attribute_not_exists(#sends) OR #sends < :limit").value(":limit", n(limit))
            }
            None => one_more,
        };
        Ok(matches!(self.table.write(one_more).await?, Written::Done(_)))
    }

    async fn give_back(&self, user: UserId, day: Date) -> Result<(), Unavailable> {
        let one_less = Write::update(pk(user), day.to_string(), "ADD #sends :less")
            .when("#sends > :none")
            .value(":less", n(-1))
            .value(":none", n(0));
        self.table.write(one_less).await?;
        Ok(())
    }

    async fn counted(&self, user: UserId, first: Date, last: Date) -> Result<Vec<(Date, u32)>, Unavailable> {
        if first > last {
            // DynamoDB refuses a span that ends before it begins.
            return Ok(Vec::new());
        }
        let query = Query::new("#pk = :pk AND #sk BETWEEN :first AND :last", Read::Eventual)
            .value(":pk", pk(user))
            .value(":first", first.to_string())
            .value(":last", last.to_string());
        let mut days = Vec::new();
        for item in self.table.query(query).await? {
            let counted = counted(&item)?;
            days.extend(counted.filter(|(_, count)| *count > 0));
        }
        Ok(days)
    }
}

fn counted(item: &Item) -> Result<Option<(Date, u32)>, Unavailable> {
    let day: Date = item.one("sk", |text| text.parse().ok())?;
    Ok(item.some_number("sends")?.map(|count| (day, count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_for_as_long_as_sends() {
        let day: Date = "2026-11-22".parse().unwrap();
        assert_eq!(until(day).to_string(), "2027-12-27T00:00:00Z");
        assert_eq!(until(Date::MAX), Timestamp::MAX);
    }
}
