//! Older messages of a chat, which only the phone has.

use super::{chat_jid, jid};
use carteiro_core::chat::{Address, Message};
use carteiro_core::query::{Answer, QueryFailure};
use std::sync::Arc;
use tokio::sync::mpsc;
use wacore::types::events::{Event, EventHandler, EventInterest, EventKind};
use waproto::whatsapp::history_sync::HistorySyncType;
use whatsapp_rust::Client;

/// Asks the phone for messages from before `oldest` and waits until they have come; they are handed over as history like any other.
/// The answer counts them, before they are stored.
pub(super) async fn more(
    client: &Arc<Client>,
    chat: &Address,
    oldest: Option<&Message>,
    count: u32,
) -> Result<Answer, QueryFailure> {
    // The phone wants to know from where on; of a chat of which nothing is known nothing can be asked for.
    let Some(oldest) = oldest else { return Err(QueryFailure::NotFound) };
    let names = [chat_jid(client, chat).await?.to_string(), jid(chat)?.to_string()];
    let (came, mut coming) = mpsc::unbounded_channel();
    let interest = EventInterest::of(&[EventKind::HistorySync]);
    let _listening = client.subscribe(interest, Arc::new(OnDemand { names: names.clone(), came }));
    let (id, at) = (oldest.key.id.as_str(), oldest.at.as_millisecond());
    let wanted = names[0].parse().map_err(|_| QueryFailure::NotFound)?;
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    let asked = client.fetch_message_history(&wanted, id, oldest.key.from_me, at, count).await;
    let request = asked.map_err(|_| {
        if client.is_connected() { QueryFailure::Internal } else { QueryFailure::NotConnected }
    })?;
    while let Some(part) = coming.recv().await {
        if part.request.is_none_or(|of| of == request) {
            return Ok(Answer::History { count: part.count });
        }
    }
    Err(QueryFailure::NotConnected)
}

/// A part of history that the phone was asked for.
struct Part {
    /// By which request, where it says so.
    request: Option<String>,
    /// How many messages of the chat are in it.
    count: u32,
}

/// Hears of history that the phone was asked for.
struct OnDemand {
    /// The chat's addresses.
    names: [String; 2],
    came: mpsc::UnboundedSender<Part>,
}

impl EventHandler for OnDemand {
    fn handle_event(&self, event: Arc<Event>) {
        let Event::HistorySync(history) = &*event else { return };
        if history.sync_type() != HistorySyncType::ON_DEMAND as i32 {
            return;
        }
        // At most some dozen messages, so that it may be read here.
        let Some(read) = history.get() else { return };
        let of_chat = read.conversations.iter().filter(|conversation| self.names.contains(&conversation.id));
        let count: usize = of_chat.map(|conversation| conversation.messages.len()).sum();
        let request = history.peer_data_request_session_id().map(str::to_owned);
        let _ = self.came.send(Part { request, count: u32::try_from(count).unwrap_or(u32::MAX) });
    }

    fn interest(&self) -> EventInterest {
        EventInterest::of(&[EventKind::HistorySync])
    }
}
