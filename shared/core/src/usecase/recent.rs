//! A short memory for answers that seldom change.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Remembers values for a while, so that what seldom changes is not read again for each of a run of requests. It keeps at
/// most [`Recent::CAPACITY`] values.
pub struct Recent<K, V> {
    life: SignedDuration,
    values: Mutex<HashMap<K, (Timestamp, V)>>,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// The most values that are kept.
    pub const CAPACITY: usize = 1_000;

    /// A memory that forgets a value after `life`.
    pub fn new(life: SignedDuration) -> Self {
        Self { life, values: Mutex::default() }
    }

    /// The value, if it was remembered less than its life ago.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = values.get(key)?;
        self.is_fresh(*since, now).then(|| value.clone())
    }

    /// Remembers a value.
    pub fn remember(&self, key: K, value: V, now: Timestamp) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= Self::CAPACITY {
            values.retain(|_, (since, _)| self.is_fresh(*since, now));
        }
        if values.len() >= Self::CAPACITY {
            values.clear();
        }
        values.insert(key, (now, value));
    }

    /// Changes a value that was remembered, which makes it no fresher. Answers what it was before.
    pub fn change(&self, key: &K, now: Timestamp, change: impl FnOnce(&mut V)) -> Option<V> {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = values.get_mut(key)?;
        if !self.is_fresh(*since, now) {
            return None;
        }
        let before = value.clone();
        change(value);
        Some(before)
    }

    /// Forgets every value that `matches`.
    pub fn forget_where(&self, matches: impl Fn(&V) -> bool) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.retain(|_, (_, value)| !matches(value));
    }

    /// A clock that was set back makes a value stale rather than eternal.
    fn is_fresh(&self, since: Timestamp, now: Timestamp) -> bool {
        let age = now.duration_since(since);
        !age.is_negative() && age < self.life
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn forgets_after_its_life() {
        let recent = Recent::new(SignedDuration::from_secs(5));
        recent.remember("a", 1, at(0));
        assert_eq!(recent.get(&"a", at(4)), Some(1));
        assert_eq!(recent.get(&"a", at(5)), None);
        assert_eq!(recent.get(&"a", at(-1)), None, "the clock was set back");
    }

    #[test]
    fn stays_within_its_capacity() {
        let recent = Recent::new(SignedDuration::from_secs(5));
        for n in 0..3 * Recent::<usize, ()>::CAPACITY {
            recent.remember(n, (), at(0));
        }
        assert!(recent.values.lock().unwrap().len() <= Recent::<usize, ()>::CAPACITY);
    }
}
