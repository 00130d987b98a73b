//! A small cache whose entries live for seconds.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A map that forgets each entry after a while, and everything that is too old or, failing that, one entry when it is full.
pub(crate) struct ShortCache<K, V> {
    entries: Mutex<HashMap<K, (Timestamp, V)>>,
    capacity: usize,
    lifetime: SignedDuration,
}

impl<K: Hash + Eq + Clone, V: Clone> ShortCache<K, V> {
    pub(crate) fn new(capacity: usize, lifetime: Duration) -> Self {
        let lifetime = SignedDuration::try_from(lifetime).unwrap_or(SignedDuration::ZERO);
        Self { entries: Mutex::default(), capacity, lifetime }
    }

    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let entries = self.entries();
        let (stored, value) = entries.get(key)?;
        self.is_fresh(*stored, now).then(|| value.clone())
    }

    pub(crate) fn put(&self, key: K, value: V, now: Timestamp) {
        let mut entries = self.entries();
        if entries.len() >= self.capacity && !entries.contains_key(&key) {
            entries.retain(|_, (stored, _)| self.is_fresh(*stored, now));
            if entries.len() >= self.capacity
                && let Some(victim) = entries.keys().next().cloned()
            {
                entries.remove(&victim);
            }
        }
        entries.insert(key, (now, value));
    }

    pub(crate) fn remove_where(&self, matches: impl Fn(&V) -> bool) {
        self.entries().retain(|_, (_, value)| !matches(value));
    }

    fn is_fresh(&self, stored: Timestamp, now: Timestamp) -> bool {
        let age = now.duration_since(stored);
        age >= SignedDuration::ZERO && age < self.lifetime
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, (Timestamp, V)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_in_time_and_stays_small() {
        let cache = ShortCache::new(2, Duration::from_secs(15));
        let at = |second| Timestamp::from_second(second).unwrap();
        cache.put("a", 1, at(0));
        assert_eq!(cache.get(&"a", at(14)), Some(1));
        assert_eq!(cache.get(&"a", at(15)), None);
        cache.put("b", 2, at(10));
        cache.put("c", 3, at(20));
        assert_eq!(
            (cache.get(&"b", at(20)), cache.get(&"c", at(20))),
            (Some(2), Some(3)),
            "the stale one went"
        );
        cache.put("d", 4, at(20));
        assert_eq!(cache.entries().len(), 2);
        cache.remove_where(|value| *value == 4);
        assert_eq!(cache.get(&"d", at(20)), None);
    }
}
