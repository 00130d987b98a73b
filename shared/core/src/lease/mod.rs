//! Who owns which shard of the sessions, and since which epoch.

mod epoch;
mod table;

pub use epoch::Epoch;
pub use table::{LeaseTable, ShardLease, TaskId, TaskRow};
