//! A chaos run: a fleet of session tasks under a steady load of sends and incoming messages, random faults one after the
//! other, and at the end the question whether anything was lost, doubled or out of order.
//!
//! What goes wrong, when and to whom is decided by a seed ([`fault`]); how it goes out is up to the machine, so a run that found
//! something may have to be run again to find it again. `README.md` says how.

mod api;
mod draw;
pub mod fault;
mod heard;
mod kind;
mod lane;
mod picture;
mod report;
mod run;
mod settled;
mod strike;
mod told;
mod verdict;

pub use kind::Kind;
pub use report::Report;
pub use run::{Plan, run};
