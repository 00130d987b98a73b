//! What can be wrong with a question, or with the files that answer it.

use thiserror::Error;

/// Why there is no bill.
#[derive(Debug, Error)]
pub enum CostError {
    /// A file of this crate cannot be read.
    #[error("{file}: {error}")]
    File {
        /// Which.
        file: &'static str,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// Something that is used has no price.
    #[error("prices.json has no price of {0}")]
    NoPrice(String),
    /// A region that prices.json does not know.
    #[error("prices.json has no prices for {region}; it has them for {known}")]
    NoRegion {
        /// The region asked for.
        region: String,
        /// Those that there are.
        known: String,
    },
    /// Something is assumed that assumptions.json does not say.
    #[error("assumptions.json says nothing of {0}")]
    NoAssumption(&'static str),
    /// A size that the templates are to say cannot be found in them.
    #[error("the templates do not say the size of {0}")]
    NotDeclared(&'static str),
    /// An argument makes no sense.
    #[error("{0}")]
    Argument(String),
}
