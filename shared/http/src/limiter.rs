//! Counts requests and refuses those over a rate.

use crate::limits::{InvalidLimits, Limits, PUBLIC};
use crate::routes::Function;
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Clock, Rates};
use carteiro_core::rate::{Decision, Rate, RateKey};
use carteiro_core::source::Source;
use carteiro_core::user::User;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many blocked callers an instance remembers at most. One that is forgotten is refused by the store.
const REMEMBERED: usize = 10_000;

/// Counts each request against the rate of its caller: one conditional write, which is one write unit. A caller that is over its
/// rate is refused from memory, at no cost, until its time has come.
///
/// When the store does not answer, requests are let through: a limiter that is down must not be an outage of the API. The
/// answer then shows the whole burst as left, since nothing is counted.
pub struct Limiter {
    rates: Arc<dyn Rates>,
    clock: Arc<dyn Clock>,
    plans: Arc<Plans>,
    limits: Limits,
    blocked: Mutex<HashMap<RateKey, Blocked>>,
}

/// Until when a caller is refused.
#[derive(Clone, Copy)]
struct Blocked {
    rate: Rate,
    until: Timestamp,
    reset_at: Timestamp,
}

/// How a caller stands: what the `RateLimit-*` headers of an answer show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How many requests may come at once after a rest.
    pub(crate) limit: u32,
    /// How many may come right now.
    pub(crate) remaining: u32,
    /// After what time `limit` may come again.
    pub(crate) reset: SignedDuration,
    /// After what time the next may come, if this one is refused.
    pub(crate) refused_for: Option<SignedDuration>,
}

impl Limiter {
    /// Counts in `rates`, by what `plans` and `limits` say.
    ///
    /// # Errors
    /// [`InvalidLimits`] when a plan has a rate that would have no effect.
    pub fn new(
        rates: Arc<dyn Rates>,
        clock: Arc<dyn Clock>,
        plans: Arc<Plans>,
        limits: Limits,
    ) -> Result<Self, InvalidLimits> {
        limits.check(&plans)?;
        Ok(Self { rates, clock, plans, limits, blocked: Mutex::default() })
    }

    /// Counts a request of a tenant to a route of `function`.
    pub(crate) async fn tenant(&self, function: Function, user: &User) -> Standing {
        let rate = self.limits.of_tenant(function, self.plans.find(&user.plan));
        self.count(RateKey::new(function.group(), user.id), rate).await
    }

    /// Counts a request that no tenant is known of.
    pub(crate) async fn source(&self, source: Source) -> Standing {
        self.count(RateKey::new(PUBLIC, source), self.limits.of_source()).await
    }

    async fn count(&self, key: RateKey, rate: Rate) -> Standing {
        let now = self.clock.now();
        if let Some(blocked) = self.blocked(&key, rate, now) {
            return Standing {
                limit: rate.burst(),
                remaining: 0,
                reset: blocked.reset_at.duration_since(now),
                refused_for: Some(blocked.until.duration_since(now)),
            };
        }
        match self.rates.admit(&key, rate, now).await {
            Ok(decision) => {
                self.remember(key, rate, &decision, now);
                Standing {
                    limit: rate.burst(),
                    remaining: decision.remaining,
                    reset: decision.reset,
                    refused_for: (!decision.admitted).then_some(decision.retry_after),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a request was not counted and is let through");
                let limit = rate.burst();
                Standing { limit, remaining: limit, reset: SignedDuration::ZERO, refused_for: None }
            }
        }
    }

    /// A caller that has another rate now, since its plan changed, is not held to the old one.
    fn blocked(&self, key: &RateKey, rate: Rate, now: Timestamp) -> Option<Blocked> {
        let blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        blocked.get(key).copied().filter(|known| known.rate == rate && now < known.until)
    }

    /// The last request that is let through says too when the next one is.
    fn remember(&self, key: RateKey, rate: Rate, decision: &Decision, now: Timestamp) {
        let mut blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        if decision.retry_after.is_zero() {
            blocked.remove(&key);
            return;
        }
        if blocked.len() >= REMEMBERED {
            blocked.retain(|_, known| now < known.until);
        }
        if blocked.len() >= REMEMBERED {
            blocked.clear();
        }
        let (until, reset_at) = (now + decision.retry_after, now + decision.reset);
        blocked.insert(key, Blocked { rate, until, reset_at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::testing::{ManualClock, MemoryRates, tenant};

    fn limiter(burst: u32) -> (Arc<MemoryRates>, Arc<ManualClock>, Limiter) {
        let (rates, clock) = (Arc::<MemoryRates>::default(), Arc::<ManualClock>::default());
        let plans = r#"{"basico":{"media_types":[],"workers":1,"default":true}}"#;
        let limits = crate::testing::limits(Rate::every(SignedDuration::from_secs(1), burst));
        let limiter =
            Limiter::new(rates.clone(), clock.clone(), Arc::new(Plans::from_json(plans).unwrap()), limits);
        (rates, clock, limiter.unwrap())
    }

    #[tokio::test]
    async fn a_blocked_caller_is_refused_from_memory_until_its_time_has_come() {
        let (rates, clock, limiter) = limiter(2);
        let user = tenant(1, None);
        for remaining in [1, 0] {
            let standing = limiter.tenant(Function::Sends, &user).await;
            assert_eq!((standing.remaining, standing.refused_for), (remaining, None));
        }
        assert_eq!(rates.switch.asked().len(), 2);
        for _ in 0..9 {
            clock.advance(SignedDuration::from_millis(100));
            let standing = limiter.tenant(Function::Sends, &user).await;
            assert!(standing.refused_for.is_some_and(|time| time.is_positive()), "{standing:?}");
        }
        assert!(rates.switch.asked().is_empty(), "the store was not asked");
        let other = limiter.tenant(Function::Reports, &user).await;
        assert_eq!(other.refused_for, None, "another group is counted by itself");
        clock.advance(SignedDuration::from_millis(100));
        assert_eq!(limiter.tenant(Function::Sends, &user).await.refused_for, None);
    }

    #[tokio::test]
    async fn what_another_instance_let_through_counts() {
        let (rates, clock, one) = limiter(2);
        let limits = crate::testing::limits(Rate::every(SignedDuration::from_secs(1), 2));
        let two = Limiter::new(rates.clone(), clock, Arc::clone(&one.plans), limits).unwrap();
        let source = Source::parse("203.0.113.7");
        for limiter in [&one, &two] {
            assert_eq!(limiter.source(source).await.refused_for, None);
        }
        rates.switch.asked();
        for _ in 0..2 {
            assert!(one.source(source).await.refused_for.is_some());
        }
        assert_eq!(rates.switch.asked().len(), 1, "refused by the store, then from memory");
    }

    #[tokio::test]
    async fn an_outage_lets_requests_through() {
        let (rates, _, limiter) = limiter(1);
        rates.switch.fail();
        for _ in 0..3 {
            let standing = limiter.source(Source::Unknown).await;
            assert_eq!((standing.limit, standing.remaining, standing.refused_for), (1, 1, None));
        }
        rates.switch.recover();
        assert_eq!(limiter.source(Source::Unknown).await.remaining, 0);
    }

    #[tokio::test]
    async fn its_memory_is_bounded() {
        let (_, _, limiter) = limiter(1);
        for n in 0..2 * REMEMBERED {
            let source = Source::parse(&format!("10.{}.{}.{}", n >> 16, (n >> 8) & 255, n & 255));
            limiter.source(source).await;
        }
        assert!(limiter.blocked.lock().unwrap().len() <= REMEMBERED);
    }
}
