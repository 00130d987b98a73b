//! What every process tells about itself: one JSON line an event, with the keys of Lambda Powertools, and metrics in
//! CloudWatch's embedded format. Nothing here redacts: secrets and message texts never reach an event, because their types
//! do not show them.

mod audit;
mod line;
mod longest;
mod metrics;
mod subscriber;
#[cfg(any(test, feature = "test-support"))]
pub mod testing;

pub use audit::audit;
pub use longest::Longest;
pub use metrics::{Metric, Metrics, NAMESPACE, Unit};
pub use subscriber::{InvalidFilter, init, logger};
