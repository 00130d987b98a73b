//! An export as counts.

use super::{Run, Stop};
use crate::ports::ObjectBody;
use crate::usecase::report::{COUNTED_AT_ONCE, Summary};
use jiff::SignedDuration;

/// After how many pages it is stored how far the counting is.
const STORED_EACH: usize = 50;

impl Run<'_> {
    pub(super) async fn write_summary(&mut self) -> Result<(), Stop> {
        let mut pages = 0;
        while !self.export.progress.read_all {
            let export = &mut self.export;
            let after = export.progress.after;
            let page = self.on.history.statuses(&export.subject, after.as_ref(), COUNTED_AT_ONCE).await?;
            for (accepted, status) in &page.statuses {
                export.progress.tally.add(*accepted, *status, &export.zone);
            }
            export.progress.rows += page.statuses.len() as u64;
            export.progress.after = page.next.or(after);
            export.progress.read_all = page.next.is_none();
            export.attempts = 0;
            pages += 1;
            if !self.export.progress.read_all && self.is_over(SignedDuration::ZERO) {
                return Err(Stop::Time);
            }
            if pages % STORED_EACH == 0 {
                self.save().await?;
            }
        }
        let export = &self.export;
        let summary = Summary::new(&export.subject, &export.zone, export.progress.tally.clone());
        // Texts, numbers, lists and objects with text keys: it always serialises.
        let json = serde_json::to_vec(&summary).unwrap_or_default();
        let body = ObjectBody::Bytes(json.into());
        self.on.objects.put(&export.object(), body, export.form.content_type()).await?;
        Ok(())
    }
}
