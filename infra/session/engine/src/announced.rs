//! Which of a session's connections there is, and whether the owner has been told of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// One of the connections that a session makes, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionId(u64);

impl ConnectionId {
    /// The `nth` connection of a session.
    pub const fn new(nth: u64) -> Self {
        Self(nth)
    }
}

/// Which connection there is, and whether the owner has been told of it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Announced(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    nth: watch::Sender<u64>,
    told: AtomicBool,
}

impl Announced {
    /// The owner is told of the connection there is; `None` if it was told of this one already.
    pub(crate) fn announce(&self) -> Option<ConnectionId> {
        let told = self.0.told.swap(true, Ordering::AcqRel);
        (!told).then(|| ConnectionId(*self.0.nth.borrow()))
    }

    /// The owner is told that there is none; `false` if it knows.
    pub(crate) fn take_back(&self) -> bool {
        self.0.told.swap(false, Ordering::AcqRel)
    }

    /// Another connection is going to be made; `false` if the owner knows that there is none.
    pub(crate) fn next(&self) -> bool {
        self.0.nth.send_modify(|nth| *nth += 1);
        self.take_back()
    }

    /// Ends when `connection` is not the one there is, or is to be.
    pub(crate) fn replaced(&self, connection: ConnectionId) -> impl Future<Output = ()> + Send + use<> {
        let mut nth = self.0.nth.subscribe();
        async move {
            // Without its sender there is no session either.
            let _ = nth.wait_for(|nth| *nth != connection.0).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_connection_is_told_of_once_and_is_replaced_by_the_next() {
        let announced = Announced::default();
        assert!(!announced.next(), "there was none before");
        let first = announced.announce().unwrap();
        assert_eq!(announced.announce(), None);
        let replaced = tokio::spawn(announced.replaced(first));
        assert!(announced.next(), "the owner thinks that there is one");
        replaced.await.unwrap();
        let second = announced.announce().unwrap();
        assert_ne!(first, second);
        announced.replaced(first).await;
        assert!(announced.take_back() && !announced.take_back());
        assert!(!announced.next());
        announced.replaced(second).await;
    }
}
