//! Whether people are online.

use super::{chat_jid, jid};
use carteiro_core::chat::Address;
use carteiro_core::query::{Answer, QueryFailure};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use wacore::types::events::{Event, EventHandler, EventInterest, EventKind};
use wacore_binary::Jid;
use whatsapp_rust::Client;

/// How long WhatsApp may take to tell someone's presence. It says nothing of people who hide it.
const LONGEST: Duration = Duration::from_secs(3);
/// How long the courtesy at the end may take.
const COURTESY: Duration = Duration::from_secs(5);

/// How many of a session's questions look for someone's presence now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Onlookers(Arc<AtomicUsize>);

/// Asks for a person's presence and waits for it a while; who says nothing is not online, as far as can be known.
///
/// WhatsApp tells the presence of others only to whoever shows their own: for as long as it takes, the account is shown as online.
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
    let _shown = Shown::begin(client, onlookers).await;
    if client.presence().subscribe(wanted.clone()).await.is_err() {
        return Err(QueryFailure::NotConnected);
    }
    let online = timeout(LONGEST, telling.recv()).await.ok().flatten().unwrap_or(false);
    // Else the library asks for it again after each reconnection.
    let _ = client.presence().unsubscribe(&wanted).await;
    Ok(Answer::Online { online })
}

/// The account is shown as online while there is one of these.
struct Shown {
    client: Arc<Client>,
    onlookers: Onlookers,
}

impl Shown {
    async fn begin(client: &Arc<Client>, onlookers: &Onlookers) -> Self {
        onlookers.0.fetch_add(1, Ordering::AcqRel);
        let shown = Self { client: client.clone(), onlookers: onlookers.clone() };
        if client.presence().set_available().await.is_err() {
            tracing::debug!("the account could not be shown as online; nobody's presence may be told");
        }
        shown
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if self.onlookers.0.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let (client, onlookers) = (self.client.clone(), self.onlookers.clone());
        tokio::spawn(async move {
            if onlookers.0.load(Ordering::Acquire) == 0 {
                let _ = timeout(COURTESY, client.presence().set_unavailable()).await;
            }
        });
    }
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
