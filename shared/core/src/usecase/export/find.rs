//! How far an export is: `GET /v2/reports/exports/{export_id}`.

use crate::error::{Code, Problem};
use crate::ids::{ExportId, UserId};
use crate::ports::{Clock, Exports, ObjectLinks};
use crate::report::{ExportDetails, ExportState};
use std::sync::Arc;
use std::time::Duration;

/// For how long the address of a file is good.
const LINK_LIFE: Duration = Duration::from_secs(15 * 60);

/// Tells tenants how far their exports are, and where the finished ones are.
pub struct FindExport {
    exports: Arc<dyn Exports>,
    links: Arc<dyn ObjectLinks>,
    clock: Arc<dyn Clock>,
}

impl FindExport {
    /// Wires it up.
    pub fn new(exports: Arc<dyn Exports>, links: Arc<dyn ObjectLinks>, clock: Arc<dyn Clock>) -> Self {
        Self { exports, links, clock }
    }

    /// The export, if it is the tenant's; one that is ready comes with an address that is good for 15 minutes.
    ///
    /// # Errors
    /// [`Code::ExportNotFound`] when there is none, also when it is another tenant's; [`Code::Unavailable`].
    pub async fn run(&self, user: UserId, id: ExportId) -> Result<ExportDetails, Problem> {
        let found = self.exports.find(id).await?;
        let export = found
            .filter(|export| export.subject.user == user && !export.is_expired(self.clock.now()))
            .ok_or(Code::ExportNotFound)?;
        let url = match export.state {
            ExportState::Ready => {
                Some(self.links.download_link(&export.object(), &export.file_name(), LINK_LIFE).await?)
            }
            _ => None,
        };
        Ok(ExportDetails::new(&export, url.as_ref()))
    }
}
