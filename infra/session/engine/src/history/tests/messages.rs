use super::*;
use crate::history::conversation::found;
use carteiro_core::chat::{Ack, Body, Message};
use jiff::Timestamp;
use waproto::whatsapp::message::{FutureProofMessage, ProtocolMessage, protocol_message::Type};
use waproto::whatsapp::web_message_info::{Status, StubType};
use waproto::whatsapp::{Reaction, WebMessageInfo};

fn read(chat: &str, message: WebMessageInfo) -> Vec<Message> {
    found(&conversation(chat, vec![message]), &people()).unwrap().messages
}

#[test]
fn a_message_has_its_author_and_how_far_it_came() {
    for (from_me, status, ack) in [
        (false, None, Ack::Received),
        (false, Some(Status::READ), Ack::Read),
        (true, Some(Status::ERROR), Ack::Failed),
        (true, Some(Status::PENDING), Ack::Pending),
        (true, Some(Status::SERVER_ACK), Ack::Sent),
        (true, Some(Status::DELIVERY_ACK), Ack::Received),
        (true, Some(Status::READ), Ack::Read),
        (true, Some(Status::PLAYED), Ack::Played),
    ] {
        let messages = read(ANA, WebMessageInfo { status, ..told("3EB0", from_me, None) });
        let author = if from_me { ME } else { ANA };
        assert_eq!((messages[0].ack, messages[0].author.address()), (ack, &at(author)), "{status:?}");
        assert_eq!(messages[0].at, Timestamp::from_second(AT as i64).unwrap());
        assert_eq!(messages[0].body, Body::Text { text: "oi".into() });
    }
}

#[test]
fn in_a_group_the_author_is_a_member() {
    let message = &read(GROUP, told("3EB0", false, Some(ANA)))[0];
    assert_eq!((message.author.address(), message.key.participant.as_ref()), (&at(ANA), Some(&at(ANA))));
    assert_eq!(message.with, None);
}

#[test]
fn what_was_deleted_or_never_read_is_told_and_what_is_no_message_is_not() {
    let stub = |stub| WebMessageInfo {
        message: MessageField::none(),
        message_stub_type: Some(stub),
        ..told("3EB0", false, None)
    };
    assert_eq!(read(ANA, stub(StubType::REVOKE))[0].body, Body::Revoked);
    assert_eq!(read(ANA, stub(StubType::CIPHERTEXT))[0].body, Body::Ciphertext);
    assert!(read(GROUP, stub(StubType::GROUP_PARTICIPANT_ADD)).is_empty());
    assert!(read(ANA, WebMessageInfo { message_timestamp: None, ..told("3EB0", false, None) }).is_empty());
}

#[test]
fn an_edited_message_says_what_it_says_now() {
    let edit = |of: &str| {
        let protocol = ProtocolMessage {
            key: MessageField::some(MessageKey { id: Some(of.into()), ..MessageKey::default() }),
            r#type: Some(Type::MESSAGE_EDIT),
            edited_message: told("x", false, None).message,
            timestamp_ms: Some(1_760_000_100_000),
            ..ProtocolMessage::default()
        };
        let inner = wa::Message { protocol_message: MessageField::some(protocol), ..wa::Message::default() };
        let wrapper = FutureProofMessage { message: MessageField::some(inner) };
        let message = wa::Message { edited_message: MessageField::some(wrapper), ..wa::Message::default() };
        WebMessageInfo { message: MessageField::some(message), ..told("3EB0", false, None) }
    };
    let message = &read(ANA, edit("3EB0"))[0];
    assert_eq!(message.body, Body::Text { text: "oi".into() });
    assert_eq!(message.edited_at, Some(Timestamp::from_second(1_760_000_100).unwrap()));
    assert!(read(ANA, edit("another")).is_empty());
}

#[test]
fn what_no_key_can_name_is_left_out() {
    let long = "A".repeat(2_000);
    assert_eq!(read(ANA, told(&long, false, None)), []);
    let reaction =
        Reaction { key: told(&long, false, None).key, text: Some("👍".into()), ..Reaction::default() };
    assert_eq!(read(ANA, WebMessageInfo { reactions: vec![reaction], ..told("3EB0", false, None) }).len(), 1);
}

#[test]
fn reactions_are_messages_of_their_own() {
    let reaction = |from_me, participant: Option<&str>| Reaction {
        key: told("3EB1", from_me, participant).key,
        text: Some("👍".into()),
        sender_timestamp_ms: Some(1_760_000_050_000),
        ..Reaction::default()
    };
    let messages = read(
        GROUP,
        WebMessageInfo {
            reactions: vec![reaction(true, None), reaction(false, Some(ANA))],
            ..told("3EB0", false, Some(ANA))
        },
    );
    let [message, mine, anas] = messages.as_slice() else { panic!("{messages:?}") };
    for (reaction, author) in [(mine, ME), (anas, ANA)] {
        let expected = Body::Reaction { target: message.key.clone(), emoji: Some("👍".into()) };
        assert_eq!((&reaction.body, reaction.author.address()), (&expected, &at(author)));
        assert_eq!(reaction.at, Timestamp::from_second(1_760_000_050).unwrap());
    }
    assert!(mine.key.from_me && !anas.key.from_me);
}
