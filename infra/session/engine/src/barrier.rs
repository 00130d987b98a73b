//! What WhatsApp must not hear of before it is stored.
//!
//! The library answers receipts and notifications by itself, as soon as it has called the event handler; and what WhatsApp
//! has an answer to, it forgets. So the handler takes a [`Ticket`] for each before it returns, and no frame goes out before the
//! tickets that were taken until then have been given back, whatever the frame is: frames are encrypted in their order, so an
//! answer cannot be told from another frame, nor be kept back alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// The tickets of one session. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Barrier(Arc<Inner>);

#[derive(Default)]
struct Inner {
    tickets: Mutex<Tickets>,
    /// Rings when the oldest ticket was given back, or one was refused.
    moved: Notify,
}

#[derive(Default)]
struct Tickets {
    next: u64,
    /// How many were refused, forgotten ones included.
    refused: u64,
    /// Those that were not given back, and whether they never will be.
    open: BTreeMap<u64, bool>,
}

/// A moment: the tickets that were taken before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(u64);

/// Something that WhatsApp told and that is not stored. Dropping it refuses it: nothing that comes after it goes out over the
/// connection there is, so that WhatsApp tells it again over the next one.
pub(crate) struct Ticket {
    inner: Arc<Inner>,
    number: u64,
    stored: bool,
}

/// Why nothing passes any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shut {
    /// A ticket was refused.
    Refused,
    /// The oldest ticket has stayed the oldest for too long.
    Stuck,
}

/// How things stand for what comes after a mark.
enum Passage {
    Free,
    /// Until the ticket with this number is given back, at least.
    Behind(u64),
    Never,
}

impl Inner {
    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Barrier {
    /// Takes a ticket.
    pub(crate) fn take(&self) -> Ticket {
        let mut tickets = self.0.tickets();
        let number = tickets.next;
        tickets.next += 1;
        tickets.open.insert(number, false);
        Ticket { inner: self.0.clone(), number, stored: false }
    }

    /// Something was told that WhatsApp must tell again, before all that comes after it.
    pub(crate) fn refuse(&self) {
        drop(self.take());
    }

    /// Whether something was refused that has not come again: what comes over the connection there is would overtake it.
    pub(crate) fn is_refused(&self) -> bool {
        self.0.tickets().open.values().any(|refused| *refused)
    }

    /// Ends when something is refused after this call, also if that is forgotten at once.
    pub(crate) fn refusal(&self) -> impl Future<Output = ()> + Send + use<> {
        let (inner, before) = (self.0.clone(), self.0.tickets().refused);
        async move {
            loop {
                let mut moved = std::pin::pin!(inner.moved.notified());
                moved.as_mut().enable();
                if inner.tickets().refused != before {
                    return;
                }
                moved.await;
            }
        }
    }

    /// This moment.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.0.tickets().next)
    }

    /// Whether all that was taken before `mark` is given back.
    pub(crate) fn is_free(&self, mark: Mark) -> bool {
        matches!(self.passage(mark), Passage::Free)
    }

    fn passage(&self, mark: Mark) -> Passage {
        match self.0.tickets().open.first_key_value() {
            Some((number, _)) if *number >= mark.0 => Passage::Free,
            Some((_, true)) => Passage::Never,
            Some((number, false)) => Passage::Behind(*number),
            None => Passage::Free,
        }
    }

    /// Waits until all that was taken before `mark` is given back; gives up when the oldest ticket stays the same for as long as `most`.
    pub(crate) async fn pass(&self, mark: Mark, most: Duration) -> Result<(), Shut> {
        let (mut oldest, mut since) = (None, Instant::now());
        loop {
            let mut moved = std::pin::pin!(self.0.moved.notified());
            moved.as_mut().enable();
            let number = match self.passage(mark) {
                Passage::Free => return Ok(()),
                Passage::Never => return Err(Shut::Refused),
                Passage::Behind(number) => number,
            };
            if oldest.replace(number) != Some(number) {
                since = Instant::now();
            }
            if timeout_at(since + most, moved).await.is_err() {
                return Err(Shut::Stuck);
            }
        }
    }

    /// Takes what was refused off the way of the next connection, over which it comes again.
    pub(crate) fn forget_refused(&self) {
        self.0.tickets().open.retain(|_, refused| !*refused);
        self.0.moved.notify_waiters();
    }
}

impl Ticket {
    /// What it stands for is stored, or left out on purpose: WhatsApp may forget it.
    pub(crate) fn give_back(mut self) {
        self.stored = true;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut tickets = self.inner.tickets();
        let oldest = tickets.open.first_key_value().is_some_and(|(number, _)| *number == self.number);
        if self.stored {
            tickets.open.remove(&self.number);
        } else {
            tickets.open.insert(self.number, true);
            tickets.refused += 1;
        }
        drop(tickets);
        if oldest || !self.stored {
            self.inner.moved.notify_waiters();
        }
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ticket({})", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn what_comes_after_a_ticket_waits_for_it_and_for_no_later_one() {
        let barrier = Barrier::default();
        assert_eq!(barrier.pass(barrier.mark(), MOST).await, Ok(()));
        let first = barrier.take();
        let mark = barrier.mark();
        let later = barrier.take();
        assert!(!barrier.is_free(mark));
        let passing = tokio::spawn({
            let barrier = barrier.clone();
            async move { barrier.pass(mark, MOST).await }
        });
        tokio::task::yield_now().await;
        assert!(!passing.is_finished());
        first.give_back();
        assert_eq!(passing.await.unwrap(), Ok(()));
        assert!(barrier.is_free(mark) && !barrier.is_free(barrier.mark()));
        later.give_back();
        assert!(barrier.is_free(barrier.mark()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_ticket_lets_pass_what_came_before_it_only() {
        let barrier = Barrier::default();
        let first = barrier.take();
        let before = barrier.mark();
        let second = barrier.take();
        let after = barrier.mark();
        drop(second);
        first.give_back();
        assert_eq!(barrier.pass(before, MOST).await, Ok(()));
        assert_eq!(barrier.pass(after, MOST).await, Err(Shut::Refused));
        assert!(barrier.is_refused());
        barrier.forget_refused();
        assert!(!barrier.is_refused());
        assert_eq!(barrier.pass(after, MOST).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_heard_of_even_if_it_is_forgotten_at_once_but_not_one_of_before() {
        let barrier = Barrier::default();
        barrier.refuse();
        let refusal = tokio::spawn(barrier.refusal());
        barrier.take().give_back();
        tokio::time::sleep(MOST).await;
        assert!(!refusal.is_finished());
        let unpolled = barrier.refusal();
        barrier.refuse();
        barrier.forget_refused();
        unpolled.await;
        assert!(refusal.await.is_ok());
    }

    /// A long backlog is no standstill, however long a frame waits behind it.
    #[tokio::test(start_paused = true)]
    async fn only_a_standstill_is_given_up() {
        let barrier = Barrier::default();
        let tickets: Vec<_> = (0..6).map(|_| barrier.take()).collect();
        let mark = barrier.mark();
        let passing = tokio::spawn({
            let barrier = barrier.clone();
            async move { barrier.pass(mark, MOST).await }
        });
        for ticket in tickets {
            tokio::time::sleep(MOST / 3).await;
            ticket.give_back();
        }
        assert_eq!(passing.await.unwrap(), Ok(()));
        let held = barrier.take();
        assert_eq!(barrier.pass(barrier.mark(), MOST / 10).await, Err(Shut::Stuck));
        drop(held);
    }
}
