//! Whether people are online.

use super::{Onlookers, chat_jid, jid};
use carteiro_core::chat::Address;
use carteiro_core::query::{Answer, QueryFailure};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use wacore::types::events::{Event, EventHandler, EventInterest, EventKind};
use wacore_binary::Jid;
use whatsapp_rust::Client;

/// How long WhatsApp may take to tell someone's presence. It says nothing of people who hide it.
const LONGEST: Duration = Duration::from_secs(3);

/// Asks for a person's presence and waits for it a while; who says nothing is not online, as far as can be known.
pub(super) async fn is_online(
    client: &Arc<Client>,
    onlookers: &Onlookers,
    who: &Address,
) -> Result<Answer, QueryFailure> {
    if !who.is_person() {
        return Err(QueryFailure::NotFound);
    }
    let names = [chat_jid(client, who).await?, jid(who)?];
    let wanted = names[0].clone();
    let (told, mut telling) = mpsc::unbounded_channel();
    let watch = Arc::new(Watch { names, told });
    let _listening = client.subscribe(EventInterest::of(&[EventKind::Presence]), watch);
    let _shown = onlookers.appear_online(client).await;
    if client.presence().subscribe(wanted.clone()).await.is_err() {
        return Err(QueryFailure::NotConnected);
    }
    let online = timeout(LONGEST, telling.recv()).await.ok().flatten().unwrap_or(false);
    // Else the library asks for it again after each reconnection.
    let _ = client.presence().unsubscribe(&wanted).await;
    Ok(Answer::Online { online })
}

/// Hears of one person's presence.
struct Watch {
    /// Their addresses.
    names: [Jid; 2],
    told: mpsc::UnboundedSender<bool>,
}

impl EventHandler for Watch {
    fn handle_event(&self, event: Arc<Event>) {
        if let Event::Presence(presence) = &*event
            && self.names.iter().any(|name| name.is_same_chat_as(&presence.from))
        {
            let _ = self.told.send(!presence.unavailable);
        }
    }

    fn interest(&self) -> EventInterest {
        EventInterest::of(&[EventKind::Presence])
    }
}
