//! Polls.

use super::Said;
use carteiro_core::chat::Body;
use waproto::whatsapp::Message;

/// What a message that begins a poll says. Version 4 comes wrapped, as one of the others.
pub(super) fn said(message: &Message) -> Option<Said<'_>> {
    let versions = [
        &message.poll_creation_message,
        &message.poll_creation_message_v2,
        &message.poll_creation_message_v3,
        &message.poll_creation_message_v5,
        &message.poll_creation_message_v6,
    ];
    let poll = versions.into_iter().find_map(|version| version.as_option())?;
    let body = Body::Poll {
        question: poll.name.clone().unwrap_or_default(),
        options: poll.options.iter().map(|option| option.option_name.clone().unwrap_or_default()).collect(),
        selectable: poll.selectable_options_count.unwrap_or_default(),
    };
    Some(Said::new(body, &poll.context_info))
}

#[cfg(test)]
mod tests {
    use super::super::unwrapped;
    use super::*;
    use waproto::buffa::MessageField;
    use waproto::whatsapp::message::poll_creation_message::Option as Choice;
    use waproto::whatsapp::message::{FutureProofMessage, PollCreationMessage};

    #[test]
    fn every_version_of_a_poll_is_read() {
        let choice = |name: &str| Choice { option_name: Some(name.into()), ..Choice::default() };
        let poll = PollCreationMessage {
            name: Some("Pizza?".into()),
            options: vec![choice("Sim"), choice("Não")],
            selectable_options_count: Some(1),
            ..PollCreationMessage::default()
        };
        let poll = || MessageField::some(poll.clone());
        let expected = Body::Poll {
            question: "Pizza?".into(),
            options: vec!["Sim".into(), "Não".into()],
            selectable: 1,
        };
        let inner = Message { poll_creation_message_v3: poll(), ..Message::default() };
        let wrapped = FutureProofMessage { message: MessageField::some(inner) };
        for message in [
            Message { poll_creation_message: poll(), ..Message::default() },
            Message { poll_creation_message_v2: poll(), ..Message::default() },
            Message { poll_creation_message_v3: poll(), ..Message::default() },
            Message { poll_creation_message_v4: MessageField::some(wrapped), ..Message::default() },
            Message { poll_creation_message_v5: poll(), ..Message::default() },
            Message { poll_creation_message_v6: poll(), ..Message::default() },
        ] {
            assert_eq!(said(unwrapped(&message)).unwrap().body, expected);
        }
    }
}
