//! When what goes through a proxy was written, which may be long before it arrives.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The connections of a proxy, by the port that each leaves it at. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Departures(Arc<Mutex<Vec<Departure>>>);

/// One connection; moments are in milliseconds since the epoch.
#[derive(Debug)]
struct Departure {
    port: u16,
    opened: u64,
    last: u64,
}

/// Notes what one client writes.
pub(crate) struct Notes {
    departures: Departures,
    index: usize,
}

impl Departures {
    /// A connection that leaves at `port`.
    pub(crate) fn open(&self, port: u16) -> Notes {
        let now = now();
        let mut all = self.all();
        all.push(Departure { port, opened: now, last: now });
        Notes { departures: self.clone(), index: all.len() - 1 }
    }

    /// When the client of the connection that left at `port` when it was `at` last wrote, by now. Ports are used again.
    pub(crate) fn last(&self, port: u16, at: u64) -> Option<u64> {
        let all = self.all();
        all.iter().rfind(|one| one.port == port && one.opened <= at).map(|one| one.last)
    }

    fn all(&self) -> MutexGuard<'_, Vec<Departure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    /// The client has written now.
    pub(crate) fn note(&self) {
        if let Some(one) = self.departures.all().get_mut(self.index) {
            one.last = now();
        }
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_of_a_port_has_its_own_time() {
        let departures = Departures::default();
        let older = departures.open(7);
        older.note();
        let (written, now) = (departures.last(7, u64::MAX), now());
        assert!(written.unwrap() <= now);
        departures.all()[0].opened -= 10;
        departures.open(7).note();
        departures.all()[1].opened = now + 10;
        departures.all()[1].last = now + 20;
        assert_eq!(departures.last(7, now), written);
        assert_eq!(departures.last(7, now + 15), Some(now + 20));
        assert_eq!((departures.last(8, now), departures.last(7, 0)), (None, None));
    }
}
