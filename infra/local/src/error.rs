//! What can go wrong, said so that a person knows what to do.

/// One clear line: what is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    /// From the line itself.
    pub fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }
}

/// Adds what was being done to an error that does not say so.
pub(crate) trait While<T> {
    /// `doing` reads on after "cannot": "read the file", "reach the emulator".
    fn or_cannot(self, doing: impl std::fmt::Display) -> Result<T, Error>;
}

impl<T, E: std::fmt::Display> While<T> for Result<T, E> {
    fn or_cannot(self, doing: impl std::fmt::Display) -> Result<T, Error> {
        self.map_err(|error| Error::new(format!("cannot {doing}: {error}")))
    }
}
