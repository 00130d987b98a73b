//! Takes over the device that a pairing linked to the phone of this number.
//!
//! | what is done | what a repetition finds, after a crash right behind it |
//! |---|---|
//! | the older device is logged out and its state erased | WhatsApp no longer knows it |
//! | the link says that there is no device | nothing to log out: the state that may follow is the new device's |
//! | the pairing's state becomes the number's | the pairing has none: the number's stays |
//! | the link says that the device is here | nothing to adopt |

use super::align::setback;
use super::{Actor, Setback};
use carteiro_core::ids::PairingId;
use carteiro_core::number::{Link, LinkState};
use carteiro_core::ports::LinkError;
use std::time::Duration;

/// How soon to see whether what was told is stored.
const AGAIN: Duration = Duration::from_millis(50);

impl Actor {
    /// Replaces the number's device, if it has one, by that of `pairing`.
    pub(super) async fn adopt(&mut self, link: &Link, pairing: PairingId) -> Result<(), Setback> {
        if !self.reporter.is_idle() {
            return Err(Setback::Later(AGAIN));
        }
        let offered = self.shared.states.holds(pairing).await.map_err(setback)?;
        if offered && link.jid.is_some() {
            tracing::info!(number = self.number.masked(), "the device is replaced by another one");
            self.log_out(link).await?;
            self.disconnect(false).await;
            self.finish_writes().await?;
            self.shared.states.erase(&(&self.number).into(), self.epoch).await.map_err(setback)?;
            self.reporter.forget_device();
            self.reporter.report(LinkState::Connecting, None);
            return Err(Setback::Later(AGAIN));
        }
        if offered {
            // One that waits for a QR of its own to be scanned.
            self.disconnect(false).await;
            self.finish_writes().await?;
            self.shared.states.adopt(&self.number, self.epoch, pairing).await.map_err(setback)?;
        }
        match self.shared.links.adopted(&self.number, self.epoch, pairing, self.shared.clock.now()).await {
            Ok(()) => {}
            Err(LinkError::Unavailable(error)) => return Err(error.into()),
            Err(LinkError::Fenced | LinkError::Busy) => return Err(Setback::Lost),
        }
        self.reporter.knows(LinkState::Connecting, None);
        self.reporter.has_device();
        if self.is_up() {
            let (state, reason) = self.up_state();
            self.reporter.report(state, reason);
        } else {
            (self.halted, self.restriction, self.expel_by) = (None, None, None);
        }
        Ok(())
    }
}
