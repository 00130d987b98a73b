//! Messages around messages.

use waproto::whatsapp::Message;

/// Deeper than WhatsApp ever nests them: device, ephemeral, view-once, edit, and one for the future.
const DEEPEST: usize = 8;

/// The message that is shown, without what tells how: seen once, disappearing, sent by another device, edited.
pub(crate) fn unwrapped(message: &Message) -> &Message {
    let mut message = message;
    for _ in 0..DEEPEST {
        match inner(message) {
            Some(inner) => message = inner,
            None => break,
        }
    }
    message
}

fn inner(message: &Message) -> Option<&Message> {
    if let Some(sent) = message.device_sent_message.as_option().and_then(|sent| sent.message.as_option()) {
        return Some(sent);
    }
    let wrappers = [
        &message.ephemeral_message,
        &message.view_once_message,
        &message.view_once_message_v2,
        &message.view_once_message_v2_extension,
        &message.document_with_caption_message,
        &message.edited_message,
        &message.lottie_sticker_message,
        &message.group_mentioned_message,
        &message.associated_child_message,
        &message.poll_creation_message_v4,
        &message.poll_creation_option_image_message,
        &message.bot_invoke_message,
        &message.bot_task_message,
        &message.bot_forwarded_message,
        &message.question_message,
        &message.question_reply_message,
        &message.spoiler_message,
        &message.event_cover_image,
        &message.status_add_yours,
        &message.group_status_message,
        &message.group_status_message_v2,
    ];
    wrappers.into_iter().find_map(|wrapper| wrapper.as_option()?.message.as_option())
}

#[cfg(test)]
mod tests {
    use super::*;
    use waproto::buffa::MessageField;
    use waproto::whatsapp::message::{DeviceSentMessage, FutureProofMessage};

    fn future(message: Message) -> MessageField<FutureProofMessage> {
        MessageField::some(FutureProofMessage { message: MessageField::some(message) })
    }

    #[test]
    fn wrappers_are_taken_off_in_any_order() {
        let text = Message { conversation: Some("oi".into()), ..Message::default() };
        let once = Message { view_once_message_v2: future(text.clone()), ..Message::default() };
        let ephemeral = Message { ephemeral_message: future(once), ..Message::default() };
        let sent =
            DeviceSentMessage { message: MessageField::some(ephemeral), ..DeviceSentMessage::default() };
        let sent = Message { device_sent_message: MessageField::some(sent), ..Message::default() };
        assert_eq!(unwrapped(&sent), &text);
        assert_eq!(unwrapped(&text), &text);
    }

    #[test]
    fn an_empty_wrapper_stays() {
        let empty = Message {
            ephemeral_message: MessageField::some(FutureProofMessage::default()),
            ..Message::default()
        };
        assert_eq!(unwrapped(&empty), &empty);
    }

    #[test]
    fn endless_wrappers_come_to_an_end() {
        let mut message = Message { conversation: Some("fundo".into()), ..Message::default() };
        for _ in 0..100 {
            message = Message { ephemeral_message: future(message), ..Message::default() };
        }
        assert!(unwrapped(&message).ephemeral_message.is_set());
    }
}
