//! Time and chance that a test decides.

use crate::ports::{Clock, Random, Sleeper};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that stands at that second since 1970.
    pub fn at_second(second: i64) -> Self {
        Self(Mutex::new(Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)))
    }

    /// Moves it.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Default for ManualClock {
    /// 14 November 2023, 22:13:20 UTC.
    fn default() -> Self {
        Self::at_second(1_700_000_000)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that are the same in every run (SplitMix64).
#[derive(Debug)]
pub struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    /// The bytes of that seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Default for SeededRandom {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

type Event = Box<dyn FnOnce() + Send>;

/// Sleeps by moving a clock, at once. What a test wants to happen meanwhile happens during the sleep that it was planned for.
pub struct SleepLog {
    clock: Arc<ManualClock>,
    planned: Mutex<Vec<(usize, Event)>>,
    slept: Mutex<Vec<Duration>>,
}

impl SleepLog {
    /// Moves that clock.
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self { clock, planned: Mutex::default(), slept: Mutex::default() }
    }

    /// Plans something for the sleep of that index, counted from 0.
    pub fn during(&self, index: usize, event: impl FnOnce() + Send + 'static) {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).push((index, Box::new(event)));
    }

    /// Every sleep so far.
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Sleeper for SleepLog {
    async fn sleep(&self, duration: Duration) {
        let index = {
            let mut slept = self.slept.lock().unwrap_or_else(PoisonError::into_inner);
            slept.push(duration);
            slept.len() - 1
        };
        self.clock.advance(SignedDuration::try_from(duration).unwrap_or_default());
        let due: Vec<Event> = {
            let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
            let (due, later): (Vec<_>, Vec<_>) = planned.drain(..).partition(|(when, _)| *when == index);
            *planned = later;
            due.into_iter().map(|(_, event)| event).collect()
        };
        for event in due {
            event();
        }
    }
}
