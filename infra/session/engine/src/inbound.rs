//! Incoming texts on their way to the owner.

use crate::address::WhatsAppAddress;
use crate::event::{Handover, IncomingText, SessionEvent};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use wacore::proto_helpers::MessageExt;
use wacore::types::events::InboundMessage;
use whatsapp_rust::{Client, InboundDurabilityHook, anyhow};

/// How long the owner has to accept a text. A whole batch after an absence can be some hundreds of texts.
const ACCEPT_LIMIT: Duration = Duration::from_secs(60);

/// Keeps WhatsApp from forgetting a text before the owner has accepted it.
pub(crate) struct HandOver {
    pub(crate) queue: UnboundedSender<SessionEvent>,
}

#[async_trait]
impl InboundDurabilityHook for HandOver {
    async fn on_messages(&self, _client: Arc<Client>, batch: &[InboundMessage]) -> anyhow::Result<()> {
        let mut awaited = Vec::new();
        for text in batch.iter().filter_map(incoming_text) {
            let (handover, accepted) = Handover::new();
            self.queue
                .send(SessionEvent::Incoming { text, handover })
                .map_err(|_| anyhow::anyhow!("the session is over"))?;
            awaited.push(accepted);
        }
        let all = async {
            for accepted in awaited {
                accepted.await?;
            }
            Ok::<(), anyhow::Error>(())
        };
        tokio::time::timeout(ACCEPT_LIMIT, all).await?
    }
}

/// The text in a message, unless it is not a text, or one of the number's own.
pub(crate) fn incoming_text(inbound: &InboundMessage) -> Option<IncomingText> {
    let info = &inbound.info;
    let text = inbound.message.text_content()?.to_owned();
    if info.source.is_from_me {
        return None;
    }
    let sender = &info.source.sender;
    let phone = [Some(sender), info.source.sender_alt.as_ref()].into_iter().flatten().find(|jid| jid.is_pn());
    Some(IncomingText {
        id: info.id.clone(),
        chat: WhatsAppAddress::of_jid(&info.source.chat),
        from: WhatsAppAddress::of_jid(sender),
        phone: phone.and_then(|jid| jid.user.parse().ok()),
        push_name: info.push_name.clone(),
        text,
        at: Timestamp::from_second(info.timestamp.timestamp()).unwrap_or(Timestamp::UNIX_EPOCH),
    })
}
