//! Where reports that are written in the background are kept, and the queue of them.

use super::Unavailable;
use crate::ids::ExportId;
use crate::report::Export;
use async_trait::async_trait;
use std::time::Duration;

/// Exports: reports that are written in the background.
#[async_trait]
pub trait Exports: Send + Sync + 'static {
    /// Stores a new export, unless there is one of its id: that one is answered then, unchanged.
    async fn create(&self, export: &Export) -> Result<Option<Export>, Unavailable>;

    /// One export (strongly consistent).
    async fn find(&self, id: ExportId) -> Result<Option<Export>, Unavailable>;

    /// Stores an export in place of the one that it was made of, and counts its revision on. `false`, and no change, when
    /// another has saved it since.
    async fn save(&self, export: &mut Export) -> Result<bool, Unavailable>;
}

/// The queue of exports that are to be written.
#[async_trait]
pub trait ExportQueue: Send + Sync + 'static {
    /// Puts an export in line, to come out after `delay` (15 minutes at most) or later. It may come out more than once.
    async fn push(&self, id: ExportId, delay: Duration) -> Result<(), Unavailable>;
}
