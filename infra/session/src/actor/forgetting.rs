//! Devices that were logged out: first what they knew is erased, then it is told.

use super::align::setback;
use super::{Actor, Setback};
use carteiro_core::number::LinkState;
use std::time::Duration;
use tokio::time::Instant;

/// A device that is no longer linked.
pub(super) struct Gone {
    /// What to tell of it.
    state: LinkState,
    reason: Option<&'static str>,
    /// Whether its state is erased.
    erased: bool,
}

impl Actor {
    /// The device is gone: so is what it knew. A client that asked for this connection gets another one, which begins with a
    /// pairing.
    pub(super) async fn logged_out(&mut self, state: LinkState, reason: Option<&'static str>) {
        let asked = self.live.as_ref().is_some_and(|live| live.resumes_for_client && !live.was_up);
        self.disconnect(false).await;
        self.halted = Some(state);
        self.restriction = None;
        self.gone = Some(Gone { state, reason, erased: false });
        self.align.due = true;
        self.align.asked |= asked && reason.is_none();
        self.align_at = Instant::now();
    }

    /// Erases what a device that is gone knew, and then tells that it is gone, unless a client has asked for a connection
    /// meanwhile: then that is what is told next. `true` if there was one.
    pub(super) async fn forget_device(&mut self) -> Result<bool, Setback> {
        let Some(gone) = &self.gone else { return Ok(false) };
        if !gone.erased {
            // Before the state: whoever goes on after a crash finds the device, and that it is gone.
            self.erase_chats().await?;
            self.finish_writes().await?;
            self.shared.states.erase(&(&self.number).into(), self.epoch).await.map_err(setback)?;
            if let Some(gone) = &mut self.gone {
                gone.erased = true;
            }
            // What was said to this actor meanwhile is heard before the next turn.
            return Err(Setback::Later(Duration::ZERO));
        }
        if self.align.asked {
            self.gone = None;
            self.reporter.forget_device();
        } else {
            self.tell_forgotten();
        }
        Ok(true)
    }

    /// Erases what the number had on WhatsApp, a page at a time: what is said to this actor meanwhile is heard in between.
    pub(super) async fn erase_chats(&mut self) -> Result<(), Setback> {
        self.inbox.discard().await;
        if self.shared.writer.erase(&self.number).await? {
            Ok(())
        } else {
            Err(Setback::Later(Duration::ZERO))
        }
    }

    /// Tells of a device that is gone and erased.
    pub(super) fn tell_forgotten(&mut self) {
        if let Some(gone) = self.gone.take_if(|gone| gone.erased) {
            self.reporter.forget_device();
            self.reporter.report(gone.state, gone.reason);
        }
    }
}
