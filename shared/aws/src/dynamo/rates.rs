//! How often callers came, in `accounts`: pk `RATE#<group>#<caller>`, sk `RATE`, with the arrival time `arrival` of the caller's
//! next request ([`carteiro_core::rate`]) in microseconds since 1970.
//!
//! | access | request | units |
//! |---|---|---|
//! | admit | UpdateItem, conditional | 1 write |
//! | give back | UpdateItem, conditional | 1 write |
//!
//! The arrival time is never read first. Two updates are conditional on what it is, and one of them fits: after a rest (it is
//! past, or the item is not there) it is set to now and one interval; while the caller is using up its burst, one interval
//! is added to it where it stands. Since the second adds, callers that meet do not overwrite each other, and none has to try
//! again for another's sake. Which of the two to ask for is guessed from what this process last saw; a refusal brings the item
//! back, which says whether the caller is over its rate or the other update fits. So a wrong guess costs one more unit (a
//! refused write is billed), and there is at most one for a request, or two when the caller's burst begins in between.
//!
//! The item's TTL takes it away when the caller has had its whole burst again for a while.

use super::item::{Item, at, n, ttl};
use super::table::{Table, Written};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ports::{Rates, Unavailable};
use carteiro_core::rate::{Arrival, Decision, Rate, RateKey};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an arrival time is kept that no longer holds anyone back.
const KEPT: SignedDuration = SignedDuration::from_mins(5);
/// How many arrival times are remembered for guessing.
const REMEMBERED: usize = 10_000;
/// The updates tried for one request: at rest, in the burst, and once more of each should the item go away in between.
const TRIES: u32 = 4;
const SK: &str = "RATE";

/// Rates in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoRates {
    table: Table,
    patience: Option<Duration>,
    seen: Arc<Mutex<HashMap<RateKey, Arrival>>>,
}

impl DynamoRates {
    /// Rates in the table `accounts` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table), patience: None, seen: Arc::default() }
    }

    /// Gives up on a count after that time, for callers to whom an answer without one is better than a late one.
    #[must_use]
    pub fn giving_up_after(mut self, time: Duration) -> Self {
        self.patience = Some(time);
        self
    }

    fn guess(&self, key: &RateKey) -> Option<Arrival> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    fn see(&self, key: &RateKey, arrival: Arrival, now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.retain(|_, known| known.0 > now);
        }
        if seen.len() >= REMEMBERED {
            seen.clear();
        }
        seen.insert(key.clone(), arrival);
    }

    async fn count(&self, key: &RateKey, rate: Rate, now: Timestamp) -> Result<Decision, Unavailable> {
        let mut known = self.guess(key);
        for _ in 0..TRIES {
            let written = self.table.write(update(key, rate, known, now)).await?;
            let (item, admitted) = match written {
                Written::Done(item) => (item, true),
                Written::Refused(item) => (item, false),
            };
            known = item.as_ref().map(arrival).transpose()?;
            if let Some(arrival) = known {
                self.see(key, arrival, now);
            }
            if let (true, Some(Arrival(next))) = (admitted, known) {
                // What is kept now is one interval past what was found: looked at from there, it is this request's decision.
                return Ok(rate.look(Some(Arrival(next - rate.interval())), now).0);
            }
            let (decision, _) = rate.look(known, now);
            if !decision.admitted {
                return Ok(decision);
            }
        }
        // Only an item that comes and goes under a request leads here. Nothing was counted for it, so it is not let through.
        let (after, _) = rate.look(None, now);
        Ok(Decision { admitted: false, retry_after: rate.interval(), remaining: 0, ..after })
    }
}

fn pk(key: &RateKey) -> String {
    format!("RATE#{}", key.as_str())
}

/// The update that fits a caller whose arrival time is `known`.
fn update(key: &RateKey, rate: Rate, known: Option<Arrival>, now: Timestamp) -> Write {
    let pk = pk(key);
    let interval = n(rate.interval().as_micros());
    let latest = now + rate.tolerance();
    let write = if known.is_some_and(|Arrival(time)| time > now) {
        Write::update(pk, SK, "SET #arrival = #arrival + :interval, #ttl = :ttl")
            .when("#arrival > :now AND #arrival <= :latest")
            .value(":now", at(now))
            .value(":latest", at(latest))
            .value(":interval", interval)
    } else {
        Write::update(pk, SK, "SET #arrival = :next, #ttl = :ttl")
            .when("attribute_not_exists(#pk) OR #arrival <= :now")
            .value(":now", at(now))
            .value(":next", at(now + rate.interval()))
    };
    write.value(":ttl", ttl(latest + rate.interval() + KEPT)).returning_new()
}

fn arrival(item: &Item) -> Result<Arrival, Unavailable> {
    Ok(Arrival(item.time("arrival")?))
}

#[async_trait]
impl Rates for DynamoRates {
    async fn admit(&self, key: &RateKey, rate: Rate, now: Timestamp) -> Result<Decision, Unavailable> {
        let count = self.count(key, rate, now);
        let Some(patience) = self.patience else { return count.await };
        match tokio::time::timeout(patience, count).await {
            Ok(decision) => decision,
            Err(_) => Err(Unavailable::new(self.table.operation("UpdateItem"), "no answer in time")),
        }
    }

    async fn give_back(&self, key: &RateKey, rate: Rate) -> Result<(), Unavailable> {
        let earlier = Write::update(pk(key), SK, "SET #arrival = #arrival - :interval")
            .when("attribute_exists(#arrival)")
            .value(":interval", n(rate.interval().as_micros()));
        self.table.write(earlier).await?;
        Ok(())
    }
}
