//! Messages, which WhatsApp forgets only when the owner has them.

use super::message::updates;
use super::secrets::Secrets;
use super::{People, Told};
use crate::barrier::Barrier;
use crate::event::SessionEvent;
use crate::handover::Handover;
use async_trait::async_trait;
use carteiro_core::chat::{ContactChange, Update};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use wacore::types::events::InboundMessage;
use whatsapp_rust::{Client, InboundDurabilityHook, anyhow};

/// How long the owner has to accept what was handed over. A whole batch after an absence can be some hundreds of messages.
const ACCEPT_LIMIT: Duration = Duration::from_secs(60);
/// How many names of businesses are remembered as told.
const MOST_NAMES: usize = 500;

/// Keeps WhatsApp from forgetting messages before the owner has accepted them.
///
/// What was not accepted closes the connection, over the next of which it comes again; until then nothing else is handed over,
/// which would overtake it.
pub(crate) struct HandOver {
    queue: UnboundedSender<Told>,
    secrets: Secrets,
    /// Of a session whose owner keeps anything at all.
    barrier: Option<Barrier>,
    /// The names of businesses that were told: they come with each of their messages.
    named: Mutex<HashSet<u64>>,
}

impl HandOver {
    pub(crate) fn new(queue: UnboundedSender<Told>, secrets: Secrets, barrier: Option<Barrier>) -> Self {
        Self { queue, secrets, barrier, named: Mutex::default() }
    }

    fn names(&self) -> MutexGuard<'_, HashSet<u64>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands for the name of a business, if an update is one.
fn name(update: &Update) -> Option<u64> {
    let Update::Contact(ContactChange { person, verified_name, .. }) = update else { return None };
    let mut hasher = DefaultHasher::new();
    (person, verified_name).hash(&mut hasher);
    Some(hasher.finish())
}

#[async_trait]
impl InboundDurabilityHook for HandOver {
    async fn on_messages(&self, client: Arc<Client>, batch: &[InboundMessage]) -> anyhow::Result<()> {
        if self.barrier.as_ref().is_some_and(Barrier::is_refused) {
            return Err(anyhow::anyhow!("what came before must come again first"));
        }
        let taken = self.hand_over(&client, batch).await;
        if let (Err(_), Some(barrier)) = (&taken, &self.barrier) {
            barrier.refuse();
            if !self.queue.is_closed() {
                // Not from here: it waits for the library to be done with these messages. It also waits some seconds before it
                // connects anew, so that an owner who takes nothing is not told the same over and over.
                tokio::spawn(async move { client.reconnect().await });
            }
        }
        taken
    }
}

impl HandOver {
    async fn hand_over(&self, client: &Arc<Client>, batch: &[InboundMessage]) -> anyhow::Result<()> {
        let mut people = People::of(client);
        for message in batch {
            people.hear(&message.info);
            self.secrets.remember(&message.info.id, &message.message);
        }
        let mapping =
            |people: &People| batch.iter().flat_map(|message| updates(message, people)).collect::<Vec<_>>();
        let mut updates = people.map(client, mapping).await;
        updates.retain(|update| name(update).is_none_or(|name| !self.names().contains(&name)));
        let names: Vec<u64> = updates.iter().filter_map(name).collect();
        if updates.is_empty() {
            return Ok(());
        }
        let (handover, accepted) = Handover::new();
        self.queue
            .send(SessionEvent::Updates { updates, handover }.into())
            .map_err(|_| anyhow::anyhow!("the session is over"))?;
        tokio::time::timeout(ACCEPT_LIMIT, accepted).await??;
        let mut told = self.names();
        if told.len() >= MOST_NAMES {
            told.clear();
        }
        told.extend(names);
        Ok(())
    }
}
