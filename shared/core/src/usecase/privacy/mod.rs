//! Personal data: exported and erased in the background, run by run, as reports are written ([`crate::usecase::WriteExport`]).
//!
//! What an erasure promises: what stood when it began is gone when it is `pronto`. What comes later, a message of the person
//! for one, is new, and stays until it is asked for again.

mod ask;
mod erase;
mod export;
mod find;
mod run;
#[cfg(test)]
mod tests;

pub use ask::AskPrivacy;
pub use find::FindPrivacy;
pub use run::{RanPrivacy, RunPrivacy, RunPrivacyPorts};
