//! Sends as the messages that they become.

use super::Actor;
use carteiro_core::chat::{Ack, Address, Body, Message, MessageKey, Person};
use carteiro_core::ids::SendId;
use carteiro_core::ports::Unavailable;
use carteiro_core::send::{Content, Failure, Forward, Send};
use carteiro_engine::{UploadedFile, WhatsAppAddress};

/// What a send needs to be written beside what stands in it.
pub(super) enum Original {
    /// Nothing.
    None,
    /// The message that is sent on.
    Of(Box<Message>),
    /// It cannot be sent.
    Lacking(Failure),
}

impl Actor {
    /// Reads the message that a send sends on, if it does.
    pub(super) async fn original(&self, send: &Send) -> Result<Original, Unavailable> {
        let Content::Forward(forward) = &send.content else { return Ok(Original::None) };
        Ok(match self.shared.reader.message(&self.number, &forward.key).await? {
            None => Original::Lacking(Failure::ForwardGone),
            // It may have been deleted for everyone since it was accepted.
            Some(message) if Forward::of(&message).is_none() => {
                Original::Lacking(Failure::ForwardUnsupported)
            }
            Some(message) => Original::Of(Box::new(message)),
        })
    }

    /// Whether there are chats for what is sent: of a number that is removed, or was never linked, nothing is kept.
    pub(super) fn keeps_chats(&self) -> bool {
        self.removed.is_none() && self.inbox.has_owner()
    }

    /// The message that a send is, is on the wire.
    pub(super) fn record_written(&mut self, id: SendId) {
        if let Some(message) = self.line.get_mut(id).and_then(|entry| entry.message.take()) {
            self.record_sent(*message);
        }
    }

    /// A send that came as far as `ack` may have been written by a task that ended before it had stored the message that it became,
    /// or had told how far that is.
    pub(super) async fn record_sent_before(&mut self, send: &Send, ack: Ack) -> Result<(), Unavailable> {
        if !self.keeps_chats() {
            return Ok(());
        }
        let original = self.original(send).await?;
        let to = send.resolved_to.as_ref().and_then(|to| to.parse().ok());
        let written = to.and_then(|to| self.message_of(send, &to, None, &original));
        self.record_sent(written.unwrap_or_else(|| self.unwritten(send)));
        self.inbox.moved(&send.id.message_id(), ack);
        Ok(())
    }

    /// The message that a send is, once it is on the wire: it waits for WhatsApp's acknowledgement.
    pub(super) fn message_of(
        &self,
        send: &Send,
        to: &WhatsAppAddress,
        file: Option<&UploadedFile>,
        original: &Original,
    ) -> Option<Message> {
        let body = match (&send.content, original) {
            (Content::File(_), _) => file?.body()?,
            (Content::Forward(_), Original::None | Original::Lacking(_)) => return None,
            (content, Original::Of(message)) => content.body(Some(&message.body)),
            (content, Original::None | Original::Lacking(_)) => content.body(None),
        };
        Some(self.message(send, to.to_string().parse().ok()?, body))
    }

    /// The message of a send of which only what was asked for is known: it was not written, or not by this task.
    pub(super) fn unwritten(&self, send: &Send) -> Message {
        let resolved = send.resolved_to.as_ref().and_then(|to| to.parse().ok());
        self.message(send, resolved.unwrap_or_else(|| send.to.address()), send.content.body(None))
    }

    fn message(&self, send: &Send, chat: Address, body: Body) -> Message {
        Message {
            key: MessageKey::ours(chat.clone(), send.id.message_id()),
            at: self.shared.clock.now(),
            author: Person::from(Address::of_phone(&self.number)),
            push_name: None,
            with: chat.is_person().then(|| Person::from(chat)),
            ack: Ack::Pending,
            body,
            quoted: None,
            forwarded: matches!(send.content, Content::Forward(_)),
            edited_at: None,
        }
    }
}
