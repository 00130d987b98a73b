//! Older messages of a chat, which only the phone has.

use super::chat_jid;
use crate::history::Arrivals;
use carteiro_core::chat::{Address, Message};
use carteiro_core::query::{Answer, QueryFailure};
use std::sync::Arc;
use whatsapp_rust::Client;

/// Asks the phone for messages from before `oldest` and waits until they have come and were accepted: they are handed over as history
/// like any other.
pub(super) async fn more(
    client: &Arc<Client>,
    arrivals: &Arrivals,
    chat: &Address,
    oldest: Option<&Message>,
    count: u32,
) -> Result<Answer, QueryFailure> {
    // The phone wants to know from where on; of a chat of which nothing is known nothing can be asked for.
    let Some(oldest) = oldest else { return Err(QueryFailure::NotFound) };
    let wanted = chat_jid(client, chat).await?;
    let (id, at) = (oldest.key.id.as_str(), oldest.at.as_millisecond());
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    let asked = client.fetch_message_history(&wanted, id, oldest.key.from_me, at, count).await;
    let request = asked.map_err(|_| {
        if client.is_connected() { QueryFailure::Internal } else { QueryFailure::NotConnected }
    })?;
    let count = arrivals.of(&request).await.map_err(|_| QueryFailure::NotConnected)?;
    Ok(Answer::History { count })
}
