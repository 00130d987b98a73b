//! Has a report written in the background.

use super::Report;
use crate::error::Problem;
use crate::report::{Export, ExportForm, ExportState, Progress, Subject};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::time::Duration;

/// After how long an export that nobody has begun is put in line again: whoever made it may have ended before it did so.
const OVERDUE: SignedDuration = SignedDuration::from_secs(60);

impl Report {
    /// The export of the same that was asked for just now, unless it failed.
    pub(super) async fn under_way(
        &self,
        subject: &Subject,
        zone: &TimeZone,
        form: ExportForm,
    ) -> Result<Option<Box<Export>>, Problem> {
        let id = Export::id_of(subject, zone, form, self.clock.now());
        let Some(export) = self.exports.find(id).await? else { return Ok(None) };
        if export.state.failure().is_some() {
            return Ok(None);
        }
        if export.state == ExportState::Queued && self.clock.now() >= export.created_at + OVERDUE {
            self.queue.push(id, Duration::ZERO).await?;
        }
        Ok(Some(Box::new(export)))
    }

    /// Makes an export that begins with what was done of it, and puts it in line.
    pub(super) async fn order(
        &self,
        subject: Subject,
        zone: &TimeZone,
        form: ExportForm,
        progress: Progress,
    ) -> Result<Box<Export>, Problem> {
        let now = self.clock.now();
        let id = Export::id_of(&subject, zone, form, now);
        let mut export = Export { progress, ..Export::new(id, subject, zone.clone(), form, now) };
        if let Some(existing) = self.exports.create(&export).await? {
            if existing.state.failure().is_none() {
                return Ok(Box::new(existing));
            }
            // One that failed is begun anew. If another does so at the same time, it is the same.
            export.revision = existing.revision;
            self.exports.save(&mut export).await?;
        }
        self.queue.push(id, Duration::ZERO).await?;
        Ok(Box::new(export))
    }
}
