//! How far an export is.

use std::fmt;

/// How far an export is, as the API spells it: `na fila` → `processando` → `pronto` or `falha`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportState {
    /// `na fila`: nobody has begun.
    Queued,
    /// `processando`: it is being written.
    Processing,
    /// `pronto`: the file is there.
    Ready,
    /// `falha`: it will not be written.
    Failed(ExportFailure),
}

/// Why an export will not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExportFailure {
    /// It would take more than 5,000 parts, some 40 GB.
    #[error("O relatório é grande demais. Divida o período.")]
    TooLarge,
    /// It was tried many times without getting further.
    #[error("O relatório não pôde ser gerado. Peça-o de novo.")]
    GaveUp,
}

impl ExportState {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            ExportState::Queued => "na fila",
            ExportState::Processing => "processando",
            ExportState::Ready => "pronto",
            ExportState::Failed(_) => "falha",
        }
    }

    /// Reads a state as it was stored, with the code of its failure if it has one.
    pub fn from_stored(text: &str, failure: Option<&str>) -> Option<Self> {
        match (text, failure) {
            ("na fila", None) => Some(ExportState::Queued),
            ("processando", None) => Some(ExportState::Processing),
            ("pronto", None) => Some(ExportState::Ready),
            ("falha", Some(code)) => {
                let mut all = [ExportFailure::TooLarge, ExportFailure::GaveUp].into_iter();
                all.find(|failure| failure.code() == code).map(ExportState::Failed)
            }
            _ => None,
        }
    }

    /// Why it failed, if it did.
    pub fn failure(self) -> Option<ExportFailure> {
        match self {
            ExportState::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl ExportFailure {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            ExportFailure::TooLarge => "EXPORT_TOO_LARGE",
            ExportFailure::GaveUp => "EXPORT_FAILED",
        }
    }
}

impl fmt::Display for ExportState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back() {
        for state in [
            ExportState::Queued,
            ExportState::Processing,
            ExportState::Ready,
            ExportState::Failed(ExportFailure::TooLarge),
            ExportState::Failed(ExportFailure::GaveUp),
        ] {
            let failure = state.failure().map(ExportFailure::code);
            assert_eq!(ExportState::from_stored(state.as_str(), failure), Some(state));
        }
        assert_eq!(ExportState::from_stored("falha", None), None);
    }
}
