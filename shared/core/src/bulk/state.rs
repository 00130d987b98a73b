//! How far a bulk operation is.

use std::fmt;

/// How far a bulk operation is, as the API spells it.
///
/// `na fila` → `processando` → `pronto`; a tenant may pause, resume and cancel it (`pausado`, `cancelando` → `cancelado`);
/// `falha` is for what can never be made. `pronto`, `cancelado` and `falha` are ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkState {
    /// `na fila`: nobody has begun, or its time has not come.
    Queued,
    /// `processando`: sends are made, or the last of them still wait.
    Running,
    /// `pausado`: no more sends are made until it is resumed.
    Paused,
    /// `cancelando`: no more sends are made, and those that wait are about to be taken back.
    Cancelling,
    /// `cancelado`: whatever had not left when it was cancelled never will.
    Cancelled,
    /// `pronto`: no send of it waits any more.
    Done,
    /// `falha`: the rest will not be sent.
    Failed(BulkFailure),
}

/// Why the rest of an operation will not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum BulkFailure {
    /// The number it goes out from is no worker of the tenant any more.
    #[error("O número remetente não é mais um worker deste usuário.")]
    NotAWorker,
    /// The tenant's plan no longer permits texts.
    #[error("O plano não permite mais este tipo de mídia.")]
    PlanForbids,
    /// Its time was over.
    #[error("O prazo da operação terminou antes que todos os envios fossem feitos.")]
    Expired,
    /// Its recipients are gone.
    #[error("A operação não pôde continuar. Crie outra com os destinatários que faltam.")]
    Lost,
}

/// Why an operation makes no sends for now, though it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkWaiting {
    /// Its time has not come.
    Scheduled,
    /// The tenant has made all sends of its day.
    DailyLimit,
    /// Too many sends of its number wait.
    Backlog,
}

/// What a tenant may want of its operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkWish {
    /// Make no more sends for now.
    Pause,
    /// Go on.
    Resume,
    /// Make no more sends, and take back those that wait.
    Cancel,
}

/// The operation has come to an end, or will: a wish cannot be granted any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLate;

impl BulkState {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            BulkState::Queued => "na fila",
            BulkState::Running => "processando",
            BulkState::Paused => "pausado",
            BulkState::Cancelling => "cancelando",
            BulkState::Cancelled => "cancelado",
            BulkState::Done => "pronto",
            BulkState::Failed(_) => "falha",
        }
    }

    /// Reads a state as it was stored, with the code of its failure if it has one.
    pub fn from_stored(text: &str, failure: Option<&str>) -> Option<Self> {
        use BulkState::*;
        match failure {
            Some(code) if text == "falha" => BulkFailure::from_stored(code).map(Failed),
            Some(_) => None,
            None => [Queued, Running, Paused, Cancelling, Cancelled, Done]
                .into_iter()
                .find(|state| state.as_str() == text),
        }
    }

    /// Whether it has come to an end.
    pub fn is_over(self) -> bool {
        matches!(self, BulkState::Cancelled | BulkState::Done | BulkState::Failed(_))
    }

    /// Why it failed, if it did.
    pub fn failure(self) -> Option<BulkFailure> {
        match self {
            BulkState::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// The state that a wish leads to. What is wished twice is granted twice.
    ///
    /// # Errors
    /// [`TooLate`].
    pub fn after(self, wish: BulkWish) -> Result<Self, TooLate> {
        use BulkState::*;
        match (wish, self) {
            (BulkWish::Pause, Queued | Running | Paused) => Ok(Paused),
            (BulkWish::Resume, Paused) => Ok(Running),
            (BulkWish::Resume, Queued | Running) => Ok(self),
            (BulkWish::Cancel, Queued | Running | Paused | Cancelling) => Ok(Cancelling),
            (BulkWish::Cancel, Cancelled) => Ok(Cancelled),
            _ => Err(TooLate),
        }
    }
}

impl fmt::Display for BulkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl BulkFailure {
    /// All of them.
    pub const ALL: [BulkFailure; 4] =
        [BulkFailure::NotAWorker, BulkFailure::PlanForbids, BulkFailure::Expired, BulkFailure::Lost];

    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            BulkFailure::NotAWorker => "NOT_YOUR_WORKER",
            BulkFailure::PlanForbids => "PLAN_FORBIDS_MEDIA",
            BulkFailure::Expired => "BULK_EXPIRED",
            BulkFailure::Lost => "BULK_FAILED",
        }
    }

    /// Reads what [`BulkFailure::code`] wrote.
    pub fn from_stored(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.code() == code)
    }
}

impl BulkWaiting {
    /// As it is stored, and as the API's `waiting` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            BulkWaiting::Scheduled => "SCHEDULED",
            BulkWaiting::DailyLimit => "PLAN_SENDS_LIMIT",
            BulkWaiting::Backlog => "BACKLOG_FULL",
        }
    }

    /// Reads what [`BulkWaiting::as_str`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        [BulkWaiting::Scheduled, BulkWaiting::DailyLimit, BulkWaiting::Backlog]
            .into_iter()
            .find(|waiting| waiting.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WISHES: [BulkWish; 3] = [BulkWish::Pause, BulkWish::Resume, BulkWish::Cancel];

    fn states() -> Vec<BulkState> {
        use BulkState::*;
        let failed = BulkFailure::ALL.map(Failed);
        [Queued, Running, Paused, Cancelling, Cancelled, Done].into_iter().chain(failed).collect()
    }

    #[test]
    fn what_is_stored_reads_back() {
        for state in states() {
            let failure = state.failure().map(BulkFailure::code);
            assert_eq!(BulkState::from_stored(state.as_str(), failure), Some(state));
        }
        assert_eq!(BulkState::from_stored("falha", None), None);
        assert_eq!(BulkState::from_stored("pronto", Some("BULK_FAILED")), None);
        for waiting in [BulkWaiting::Scheduled, BulkWaiting::DailyLimit, BulkWaiting::Backlog] {
            assert_eq!(BulkWaiting::from_stored(waiting.as_str()), Some(waiting));
        }
    }

    #[test]
    fn a_wish_granted_twice_changes_nothing_more() {
        for state in states() {
            for wish in WISHES {
                if let Ok(next) = state.after(wish) {
                    assert_eq!(next.after(wish), Ok(next), "{state} {wish:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_cancelled_or_over_never_sends_again(
            state in prop::sample::select(states()),
            wishes in prop::collection::vec(prop::sample::select(WISHES.to_vec()), 0..12),
        ) {
            let mut now = state;
            let mut cancelled = matches!(state, BulkState::Cancelling) || state.is_over();
            for wish in wishes {
                now = now.after(wish).unwrap_or(now);
                cancelled |= now == BulkState::Cancelling;
                prop_assert!(!cancelled || !matches!(now, BulkState::Queued | BulkState::Running | BulkState::Paused));
            }
        }
    }
}
