//! Sends behind a network: each call takes a while on its way there and back, and may be cut off in between.

use async_trait::async_trait;
use carteiro_core::ids::SendId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Applied, Created, Line, Parked, Sends, Unavailable};
use carteiro_core::send::{Send, Step, Waiting};
use carteiro_core::testing::{MemorySends, Switch};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::sleep;

pub struct SlowSends {
    /// Whether the network carries anything, either way.
    pub switch: Switch,
    inner: Arc<MemorySends>,
    chance: AtomicU64,
}

impl SlowSends {
    pub fn new(inner: Arc<MemorySends>, seed: u64) -> Self {
        Self { switch: Switch::default(), inner, chance: AtomicU64::new(seed) }
    }

    async fn way(&self) {
        let mut z = self.chance.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        sleep(Duration::from_micros(200 + (z >> 32) % 8_000)).await;
    }
}

macro_rules! there_and_back {
    ($self:ident, $call:expr) => {{
        $self.way().await;
        $self.switch.check("network")?;
        let answer = $call.await;
        $self.way().await;
        $self.switch.check("network")?;
        answer
    }};
}

#[async_trait]
impl Sends for SlowSends {
    async fn create(&self, send: &Send, due_at: Timestamp) -> Result<Created, Unavailable> {
        there_and_back!(self, self.inner.create(send, due_at))
    }

    async fn find(&self, id: SendId) -> Result<Option<Send>, Unavailable> {
        there_and_back!(self, self.inner.find(id))
    }

    async fn apply(&self, id: SendId, step: &Step, at: Timestamp) -> Result<Applied, Unavailable> {
        there_and_back!(self, self.inner.apply(id, step, at))
    }

    async fn keep(&self, id: SendId, until: Timestamp) -> Result<(), Unavailable> {
        there_and_back!(self, self.inner.keep(id, until))
    }

    async fn reschedule(&self, id: SendId, due_at: Timestamp, requeued: bool) -> Result<(), Unavailable> {
        there_and_back!(self, self.inner.reschedule(id, due_at, requeued))
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Send>, Unavailable> {
        there_and_back!(self, self.inner.due(now, limit))
    }

    async fn park(&self, send: &Send, why: Waiting) -> Result<(), Unavailable> {
        there_and_back!(self, self.inner.park(send, why))
    }

    async fn parked(
        &self,
        number: &Phone,
        after: Option<&Parked>,
        limit: usize,
    ) -> Result<Vec<Parked>, Unavailable> {
        there_and_back!(self, self.inner.parked(number, after, limit))
    }

    async fn unpark(&self, number: &Phone, parked: &Parked) -> Result<(), Unavailable> {
        there_and_back!(self, self.inner.unpark(number, parked))
    }

    async fn waiting(&self, number: &Phone, line: Line, limit: usize) -> Result<usize, Unavailable> {
        there_and_back!(self, self.inner.waiting(number, line, limit))
    }

    async fn scheduled(
        &self,
        number: &Phone,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Send>, Unavailable> {
        there_and_back!(self, self.inner.scheduled(number, until, limit))
    }

    async fn release(&self, send: &Send, due_at: Timestamp) -> Result<(), Unavailable> {
        there_and_back!(self, self.inner.release(send, due_at))
    }
}
