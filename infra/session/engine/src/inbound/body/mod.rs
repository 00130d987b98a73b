//! What a message says, in the words of the chats.
//!
//! Only what is kept is read: no thumbnail, no preview, no button. Each family of messages has a file of its own.

mod card;
mod dialog;
mod file;
mod place;
mod poll;
mod wrapper;

pub(crate) use wrapper::unwrapped;

use carteiro_core::chat::Body;
use waproto::buffa::MessageField;
use waproto::whatsapp::{ContextInfo, Message};

/// What a message says, and in which context.
pub(crate) struct Said<'a> {
    pub(crate) body: Body,
    pub(crate) context: Option<&'a ContextInfo>,
}

impl<'a> Said<'a> {
    fn new(body: Body, context: &'a MessageField<ContextInfo>) -> Self {
        Self { body, context: context.as_option() }
    }
}

/// What an unwrapped message says; `None` for what shows nothing in a chat, such as votes, pins and keys. Reactions, edits and
/// revocations are not looked at here.
pub(crate) fn said(message: &Message) -> Option<Said<'_>> {
    text(message)
        .or_else(|| file::said(message))
        .or_else(|| place::said(message))
        .or_else(|| card::said(message))
        .or_else(|| poll::said(message))
        .or_else(|| dialog::said(message))
        .or_else(|| other(message))
}

fn text(message: &Message) -> Option<Said<'_>> {
    if let Some(long) = message.extended_text_message.as_option() {
        let text = long.text.clone().unwrap_or_default();
        return Some(Said::new(Body::Text { text }, &long.context_info));
    }
    let text = message.conversation.clone().filter(|text| !text.is_empty())?;
    Some(Said { body: Body::Text { text }, context: None })
}

/// What WhatsApp shows as a message and what has no body of its own here.
fn other(message: &Message) -> Option<Said<'_>> {
    let said = |kind: &str, context| Some(Said { body: Body::Other { kind: kind.to_owned() }, context });
    if let Some(invite) = message.group_invite_message.as_option() {
        return said("group_invite", invite.context_info.as_option());
    }
    if let Some(product) = message.product_message.as_option() {
        return said("product", product.context_info.as_option());
    }
    if let Some(order) = message.order_message.as_option() {
        return said("order", order.context_info.as_option());
    }
    if let Some(event) = message.event_message.as_option() {
        return said("event", event.context_info.as_option());
    }
    if let Some(album) = message.album_message.as_option() {
        return said("album", album.context_info.as_option());
    }
    let kinds = [
        (message.sticker_pack_message.is_set(), "sticker_pack"),
        (message.call_log_messsage.is_set(), "call_log"),
        (message.scheduled_call_creation_message.is_set(), "scheduled_call"),
        (message.send_payment_message.is_set(), "payment"),
        (message.request_payment_message.is_set(), "payment_request"),
        (message.payment_invite_message.is_set(), "payment_invite"),
        (message.invoice_message.is_set(), "invoice"),
        (message.poll_result_snapshot_message.is_set(), "poll_result"),
        (message.poll_result_snapshot_message_v3.is_set(), "poll_result"),
        (message.newsletter_admin_invite_message.is_set(), "channel_invite"),
        (message.newsletter_follower_invite_message_v2.is_set(), "channel_invite"),
        (message.event_invite_message.is_set(), "event_invite"),
        (message.request_phone_number_message.is_set(), "phone_number_request"),
        (message.rich_response_message.is_set(), "rich_response"),
        // A business asked WhatsApp to show it on the phone alone.
        (message.placeholder_message.is_set(), "on_phone_only"),
    ];
    kinds.into_iter().find(|(is, _)| *is).and_then(|(_, kind)| said(kind, None))
}

/// The text or the caption of a body.
pub(crate) fn text_of(body: &Body) -> Option<&str> {
    match body {
        Body::Text { text } => Some(text),
        Body::Media(file) => file.caption.as_deref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waproto::whatsapp::message::{ExtendedTextMessage, OrderMessage, PollUpdateMessage};

    fn some<T: Default>(value: T) -> MessageField<T> {
        MessageField::some(value)
    }

    #[test]
    fn a_text_is_read_in_both_forms() {
        let short = Message { conversation: Some("oi".into()), ..Message::default() };
        let long = ExtendedTextMessage {
            text: Some("oi".into()),
            context_info: some(ContextInfo { is_forwarded: Some(true), ..ContextInfo::default() }),
            ..ExtendedTextMessage::default()
        };
        let long = Message { extended_text_message: some(long), ..Message::default() };
        for message in [&short, &long] {
            assert_eq!(said(message).unwrap().body, Body::Text { text: "oi".into() });
        }
        assert!(said(&short).unwrap().context.is_none());
        assert_eq!(said(&long).unwrap().context.unwrap().is_forwarded, Some(true));
    }

    #[test]
    fn what_is_no_message_says_nothing() {
        let vote = Message { poll_update_message: some(PollUpdateMessage::default()), ..Message::default() };
        for message in [Message::default(), vote] {
            assert!(said(&message).is_none());
        }
    }

    #[test]
    fn what_has_no_body_here_is_named() {
        let order = Message { order_message: some(OrderMessage::default()), ..Message::default() };
        assert_eq!(said(&order).unwrap().body, Body::Other { kind: "order".into() });
    }
}
