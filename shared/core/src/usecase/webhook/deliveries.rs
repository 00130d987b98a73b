//! Deliveries of the last week, as their tenants read and redrive them.

use crate::error::{Code, Problem};
use crate::ids::{EventId, UserId};
use crate::ports::{Clock, Deliveries, DeliveryPage, EventQueue, Receivers};
use crate::webhook::{Delivery, DeliveryKey, Receiver, Status, StreamKey, StreamSignal};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How many deliveries a page has when the client does not say.
pub const DEFAULT_DELIVERY_PAGE: usize = 50;
/// The most that it can have.
pub const MAX_DELIVERY_PAGE: usize = 100;
/// The most deliveries that one request redrives.
pub const MAX_REDRIVE: usize = 500;

/// Reads and redrives deliveries.
#[derive(Clone)]
pub struct DeliveryLog {
    /// Whose receivers they are for.
    pub receivers: Arc<dyn Receivers>,
    /// Where they are.
    pub deliveries: Arc<dyn Deliveries>,
    /// Signals those that deliver.
    pub queue: Arc<dyn EventQueue>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// What came of redriving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redriven {
    /// How many are tried anew.
    pub count: usize,
    /// Whether there may be more, past [`MAX_REDRIVE`].
    pub more: bool,
}

impl DeliveryLog {
    /// A page of a tenant's deliveries, those published last first; of every status, when none is given.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn page(
        &self,
        user: UserId,
        status: Option<Status>,
        after: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<DeliveryPage, Problem> {
        let statuses = status.map_or_else(|| Status::ALL.to_vec(), |status| vec![status]);
        let (mut all, mut more) = (Vec::new(), false);
        for status in statuses {
            let page = self.deliveries.page(user, status, after, limit).await?;
            more |= page.next.is_some();
            all.extend(page.deliveries);
        }
        all.sort_by_key(|delivery| std::cmp::Reverse((delivery.key(), delivery.stream.clone())));
        more |= all.len() > limit;
        // Deliveries of one event to several receivers have places of their own, so a page may end between them.
        all.truncate(limit);
        let next = all.last().map(Delivery::key).filter(|_| more);
        Ok(DeliveryPage { deliveries: all, next })
    }

    /// Has everything tried anew that was given up, oldest first within each stream.
    ///
    /// # Errors
    /// [`Code::WebhookStopped`] when all of it is for receivers that were stopped; [`Code::Unavailable`].
    pub async fn redrive_all(&self, user: UserId) -> Result<Redriven, Problem> {
        let receivers = self.receivers.of_user(user).await?;
        let (mut count, mut stopped, mut after) = (0, 0, None);
        let mut streams = BTreeSet::new();
        loop {
            let page = self.deliveries.page(user, Status::Dead, after.as_ref(), MAX_DELIVERY_PAGE).await?;
            for delivery in &page.deliveries {
                if !is_active(&receivers, &delivery.stream) {
                    stopped += 1;
                } else if self.redrive(delivery).await? {
                    count += 1;
                    streams.insert(delivery.stream.clone());
                }
            }
            after = page.next;
            if after.is_none() || count >= MAX_REDRIVE {
                break;
            }
        }
        if count == 0 && stopped > 0 {
            return Err(Code::WebhookStopped.into());
        }
        for stream in streams {
            self.wake(&stream).await?;
        }
        Ok(Redriven { count, more: after.is_some() })
    }

    /// Has the deliveries of one event tried anew that were given up.
    ///
    /// # Errors
    /// [`Code::DeliveryNotFound`] when none is there that was given up; [`Code::WebhookStopped`] when its receivers were
    /// stopped; [`Code::Unavailable`].
    pub async fn redrive_one(&self, user: UserId, event: EventId) -> Result<usize, Problem> {
        let receivers = self.receivers.of_user(user).await?;
        let mut dead = self.deliveries.of_event(user, event).await?;
        dead.retain(|delivery| delivery.status == Status::Dead);
        if dead.is_empty() {
            return Err(Code::DeliveryNotFound.into());
        }
        dead.retain(|delivery| is_active(&receivers, &delivery.stream));
        if dead.is_empty() {
            return Err(Code::WebhookStopped.into());
        }
        let mut count = 0;
        for delivery in dead {
            count += usize::from(self.redrive(&delivery).await?);
            self.wake(&delivery.stream).await?;
        }
        Ok(count)
    }

    /// Has what waits for a receiver tried at once: after it was set anew.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn wake_all(&self, receiver: &Receiver) -> Result<(), Problem> {
        for stream in self.deliveries.streams(receiver.user).await? {
            if stream.receiver == receiver.id {
                self.wake(&stream).await?;
            }
        }
        Ok(())
    }

    async fn redrive(&self, delivery: &Delivery) -> Result<bool, Problem> {
        Ok(self.deliveries.redrive(&delivery.stream, delivery.event.id, self.clock.now()).await?)
    }

    async fn wake(&self, stream: &StreamKey) -> Result<(), Problem> {
        self.deliveries.wake(stream).await?;
        self.queue.push(&StreamSignal::new(stream.clone()), Duration::ZERO).await?;
        Ok(())
    }
}

fn is_active(receivers: &[Receiver], stream: &StreamKey) -> bool {
    receivers.iter().any(|receiver| receiver.id == stream.receiver && receiver.is_active())
}
