//! What was not counted: each with a value and the reason for it.

use crate::CostError;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
struct Assumption {
    value: f64,
    why: String,
}

/// The assumptions, by name.
#[derive(Debug)]
pub struct Assumptions(BTreeMap<String, Assumption>);

impl Assumptions {
    /// Reads `assumptions.json`.
    ///
    /// # Errors
    /// JSON of another shape.
    pub fn parse(json: &str) -> Result<Self, CostError> {
        serde_json::from_str(json)
            .map(Self)
            .map_err(|error| CostError::File { file: "assumptions.json", error })
    }

    /// The value of one.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn value(&self, name: &'static str) -> Result<f64, CostError> {
        self.0.get(name).map(|assumption| assumption.value).ok_or(CostError::NoAssumption(name))
    }

    /// All of them: name, value and reason.
    pub fn all(&self) -> impl Iterator<Item = (&str, f64, &str)> {
        self.0.iter().map(|(name, it)| (name.as_str(), it.value, it.why.as_str()))
    }
}
