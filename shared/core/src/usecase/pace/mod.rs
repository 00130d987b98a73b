//! The pace of a number: what it keeps to, and how its tenant sets it (`/v2/numbers/pace`).

mod rules;
mod set;
#[cfg(test)]
mod tests;

pub use rules::FindRules;
pub use set::{NumberPace, Pacing};
