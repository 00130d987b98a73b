//! Messages, which WhatsApp forgets only when the owner has them.

use super::message::updates;
use super::{People, Told};
use crate::event::{Handover, SessionEvent};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use wacore::types::events::InboundMessage;
use whatsapp_rust::{Client, InboundDurabilityHook, anyhow};

/// How long the owner has to accept what was handed over. A whole batch after an absence can be some hundreds of messages.
const ACCEPT_LIMIT: Duration = Duration::from_secs(60);

/// Keeps WhatsApp from forgetting messages before the owner has accepted them.
pub(crate) struct HandOver {
    pub(crate) queue: UnboundedSender<Told>,
}

#[async_trait]
impl InboundDurabilityHook for HandOver {
    async fn on_messages(&self, client: Arc<Client>, batch: &[InboundMessage]) -> anyhow::Result<()> {
        let mut people = People::of(&client);
        batch.iter().for_each(|message| people.hear(&message.info));
        let updates = people.map(&client, |people| {
            batch.iter().flat_map(|message| updates(message, people)).collect::<Vec<_>>()
        });
        let updates = updates.await;
        if updates.is_empty() {
            return Ok(());
        }
        let (handover, accepted) = Handover::new();
        self.queue
            .send(SessionEvent::Updates { updates, handover }.into())
            .map_err(|_| anyhow::anyhow!("the session is over"))?;
        Ok(tokio::time::timeout(ACCEPT_LIMIT, accepted).await??)
    }
}
