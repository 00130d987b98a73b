//! Receipts of recipients.

use super::Actor;
use super::line::Place;
use super::recording::Recorded;
use crate::backoff::Backoff;
use crate::shared::Shared;
use carteiro_core::ids::{MessageId, SendId};
use carteiro_core::send::Step;
use carteiro_engine::{Handover, ReceiptKind};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::time::sleep;

/// WhatsApp dates receipts in whole seconds by its own clock. Below this distance ours is the better one: it keeps the times
/// of a send in their order.
const FRESH: SignedDuration = SignedDuration::from_secs(5);

/// What a receipt says of one send. WhatsApp forgets the receipt when it is stored.
#[derive(Debug)]
pub(super) struct Reached {
    step: Step,
    at: Timestamp,
    handover: Handover,
}

impl Actor {
    pub(super) fn on_receipt(
        &mut self,
        messages: &[String],
        kind: ReceiptKind,
        at: Timestamp,
        handover: Handover,
    ) {
        let now = self.shared.clock.now();
        let at = if now.duration_since(at).abs() < FRESH { now } else { at };
        let step = match kind {
            ReceiptKind::Delivered => Step::Deliver,
            ReceiptKind::Read | ReceiptKind::Played => Step::Read,
        };
        // Messages that were sent from the phone have ids that are no send's.
        let sends = messages.iter().filter_map(|message| message.parse::<MessageId>().ok()?.send_id());
        for id in sends {
            let reached = Reached { step: step.clone(), at, handover: handover.share() };
            // What reached the recipient was taken by the server, also when its answer was lost.
            self.acknowledged(&id.message_id());
            match self.line.get_mut(id) {
                Some(entry) if entry.place == Place::Recording && !entry.is_stored => {
                    entry.receipts.push(reached);
                }
                // Also of a send that a task that is gone has written, and that waits here to be written again: nothing goes
                // on the wire before this is stored.
                Some(_) | None => self.record_receipt(id, reached),
            }
        }
        handover.accept();
    }

    pub(super) fn record_receipt(&mut self, id: SendId, reached: Reached) {
        let (shared, fence) = (self.shared.clone(), self.fence.clone());
        self.recording.spawn(async move { fence.hold(record(shared, id, reached)).await });
    }
}

/// Tries until it is stored; whoever leaves off is told of the receipt again.
async fn record(shared: Arc<Shared>, id: SendId, reached: Reached) -> Recorded {
    let mut backoff = Backoff::of_store();
    let Reached { step, at, handover } = reached;
    loop {
        match shared.sends.apply(id, &step, at).await {
            Ok(_) => {
                handover.accept();
                return Recorded::Aside;
            }
            Err(error) if error.lasting => {
                tracing::error!(send_id = %id, %error, "a receipt can never be stored: it is left out");
                handover.accept();
                return Recorded::Aside;
            }
            Err(error) => tracing::warn!(send_id = %id, %error, "a receipt was not stored; trying again"),
        }
        sleep(backoff.wait()).await;
    }
}
