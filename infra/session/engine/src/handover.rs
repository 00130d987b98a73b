//! Says that what WhatsApp told is in the owner's hands.

use crate::barrier::Ticket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Says that what WhatsApp told is in the owner's hands: stored, or left out on purpose.
///
/// WhatsApp hears of nothing that follows before it is accepted, and what is dropped instead comes again, with the next connection.
/// So what is not accepted keeps the session from sending: for 20 seconds, after which the connection is closed and what was not
/// accepted comes again.
#[derive(Debug)]
#[must_use = "what is dropped comes again"]
pub struct Handover(Option<Arc<Shared>>);

/// What the parts of a handover have in common. It is accepted when the last of them was, and none was dropped.
#[derive(Debug)]
struct Shared {
    refused: AtomicBool,
    waits: Mutex<Waits>,
}

/// Who waits for it.
#[derive(Debug)]
enum Waits {
    /// The library, which acknowledges messages only then.
    Hook(Option<oneshot::Sender<()>>),
    /// The connection, over which nothing is sent until then.
    Line(Option<Ticket>),
    /// Several of them.
    All(Vec<Handover>),
}

impl Handover {
    fn of(waits: Waits) -> Self {
        Self(Some(Arc::new(Shared { refused: AtomicBool::new(false), waits: Mutex::new(waits) })))
    }

    /// A handover and what hears of its acceptance.
    pub(crate) fn new() -> (Self, oneshot::Receiver<()>) {
        let (accepted, hears) = oneshot::channel();
        (Self::of(Waits::Hook(Some(accepted))), hears)
    }

    /// Of something that a ticket was taken for.
    pub(crate) fn ticketed(ticket: Ticket) -> Self {
        Self::of(Waits::Line(Some(ticket)))
    }

    /// Of several things as one.
    pub(crate) fn all(handovers: Vec<Handover>) -> Self {
        Self::of(Waits::All(handovers))
    }

    /// For what WhatsApp will not send again whatever happens.
    pub fn pointless() -> Self {
        Self(None)
    }

    /// One whose acceptance a test hears of.
    #[cfg(any(test, feature = "test-support"))]
    pub fn awaited() -> (Self, oneshot::Receiver<()>) {
        Self::new()
    }

    /// Accepts it unless it is one of messages.
    pub(crate) fn accept_tickets(&mut self) {
        let hook = |shared: &Arc<Shared>| {
            matches!(&*shared.waits.lock().unwrap_or_else(PoisonError::into_inner), Waits::Hook(_))
        };
        drop(self.0.take_if(|shared| !hook(shared)));
    }

    /// Another part of it: what was told is stored in several places. Only when each part was accepted is the whole, and dropping
    /// one refuses it.
    pub fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// It is stored, or left out on purpose: WhatsApp may forget it.
    pub fn accept(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            shared.refused.store(true, Ordering::Release);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.refused.load(Ordering::Acquire) {
            return;
        }
        match self.waits.get_mut().unwrap_or_else(PoisonError::into_inner) {
            Waits::Hook(accepted) => {
                let _ = accepted.take().map(|accepted| accepted.send(()));
            }
            Waits::Line(ticket) => {
                let _ = ticket.take().map(Ticket::give_back);
            }
            Waits::All(handovers) => handovers.drain(..).for_each(Handover::accept),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::barrier::Barrier;

    #[tokio::test]
    async fn the_whole_is_accepted_with_its_last_part() {
        let (whole, mut accepted) = Handover::new();
        let part = whole.share();
        whole.accept();
        assert!(accepted.try_recv().is_err());
        part.accept();
        assert_eq!(accepted.await, Ok(()));
    }

    #[tokio::test]
    async fn a_part_that_is_dropped_refuses_the_whole() {
        let (whole, accepted) = Handover::new();
        drop(whole.share());
        whole.accept();
        assert!(accepted.await.is_err());
    }

    #[test]
    fn several_are_accepted_or_refused_as_one() {
        for accept in [true, false] {
            let barrier = Barrier::default();
            let handovers = (0..3).map(|_| Handover::ticketed(barrier.take())).collect();
            let all = Handover::all(handovers);
            assert!(!barrier.is_free(barrier.mark()));
            if accept {
                all.accept()
            } else {
                drop(all)
            }
            assert_eq!(barrier.is_free(barrier.mark()), accept);
        }
    }
}
