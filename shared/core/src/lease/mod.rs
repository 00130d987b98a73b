//! Who owns which shard of the sessions, and since which epoch.

mod action;
mod epoch;
mod keeper;
mod peers;
mod placement;
#[cfg(test)]
mod simulation;
mod table;

pub use action::{Action, Timing};
pub use epoch::Epoch;
pub use keeper::Keeper;
pub use placement::placement;
pub use table::{LeaseTable, ShardLease, TaskId, TaskRow};
