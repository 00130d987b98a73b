//! How far an operation is, and why it went no further.

use std::fmt;

/// How far an operation is, as the API spells it: `na fila` → `processando` → `pronto` or `falha`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyState {
    /// `na fila`: nobody has begun.
    Queued,
    /// `processando`: it is under way.
    Processing,
    /// `pronto`: the file is there, or the data is gone.
    Ready,
    /// `falha`: it came to no end.
    Failed(PrivacyFailure),
}

/// Why an operation came to no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrivacyFailure {
    /// It was tried many times without getting further.
    #[error("A operação não pôde ser concluída. Peça-a de novo.")]
    GaveUp,
    /// The account, whose removal it belongs to, was not removed.
    #[error("A conta não foi removida, e nada foi apagado.")]
    NotRemoved,
    /// It would take more than 5,000 parts, some 40 GB.
    #[error("Os dados são demais para um arquivo.")]
    TooLarge,
}

impl PrivacyFailure {
    const ALL: [PrivacyFailure; 3] =
        [PrivacyFailure::GaveUp, PrivacyFailure::NotRemoved, PrivacyFailure::TooLarge];

    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            PrivacyFailure::GaveUp => "PRIVACY_FAILED",
            PrivacyFailure::NotRemoved => "ACCOUNT_NOT_REMOVED",
            PrivacyFailure::TooLarge => "EXPORT_TOO_LARGE",
        }
    }
}

impl PrivacyState {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            PrivacyState::Queued => "na fila",
            PrivacyState::Processing => "processando",
            PrivacyState::Ready => "pronto",
            PrivacyState::Failed(_) => "falha",
        }
    }

    /// Reads a state as it was stored, with the code of its failure if it has one.
    pub fn from_stored(text: &str, failure: Option<&str>) -> Option<Self> {
        match (text, failure) {
            ("na fila", None) => Some(PrivacyState::Queued),
            ("processando", None) => Some(PrivacyState::Processing),
            ("pronto", None) => Some(PrivacyState::Ready),
            ("falha", Some(code)) => PrivacyFailure::ALL
                .into_iter()
                .find(|failure| failure.code() == code)
                .map(PrivacyState::Failed),
            _ => None,
        }
    }

    /// Why it failed, if it did.
    pub fn failure(self) -> Option<PrivacyFailure> {
        match self {
            PrivacyState::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl fmt::Display for PrivacyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_read_back() {
        let failed = PrivacyFailure::ALL.map(PrivacyState::Failed);
        for state in
            [PrivacyState::Queued, PrivacyState::Processing, PrivacyState::Ready].into_iter().chain(failed)
        {
            let failure = state.failure().map(PrivacyFailure::code);
            assert_eq!(PrivacyState::from_stored(state.as_str(), failure), Some(state));
        }
        assert_eq!(PrivacyState::from_stored("falha", None), None);
    }
}
