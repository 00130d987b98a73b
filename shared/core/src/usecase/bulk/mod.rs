//! Bulk operations: `POST /v2/sends/bulk` and what follows it.
//!
//! What must survive a crash stands in one item, the operation, which is saved only in place of what was read; its rows stand in
//! an object; what makes them sends is called by a queue, one message after another, each of which says whose turn it is. Every
//! send's id is made of operation and row, so a row that is made again is the same send.

mod accept;
mod change;
mod request;
mod run;
mod show;
#[cfg(test)]
mod tests;

pub use accept::{AcceptBulk, BulkAccepted, BulkPorts};
pub use change::ChangeBulk;
pub use request::BulkRequest;
pub use run::{RanBulk, RunBulk, RunBulkPorts};
pub use show::{
    BulkListPage, BulkPage, DEFAULT_BULK_LIST, DEFAULT_BULK_PAGE, MAX_BULK_LIST, MAX_BULK_PAGE, ShowBulk,
};

use crate::bulk::Bulk;
use crate::error::{Code, Problem};
use crate::ids::{BulkId, UserId};
use crate::ports::Bulks;

/// The operation, if it is the tenant's.
///
/// # Errors
/// [`Code::BulkNotFound`] when there is none, also when it is another tenant's; [`Code::Unavailable`].
async fn find_bulk(bulks: &dyn Bulks, user: UserId, id: BulkId) -> Result<Bulk, Problem> {
    bulks.find(id).await?.filter(|bulk| bulk.user == user).ok_or_else(|| Code::BulkNotFound.into())
}
