//! When an actor has something to do.

use super::{Actor, WINDOW};
use tokio::time::Instant;

impl Actor {
    pub(super) fn is_up(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.up.is_some())
    }

    /// Whether sends are to be parked rather than to wait.
    pub(super) fn parks(&self, now: Instant) -> bool {
        !self.is_up() && !self.align.due && self.hold_until.is_none_or(|until| now >= until)
    }

    /// Whether the line can move.
    pub(super) fn has_step(&self, now: Instant) -> bool {
        if self.is_up() && self.paced.is_quiet(now) {
            !self.line.none_waiting()
        } else if self.is_up() {
            let window = self.line.flight_len() < WINDOW;
            self.expel_by.is_none()
                && self.upload.is_none()
                && window
                && (!self.drained || !self.line.none_waiting())
        } else {
            self.parks(now) && !self.line.none_waiting()
        }
    }

    /// When to act next without being told anything.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let lost_ack = self.is_up().then(|| self.line.oldest_write()).flatten();
        let lost_ack = lost_ack.map(|at| at + self.shared.timing.ack);
        let common = [lost_ack, self.expel_by, self.stop_by];
        let working = self.stop_by.is_none().then(|| {
            let align = self.align.due.then_some(self.align_at);
            let step = self.has_step(Instant::now()).then_some(self.step_at);
            let park = if self.line.none_waiting() || self.is_up() { None } else { self.hold_until };
            let park = park.filter(|until| *until > Instant::now());
            let code_end = self.live.as_ref().and_then(|live| live.pairing.code_end());
            let now = Instant::now();
            let overflow = self.overflows(now).then_some(self.park_at);
            // Only what lies ahead wakes it: the rest was seen.
            let quiet = self.paced.quiet_until.filter(|until| self.is_up() && *until > now);
            let held = self.paced.look_at.filter(|_| self.is_up());
            [align, step, park, self.restart_at, code_end, overflow, quiet, held]
        });
        common.into_iter().chain(working.into_iter().flatten()).flatten().min()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.live.is_none()
            && !self.wanted
            && !self.align.due
            && self.line.is_empty()
            && self.recording.is_empty()
            && self.inbox.is_empty()
            && self.asking.is_empty()
            && self.reporter.is_idle()
            && self.reporter.herald.is_idle()
    }

    pub(super) fn is_over(&self) -> bool {
        let finished = self.line.flight_len() == 0 || !self.is_up();
        let stopped = self.stop_by.is_some_and(|by| {
            Instant::now() >= by
                || (finished
                    && self.recording.is_empty()
                    && self.asking.is_empty()
                    && self.expel_by.is_none())
        });
        self.lost || stopped
    }
}
