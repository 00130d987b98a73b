//! One message of the queue.

use crate::notice::{NoEvent, Notice, Notification};
use carteiro_core::ports::Unavailable;
use carteiro_core::usecase::{NoteReturnedMail, ReturnedTo};

/// Why a message must come again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// It is not understood; it ends in the dead-letter queue, for somebody to look at.
    #[error(transparent)]
    NoEvent(#[from] NoEvent),
    /// The table failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Notes with its tenant that mail came back for good, and logs the rest. Addresses are masked in the log.
pub(crate) async fn handle(note: &NoteReturnedMail, notification: Notification) -> Result<(), Failed> {
    match Notice::read(&notification.message)? {
        Notice::Returned { returned, addresses, kind } => {
            for email in &addresses {
                match note.note(email, returned).await? {
                    ReturnedTo::Tenant(tenant) => {
                        tracing::warn!(?email, %kind, tenant_id = %tenant, "mail to a tenant came back");
                    }
                    ReturnedTo::Nobody => tracing::warn!(?email, %kind, "mail to nobody here came back"),
                }
            }
        }
        Notice::Passing { kind } => tracing::warn!(%kind, "mail did not arrive this time"),
        Notice::Trial => tracing::info!("SES tries the topic"),
    }
    Ok(())
}
