//! Shows recipients that somebody types.

use super::{Actor, Setback};
use carteiro_core::pacing::typing_time;
use carteiro_core::send::{Content, Send};
use carteiro_engine::WhatsAppAddress;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// For how long a recipient may be shown that somebody types, at most.
const TYPING: Duration = Duration::from_secs(2);

impl Actor {
    /// Shows a person that somebody types, for as long as that takes, where the number does so.
    pub(super) async fn type_first(&mut self, send: &Send, to: &WhatsAppAddress) -> Result<(), Setback> {
        let Content::Text(text) = &send.content else { return Ok(()) };
        if !self.paced.shows_typing() || to.is_group() {
            return Ok(());
        }
        let typed = typing_time(text.as_str());
        let Some(entry) = self.line.get_mut(send.id).filter(|entry| entry.tries == 0) else { return Ok(()) };
        let begins = entry.typed_at.is_none();
        let done = *entry.typed_at.get_or_insert(Instant::now() + typed);
        if begins && let Some(live) = &self.live {
            // That it was not shown keeps no message back.
            let _ = timeout(TYPING, live.connection.show_typing(to)).await;
        }
        match done.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            Some(left) => {
                self.paced.wait_until(done);
                Err(Setback::Later(left))
            }
            None => Ok(()),
        }
    }
}
