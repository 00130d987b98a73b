//! Whether the account is shown as online.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;
use whatsapp_rust::Client;

/// How long it may take to be shown as offline, which is a courtesy.
const COURTESY: Duration = Duration::from_secs(5);

/// How many of a session's questions look for someone's presence now. WhatsApp tells the presence of others only to whoever shows their
/// own: meanwhile the account is shown as online, and at no other time. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Onlookers(Arc<Mutex<usize>>);

impl Onlookers {
    /// Shows the account as online until the answer is dropped.
    pub(super) async fn appear_online(&self, client: &Arc<Client>) -> Shown {
        let mut count = self.0.lock().await;
        *count += 1;
        let shown = Shown { client: client.clone(), onlookers: self.clone() };
        if client.presence().set_available().await.is_err() {
            tracing::debug!("the account could not be shown as online; nobody's presence may be told");
        }
        shown
    }

    /// Shows the account as offline, unless a question needs it online: that one does so when it ends.
    pub(crate) async fn appear_offline(&self, client: &Client) {
        self.unless_looking(0, client.presence().set_unavailable()).await;
    }

    /// Carries `offline` out if nobody looks once `done` of them are.
    async fn unless_looking<E>(&self, done: usize, offline: impl Future<Output = Result<(), E>>) {
        // Held until it is done, so that a question that begins meanwhile is not undone.
        let mut count = self.0.lock().await;
        *count = count.saturating_sub(done);
        if *count == 0 && !matches!(timeout(COURTESY, offline).await, Ok(Ok(()))) {
            tracing::debug!("the account goes on being shown as online");
        }
    }
}

/// The account is shown as online while there is one of these.
pub(super) struct Shown {
    client: Arc<Client>,
    onlookers: Onlookers,
}

impl Drop for Shown {
    fn drop(&mut self) {
        let (client, onlookers) = (self.client.clone(), self.onlookers.clone());
        tokio::spawn(async move {
            onlookers.unless_looking(1, client.presence().set_unavailable()).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(start_paused = true)]
    async fn nobody_is_shown_offline_while_a_question_needs_it_otherwise() {
        let (onlookers, hidden) = (Onlookers::default(), AtomicUsize::new(0));
        let offline = async || {
            hidden.fetch_add(1, Ordering::Relaxed);
            Ok::<(), ()>(())
        };
        onlookers.unless_looking(0, offline()).await;
        assert_eq!(hidden.load(Ordering::Relaxed), 1);
        *onlookers.0.lock().await += 2;
        onlookers.unless_looking(0, offline()).await;
        onlookers.unless_looking(1, offline()).await;
        assert_eq!(hidden.load(Ordering::Relaxed), 1, "one still looks");
        onlookers.unless_looking(1, offline()).await;
        assert_eq!(hidden.load(Ordering::Relaxed), 2);
        // What hangs holds nobody up for long.
        onlookers.unless_looking::<()>(0, std::future::pending()).await;
    }
}
