//! What a send waits for after its outcome is stored: that its chat has it, and that webhooks were told.
//!
//! Its commands are held for as long, and its place among the parked ones stays: whoever takes over meets the send again and tells what
//! was not told.

use super::Actor;
use crate::backoff::Backoff;
use crate::held::Held;
use crate::shared::Shared;
use carteiro_core::ids::SendId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Parked;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tokio::time::{sleep, timeout};

/// The end of a wait.
#[derive(Debug)]
pub(super) enum Settled {
    /// Everything is stored and told.
    Told(SendId),
    /// What was to be stored was left out.
    LeftOut(SendId),
}

/// One wait.
struct Settling {
    shared: Arc<Shared>,
    number: Phone,
    id: SendId,
    parked: Option<Parked>,
}

impl Actor {
    /// Lets a send go whose outcome is stored, once `told`.
    pub(super) fn settle(&mut self, id: SendId, told: Option<oneshot::Receiver<()>>) {
        let Some(entry) = self.line.get(id) else { return };
        let settling = Settling {
            shared: self.shared.clone(),
            number: self.number.clone(),
            id,
            parked: entry.parked.clone(),
        };
        let fence = self.fence.clone();
        // Past the fence the next owner meets the send again.
        self.settling.spawn(async move { fence.hold(settling.run(told)).await });
    }

    pub(super) fn on_settled(&mut self, settled: Result<Settled, JoinError>) {
        match settled {
            Ok(Settled::Told(id)) => {
                if let Some(entry) = self.line.remove(id) {
                    entry.held.into_iter().for_each(Held::done);
                }
            }
            // The number's chats are gone, and nothing is to be told of them.
            Ok(Settled::LeftOut(id)) => self.settle(id, None),
            Err(error) => tracing::error!(%error, "a send was not let go"),
        }
    }

    /// Lets go, at the end, what was told in time, and leaves everything else to whoever is next.
    pub(super) async fn finish_settling(&mut self, most: Duration) {
        let all = async {
            while let Some(settled) = self.settling.join_next().await {
                if let Ok(settled @ Settled::Told(_)) = settled {
                    self.on_settled(Ok(settled));
                }
            }
        };
        if timeout(most, all).await.is_err() {
            tracing::warn!(number = self.number.masked(), "sends are left to be met again");
        }
    }
}

impl Settling {
    async fn run(self, told: Option<oneshot::Receiver<()>>) -> Settled {
        if let Some(told) = told
            && told.await.is_err()
        {
            return Settled::LeftOut(self.id);
        }
        let Some(parked) = &self.parked else { return Settled::Told(self.id) };
        let mut backoff = Backoff::of_store();
        loop {
            match self.shared.sends.unpark(&self.number, parked).await {
                Ok(()) => return Settled::Told(self.id),
                Err(error) => {
                    tracing::warn!(send_id = %self.id, number = self.number.masked(), %error, "a send was not let go; trying again");
                }
            }
            sleep(backoff.wait()).await;
        }
    }
}
