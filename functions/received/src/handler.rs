//! One message of the queue.

use carteiro_core::command::MediaReceived;
use carteiro_core::ports::Unavailable;
use carteiro_core::usecase::{KeepMedia, Kept};

/// Keeps a copy of a message's file, and tells what came of it. What cannot be had is no reason to come again.
pub(crate) async fn handle(keep: &KeepMedia, received: MediaReceived) -> Result<(), Unavailable> {
    let (number, message_id) = (received.number.masked(), received.key.id.as_str());
    match keep.keep(&received).await? {
        Kept::Stored(stored) => {
            tracing::info!(number, message_id, bytes = stored.length, "a copy is kept");
        }
        Kept::Nothing => tracing::info!(number, message_id, "nothing to do"),
        Kept::Lost(why) => tracing::warn!(number, message_id, %why, "no copy can be made"),
    }
    Ok(())
}
