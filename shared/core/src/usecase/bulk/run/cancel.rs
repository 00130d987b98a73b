//! Taking back what waits.

use super::{Run, Stop};
use crate::bulk::{BulkState, SLICE};
use crate::error::Code;
use crate::ports::Unavailable;

impl Run<'_> {
    /// Takes back the operation's sends that wait. A run that died may have made sends that it could not say it had made, so the
    /// rows that it would have made next are looked at too.
    pub(super) async fn take_back(&mut self) -> Result<(), Stop> {
        let end = self.bulk.made.saturating_add(SLICE).min(self.bulk.total);
        for id in self.bulk.sends(self.bulk.settled..end) {
            match self.on.cancel.cancel(self.bulk.user, id).await {
                Ok(_) => self.taken_back += 1,
                Err(problem) if matches!(problem.code(), Code::SendNotCancellable | Code::SendNotFound) => {}
                Err(problem) => {
                    let reason = problem.to_string();
                    return Err(Unavailable::new("cancel a row", reason).into());
                }
            }
        }
        Err(Stop::End(BulkState::Cancelled))
    }
}
