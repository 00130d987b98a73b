//! Function binaries under a Lambda Runtime API, an HTTP API and an SQS event source of our own.
//!
//! The emulation's cost 50 ms an invocation (its Runtime API leaves Nagle's algorithm on) and take one SQS batch at a
//! time, so they say nothing about latency. These speak the same protocols to the same binaries.

mod environment;
mod gateway;
mod queue_source;
mod runtime_api;

pub use environment::Environment;
pub use gateway::Gateway;
pub use queue_source::QueueSource;
