//! Rates in memory.

use super::Switch;
use crate::ports::{Rates, Unavailable};
use crate::rate::{Arrival, Decision, Rate, RateKey};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// [`Rates`] in memory.
#[derive(Debug, Default)]
pub struct MemoryRates {
    /// Whether it answers.
    pub switch: Switch,
    arrivals: Mutex<HashMap<RateKey, Arrival>>,
}

#[async_trait]
impl Rates for MemoryRates {
    async fn admit(&self, key: &RateKey, rate: Rate, now: Timestamp) -> Result<Decision, Unavailable> {
        self.switch.check("admit")?;
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let (decision, next) = rate.look(arrivals.get(key).copied(), now);
        if let Some(next) = next {
            arrivals.insert(key.clone(), next);
        }
        Ok(decision)
    }

    async fn give_back(&self, key: &RateKey, rate: Rate) -> Result<(), Unavailable> {
        self.switch.check("give_back")?;
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(arrival) = arrivals.get_mut(key) {
            arrival.0 -= rate.interval();
        }
        Ok(())
    }
}
