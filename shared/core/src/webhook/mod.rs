//! Events, and who is told of them.

mod event;

pub use event::{Event, EventKind, Origin};
