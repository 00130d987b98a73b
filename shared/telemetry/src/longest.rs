//! The longest of many times.

use crate::{Metric, Metrics, Unit};
use std::sync::{Mutex, PoisonError};

/// A metric in seconds that tells the longest of the times taken in since it was last told.
#[derive(Debug)]
pub struct Longest {
    metrics: Metrics,
    name: &'static str,
    seconds: Mutex<Option<f64>>,
}

impl Longest {
    /// The metric of that name.
    pub fn new(metrics: Metrics, name: &'static str) -> Self {
        Self { metrics, name, seconds: Mutex::default() }
    }

    /// Takes in a time. What lies before its beginning, as clocks differ, is none.
    pub fn take_in(&self, seconds: f64) {
        let mut longest = self.seconds.lock().unwrap_or_else(PoisonError::into_inner);
        *longest = Some(longest.unwrap_or_default().max(seconds));
    }

    /// Tells the longest; nothing, where nothing was taken in.
    pub fn tell(&self) {
        let longest = self.seconds.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(value) = longest {
            self.metrics.put(&[], &[Metric { name: self.name, value, unit: Unit::Seconds }]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Lines;

    #[test]
    fn the_longest_is_told_once_and_nothing_is_told_of_nothing() {
        let lines = Lines::default();
        let writer = lines.clone();
        let longest = Longest::new(Metrics::writing("webhooks", move || writer.clone()), "Lag");
        longest.tell();
        [1.5, 9.0, -3.0].into_iter().for_each(|seconds| longest.take_in(seconds));
        longest.tell();
        longest.tell();
        longest.take_in(-3.0);
        longest.tell();
        let told: Vec<f64> = lines.metric("Lag").iter().filter_map(|line| line["Lag"].as_f64()).collect();
        assert_eq!(told, [9.0, 0.0]);
    }
}
