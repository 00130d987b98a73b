//! The processes that make up the system: each in a group of its own, so that a Ctrl-C in the terminal reaches this
//! program alone, and so that a part goes with whatever it started itself.

mod log;
mod part;
mod reaper;

pub(crate) use log::last_line;
pub use part::Part;
pub use reaper::Reaper;
