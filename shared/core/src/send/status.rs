//! The state machine of a send: only ever forward.

use std::fmt;

/// The status of a send, as the contract spells it.
///
/// `na fila` → `processando` → `enviado` → `entregue` → `lido`; `falha` and `cancelado` are ends. A later status may be
/// reached without the ones between: a read receipt can overtake a delivery receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// `na fila`: stored, and waiting for its turn or for its number to be connected.
    Queued,
    /// `processando`: the session task has taken it; from here on it cannot be cancelled.
    Processing,
    /// `enviado`: WhatsApp's server has acknowledged it.
    Sent,
    /// `entregue`: a device of the recipient has it.
    Delivered,
    /// `lido`: the recipient has read it.
    Read,
    /// `falha`: it will not be sent.
    Failed,
    /// `cancelado`: its tenant took it back in time.
    Cancelled,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 7] = [
        Status::Queued,
        Status::Processing,
        Status::Sent,
        Status::Delivered,
        Status::Read,
        Status::Failed,
        Status::Cancelled,
    ];

    /// As the contract spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Queued => "na fila",
            Status::Processing => "processando",
            Status::Sent => "enviado",
            Status::Delivered => "entregue",
            Status::Read => "lido",
            Status::Failed => "falha",
            Status::Cancelled => "cancelado",
        }
    }

    /// Reads what [`Status::as_str`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether the send still waits to be sent: a sweep must look at it again.
    pub fn is_pending(self) -> bool {
        matches!(self, Status::Queued | Status::Processing)
    }

    /// The statuses from which this one may be reached. Never itself, so a repeated step is refused and changes nothing.
    pub fn reachable_from(self) -> &'static [Status] {
        use Status::{Delivered, Processing, Queued, Sent};
        match self {
            Status::Queued => &[],
            Status::Processing => &[Queued],
            Status::Sent => &[Queued, Processing],
            Status::Delivered => &[Queued, Processing, Sent],
            Status::Read => &[Queued, Processing, Sent, Delivered],
            Status::Failed => &[Queued, Processing],
            Status::Cancelled => &[Queued],
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_status() -> impl Strategy<Value = Status> {
        prop::sample::select(Status::ALL.to_vec())
    }

    /// How far along a status is; the ends are as far as one can be.
    fn progress(status: Status) -> u8 {
        match status {
            Status::Queued => 0,
            Status::Processing => 1,
            Status::Sent => 2,
            Status::Delivered => 3,
            Status::Read | Status::Failed | Status::Cancelled => 4,
        }
    }

    proptest! {
        #[test]
        fn whatever_happens_a_send_never_moves_back(steps in prop::collection::vec(any_status(), 0..40)) {
            let mut status = Status::Queued;
            for next in steps {
                if next.reachable_from().contains(&status) {
                    prop_assert!(progress(next) > progress(status), "{status} → {next}");
                    status = next;
                }
            }
        }

        #[test]
        fn late_and_doubled_receipts_end_alike(mut steps in prop::collection::vec(
            prop::sample::select(vec![Status::Processing, Status::Sent, Status::Delivered, Status::Read]), 1..20)) {
            let run = |steps: &[Status]| steps.iter().fold(Status::Queued, |at, next| if next.reachable_from().contains(&at) { *next } else { at });
            let end = run(&steps);
            steps.reverse();
            prop_assert_eq!(end, run(&steps));
        }
    }

    #[test]
    fn a_sent_text_neither_fails_nor_is_cancelled() {
        for end in [Status::Failed, Status::Cancelled] {
            for from in [Status::Sent, Status::Delivered, Status::Read, Status::Failed, Status::Cancelled] {
                assert!(!end.reachable_from().contains(&from));
            }
        }
        assert!(!Status::Cancelled.reachable_from().contains(&Status::Processing));
    }

    #[test]
    fn statuses_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_stored(status.as_str()), Some(status));
        }
    }
}
