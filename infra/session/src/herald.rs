//! Has webhooks told what becomes of a connection, in order, without keeping anybody waiting.

use crate::backoff::Backoff;
use crate::fence::Fence;
use crate::shared::Shared;
use carteiro_core::ids::{EventId, UserId};
use carteiro_core::session::news::News;
use carteiro_core::webhook::{Event, Origin};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How many events may wait while they cannot be published; the oldest go first then.
const MOST: usize = 1_000;

/// Publishes the events of one origin, and none past the fence. What waits when the process dies is lost: a state is told, not kept.
pub(crate) struct Herald {
    shared: Arc<Shared>,
    fence: Arc<Fence>,
    of: Option<(UserId, Origin)>,
    waiting: VecDeque<(UserId, Event)>,
    running: JoinSet<()>,
}

impl Herald {
    pub(crate) fn new(shared: Arc<Shared>, fence: Arc<Fence>) -> Self {
        Self { shared, fence, of: None, waiting: VecDeque::new(), running: JoinSet::new() }
    }

    /// Whose events they are from now on, and where they come from.
    pub(crate) fn speaks_for(&mut self, user: UserId, origin: Origin) {
        self.of = Some((user, origin));
    }

    /// Tells these, each once for each `occasion`.
    pub(crate) fn tell(&mut self, news: Vec<News>, occasion: &str) {
        let Some((user, origin)) = &self.of else { return };
        let at = self.shared.clock.now();
        for (kind, json) in news {
            let id = EventId::of(*user, &[origin.shown(), kind.as_str(), &json.to_string(), occasion]);
            let event = Event { id, kind, origin: origin.clone(), json, at };
            if self.waiting.len() == MOST {
                tracing::warn!("an event is dropped: too many wait to be published");
                self.waiting.pop_front();
            }
            self.waiting.push_back((*user, event));
        }
        self.start();
    }

    /// Tells these as something that happens now.
    pub(crate) fn tell_now(&mut self, news: Vec<News>) {
        let occasion = self.shared.clock.now().as_microsecond().to_string();
        self.tell(news, &occasion);
    }

    fn start(&mut self) {
        if self.running.is_empty()
            && let Some((user, event)) = self.waiting.pop_front()
        {
            let (shared, fence) = (self.shared.clone(), self.fence.clone());
            self.running.spawn(async move { fence.hold(publish(shared, user, event)).await });
        }
    }

    /// Waits for an event to be published. For ever when there is none.
    pub(crate) async fn done(&mut self) {
        match self.running.join_next().await {
            Some(_) => self.start(),
            None => std::future::pending().await,
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.waiting.is_empty()
    }

    /// Waits until everything was told, at most that long.
    pub(crate) async fn finish(&mut self, most: Duration) {
        let told = async {
            while !self.is_idle() {
                self.done().await;
            }
        };
        if timeout(most, told).await.is_err() {
            tracing::warn!(left = self.waiting.len() + self.running.len(), "events could not be published");
        }
    }
}

async fn publish(shared: Arc<Shared>, user: UserId, event: Event) {
    let mut backoff = Backoff::of_store();
    while let Err(error) = shared.events.publish(user, &event).await {
        tracing::warn!(event = %event.id, kind = event.kind.as_str(), %error, "an event could not be published");
        sleep(backoff.wait()).await;
    }
}
