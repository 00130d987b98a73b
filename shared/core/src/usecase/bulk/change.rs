//! Pausing, resuming and cancelling an operation.

use super::find_bulk;
use crate::bulk::{Bulk, BulkWish};
use crate::error::{Code, Problem};
use crate::ids::{BulkId, UserId};
use crate::ports::{BulkQueue, Bulks, Unavailable};
use std::sync::Arc;
use std::time::Duration;

/// How often a wish is tried while a run saves what it has done. A run saves a few times a second at most.
const TRIES: u32 = 20;

/// Grants tenants' wishes about their operations.
pub struct ChangeBulk {
    bulks: Arc<dyn Bulks>,
    queue: Arc<dyn BulkQueue>,
}

impl ChangeBulk {
    /// Wires it up.
    pub fn new(bulks: Arc<dyn Bulks>, queue: Arc<dyn BulkQueue>) -> Self {
        Self { bulks, queue }
    }

    /// Grants a wish and answers the operation as it is then. What is wished again is granted again. A run that is under way
    /// sees it before its next slice.
    ///
    /// # Errors
    /// [`Code::BulkNotFound`]; [`Code::BulkIsOver`], telling the status; [`Code::Unavailable`], after which the wish may be
    /// granted or not: it is for the client to say it again.
    pub async fn change(&self, user: UserId, id: BulkId, wish: BulkWish) -> Result<Bulk, Problem> {
        for _ in 0..TRIES {
            let mut bulk = find_bulk(&*self.bulks, user, id).await?;
            let next = bulk.state.after(wish).map_err(|_| {
                let detail = format!("A operação está com status {}.", bulk.state);
                Problem::new(Code::BulkIsOver).because(detail)
            })?;
            if next != bulk.state {
                bulk.state = next;
                if !self.bulks.save(&mut bulk).await? {
                    continue;
                }
            }
            if wish != BulkWish::Pause && !next.is_over() {
                self.queue.push(&bulk.wanted(), Duration::ZERO).await?;
            }
            return Ok(bulk);
        }
        let reason = "another saved it each time".to_owned();
        Err(Unavailable::new("change a bulk operation", reason).into())
    }
}
