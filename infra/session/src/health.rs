//! Whether the task is well, and if not, why.
//!
//! It is told ([`crate::health_check`]) as JSON such as `{"status":"degraded","shards":3,"reasons":[{"code":"STORE_FAILING","seconds":12}]}`.
//!
//! | reason | it means | the answer |
//! |---|---|---|
//! | `LEASE_LOST` | no heartbeat went well for longer than the fence: nothing is sent | 200 for 30 s, while the task starts anew; then 503 |
//! | `STORE_FAILING` | the table of leases does not answer | 200: the lease tells when it matters |
//! | `QUEUE_FAILING` | no command could be received, by any shard | 200 for five minutes, as sessions stay connected; then 503 |
//! | `STOPPING` | the task was told to end and gives its shards up | 200 |
//!
//! 503 is what has the task replaced, so it is told only where a new process may do better.

use serde::{Serialize, Serializer};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// For how long after its last good heartbeat a task has its leases.
const FENCE: Duration = Duration::from_secs(6);
/// For how long after it the task counts as well: longer than it takes to start anew after a fence.
const FRESH: Duration = Duration::from_secs(30);
/// For how long queues may fail.
const DEAF: Duration = Duration::from_secs(300);
/// For how long something must fail to be told: a request that fails once is tried again.
const BLINK: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Known {
    beat: Instant,
    shards: usize,
    store_fails_since: Option<Instant>,
    queues_fail_since: Option<Instant>,
    stops: bool,
}

/// What is known of the task.
#[derive(Debug)]
pub struct Health(Mutex<Known>);

impl Default for Health {
    fn default() -> Self {
        let beat = Instant::now();
        let (store_fails_since, queues_fail_since) = (None, None);
        Self(Mutex::new(Known { beat, shards: 0, store_fails_since, queues_fail_since, stops: false }))
    }
}

/// Something that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What it is, as the answer spells it.
    pub code: &'static str,
    /// For how long it has been so.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub lasts: Duration,
    /// Whether the task should be replaced for it.
    #[serde(skip)]
    pub fatal: bool,
}

fn seconds<S: Serializer>(lasts: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(lasts.as_secs())
}

/// How the task is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing is wrong.
    Ok,
    /// Something is, and a new process would do no better.
    Degraded,
    /// It should be replaced.
    Failing,
}

/// What the task says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How it is.
    pub status: Status,
    /// How many shards are run.
    pub shards: usize,
    /// What is wrong.
    pub reasons: Vec<Reason>,
}

impl Health {
    /// A heartbeat went well.
    pub fn beat(&self) {
        self.known().beat = Instant::now();
    }

    /// How many shards are run.
    pub fn set_shards(&self, shards: usize) {
        self.known().shards = shards;
    }

    /// The table of leases answered, or did not.
    pub fn store_answered(&self, well: bool) {
        note(&mut self.known().store_fails_since, well);
    }

    /// A shard's queue answered, or did not. One that answers speaks for all: they are of one service.
    pub fn queue_answered(&self, well: bool) {
        note(&mut self.known().queues_fail_since, well);
    }

    /// The task was told to end.
    pub fn stops(&self) {
        self.known().stops = true;
    }

    /// What is wrong.
    pub fn reasons(&self) -> Vec<Reason> {
        let known = self.known();
        let mut reasons = Vec::new();
        let mut tell = |code, since: Instant, least: Duration, most: Option<Duration>| {
            let lasts = since.elapsed();
            if lasts >= least {
                reasons.push(Reason { code, lasts, fatal: most.is_some_and(|most| lasts >= most) });
            }
        };
        tell("LEASE_LOST", known.beat, FENCE, Some(FRESH));
        if let Some(since) = known.store_fails_since {
            tell("STORE_FAILING", since, BLINK, None);
        }
        // A task without shards receives nothing; what it last met says nothing of now.
        if let Some(since) = known.queues_fail_since.filter(|_| known.shards > 0) {
            tell("QUEUE_FAILING", since, BLINK, Some(DEAF));
        }
        if known.stops {
            reasons.push(Reason { code: "STOPPING", lasts: Duration::ZERO, fatal: false });
        }
        reasons
    }

    /// How the task is, and why.
    pub fn report(&self) -> Report {
        let (reasons, shards) = (self.reasons(), self.known().shards);
        let status = match reasons.as_slice() {
            [] => Status::Ok,
            some if some.iter().any(|reason| reason.fatal) => Status::Failing,
            _ => Status::Degraded,
        };
        Report { status, shards, reasons }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(fails_since: &mut Option<Instant>, well: bool) {
    if well {
        *fails_since = None;
    } else {
        fails_since.get_or_insert_with(Instant::now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn is_well(health: &Health) -> bool {
        health.report().status != Status::Failing
    }

    /// Whether it is well, and what it says of itself.
    fn answer(health: &Health) -> (bool, Value) {
        (is_well(health), serde_json::to_value(health.report()).unwrap())
    }

    /// As when no heartbeat went well for as long as it takes.
    impl Health {
        pub(crate) fn lose(&self) {
            self.known().beat = Instant::now().checked_sub(FRESH).unwrap();
        }
    }

    async fn pass(health: &Health, beating: bool, seconds: u64) {
        for _ in 0..seconds {
            tokio::time::advance(Duration::from_secs(1)).await;
            if beating {
                health.beat();
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_lease_is_told_and_after_a_while_is_reason_to_be_replaced() {
        let health = Health::default();
        assert_eq!(answer(&health), (true, json!({"status": "ok", "shards": 0, "reasons": []})));
        pass(&health, false, 7).await;
        let lost = json!({"code": "LEASE_LOST", "seconds": 7});
        assert_eq!(answer(&health), (true, json!({"status": "degraded", "shards": 0, "reasons": [lost]})));
        pass(&health, false, 23).await;
        let (well, told) = answer(&health);
        assert_eq!((well, &told["status"]), (false, &json!("failing")));
        health.beat();
        assert_eq!(answer(&health).1["status"], "ok");
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_fails_is_told_and_left_to_the_lease() {
        let health = Health::default();
        health.store_answered(false);
        assert!(health.reasons().is_empty(), "once is nothing");
        pass(&health, true, 600).await;
        health.store_answered(false);
        let (well, told) = answer(&health);
        assert!(well);
        assert_eq!(told["reasons"], json!([{"code": "STORE_FAILING", "seconds": 600}]));
        health.store_answered(true);
        assert!(health.reasons().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn queues_that_fail_for_long_are_reason_to_be_replaced() {
        let health = Health::default();
        health.set_shards(2);
        health.queue_answered(false);
        pass(&health, true, 299).await;
        health.queue_answered(false);
        let (well, told) = answer(&health);
        assert_eq!((well, &told["reasons"][0]["code"]), (true, &json!("QUEUE_FAILING")));
        pass(&health, true, 1).await;
        assert!(!is_well(&health));
        health.set_shards(0);
        assert!(is_well(&health), "nothing is received without shards");
        health.set_shards(1);
        health.queue_answered(true);
        assert!(health.reasons().is_empty());
    }
}
