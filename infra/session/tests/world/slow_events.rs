//! Events behind a network: each is on its way for as long as the test says.

use async_trait::async_trait;
use carteiro_core::ids::UserId;
use carteiro_core::ports::{Events, Unavailable};
use carteiro_core::testing::MemoryEvents;
use carteiro_core::webhook::Event;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::sleep;

pub struct SlowEvents {
    inner: Arc<MemoryEvents>,
    way_ms: AtomicU64,
    on_their_way: AtomicU64,
}

impl SlowEvents {
    pub fn new(inner: Arc<MemoryEvents>) -> Self {
        Self { inner, way_ms: AtomicU64::new(0), on_their_way: AtomicU64::new(0) }
    }

    /// How long those that are published from now on are on their way.
    pub fn take(&self, way: Duration) {
        self.way_ms.store(way.as_millis().try_into().unwrap(), Ordering::Relaxed);
    }

    /// How many set out on a way that takes time.
    pub fn on_their_way(&self) -> u64 {
        self.on_their_way.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Events for SlowEvents {
    async fn publish(&self, user: UserId, event: &Event) -> Result<(), Unavailable> {
        let way = self.way_ms.load(Ordering::Relaxed);
        if way > 0 {
            self.on_their_way.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(way)).await;
        }
        self.inner.publish(user, event).await
    }
}
