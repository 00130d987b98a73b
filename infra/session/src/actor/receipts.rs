//! Receipts of recipients.

use super::Actor;
use super::recording::Recorded;
use crate::backoff::Backoff;
use crate::shared::Shared;
use carteiro_core::ids::{MessageId, SendId};
use carteiro_core::send::Step;
use carteiro_engine::ReceiptKind;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::time::sleep;

/// How often a receipt is tried to be stored. WhatsApp does not repeat it, but nothing waits for it either.
const TRIES: usize = 8;
/// WhatsApp dates receipts in whole seconds by its own clock. Below this distance ours is the better one: it keeps the times
/// of a send in their order.
const FRESH: SignedDuration = SignedDuration::from_secs(5);

impl Actor {
    pub(super) fn on_receipt(&mut self, messages: &[String], kind: ReceiptKind, at: Timestamp) {
        let now = self.shared.clock.now();
        let at = if now.duration_since(at).abs() < FRESH { now } else { at };
        let step = match kind {
            ReceiptKind::Delivered => Step::Deliver,
            ReceiptKind::Read | ReceiptKind::Played => Step::Read,
        };
        // Messages that were sent from the phone have ids that are no send's.
        for id in messages.iter().filter_map(|message| MessageId::new(message.as_str()).send_id()) {
            // What reached the recipient was taken by the server, also when its answer was lost.
            self.acknowledged(&id.message_id());
            match self.line.get_mut(id) {
                Some(entry) => entry.receipts.push((step.clone(), at)),
                None => self.record_receipt(id, step.clone(), at),
            }
        }
    }

    pub(super) fn record_receipt(&mut self, id: SendId, step: Step, at: Timestamp) {
        self.recording.spawn(record(self.shared.clone(), id, step, at));
    }
}

async fn record(shared: Arc<Shared>, id: SendId, step: Step, at: Timestamp) -> Recorded {
    let mut backoff = Backoff::of_store();
    for _ in 0..TRIES {
        match shared.sends.apply(id, &step, at).await {
            Ok(_) => return Recorded::Aside,
            Err(error) => tracing::warn!(send_id = %id, %error, "a receipt was not stored; trying again"),
        }
        sleep(backoff.wait()).await;
    }
    tracing::error!(send_id = %id, "a receipt was lost");
    Recorded::Aside
}
