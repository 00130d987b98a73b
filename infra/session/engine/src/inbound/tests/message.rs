use super::*;
use crate::inbound::message::{undecryptable, updates};
use carteiro_core::chat::{Ack, Body, Message, Update};
use jiff::Timestamp;
use std::sync::Arc;
use wacore::types::events::{DecryptFailMode, InboundMessage, UnavailableType, UndecryptableMessage};
use waproto::buffa::MessageField;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::{ExtendedTextMessage, ProtocolMessage, protocol_message::Type};

fn arrived(message: wa::Message, info: MessageInfo) -> Vec<Update> {
    let inbound = InboundMessage::builder().message(Arc::new(message)).info(Arc::new(info)).build();
    updates(&inbound, &people())
}

fn text(text: &str) -> wa::Message {
    wa::Message { conversation: Some(text.into()), ..wa::Message::default() }
}

fn shown(updates: &[Update]) -> &Message {
    let [Update::Message(message)] = updates else { panic!("{updates:?}") };
    message
}

#[test]
fn a_persons_message_is_kept_by_their_number_however_they_are_named() {
    for sender in [ANA, ANAS_LID, "901:7@lid"] {
        let updates = arrived(text("oi"), info(sender.replace(":7", "").as_str(), sender));
        let message = shown(&updates);
        assert_eq!(message.key, format!("false_{}_3EB0", at(ANA).v1()).parse().unwrap());
        assert_eq!((&message.author, message.with.as_ref()), (&ana(), Some(&ana())));
        assert_eq!(message.at, Timestamp::from_second(AT).unwrap());
        assert_eq!((message.ack, message.push_name.as_deref()), (Ack::Received, Some("Ana")));
    }
}

#[test]
fn whose_number_is_not_known_is_kept_by_their_lid() {
    let updates = arrived(text("oi"), info("777@lid", "777@lid"));
    assert_eq!(shown(&updates).key.chat, at("777@lid"));
}

#[test]
fn what_the_phone_wrote_is_of_the_number() {
    for (chat, sender) in [(ANA, ME), (ANAS_LID, MY_LID)] {
        let updates = arrived(text("oi"), info(chat, sender));
        let message = shown(&updates);
        assert_eq!(message.key, format!("true_{}_3EB0", at(ANA).v1()).parse().unwrap());
        assert_eq!((message.author.address(), message.ack), (&at(ME), Ack::Sent));
        assert_eq!(message.with, Some(ana()));
    }
}

#[test]
fn in_a_group_the_author_is_named() {
    let updates = arrived(text("oi"), info(GROUP, ANAS_LID));
    let message = shown(&updates);
    assert_eq!((&message.key.chat, message.key.participant.as_ref()), (&at(GROUP), Some(&at(ANA))));
    assert_eq!((&message.author, &message.with), (&ana(), &None));
    let mine = arrived(text("oi"), info(GROUP, MY_LID));
    assert_eq!((shown(&mine).key.from_me, &shown(&mine).key.participant), (true, &None));
}

#[test]
fn statuses_are_kept_as_what_they_are() {
    let updates = arrived(text("bom dia"), info("status@broadcast", ANA));
    assert!(shown(&updates).key.chat.is_statuses());
    assert_eq!(shown(&updates).key.participant, Some(at(ANA)));
}

#[test]
fn what_a_bot_writes_has_no_place() {
    assert_eq!(arrived(text("oi"), info("1@bot", "1@bot")), []);
}

#[test]
fn what_the_protocol_says_shows_nothing() {
    for kind in [Type::EPHEMERAL_SETTING, Type::HISTORY_SYNC_NOTIFICATION, Type::APP_STATE_SYNC_KEY_SHARE] {
        let protocol = ProtocolMessage { r#type: Some(kind), ..ProtocolMessage::default() };
        let message =
            wa::Message { protocol_message: MessageField::some(protocol), ..wa::Message::default() };
        assert_eq!(arrived(message, info(ANA, ANA)), []);
    }
    assert_eq!(arrived(wa::Message::default(), info(ANA, ANA)), []);
}

#[test]
fn an_answer_names_what_it_answers() {
    let context = wa::ContextInfo {
        stanza_id: Some("3EB1".into()),
        participant: Some(MY_LID.into()),
        quoted_message: MessageField::some(text("oi?")),
        is_forwarded: Some(true),
        ..wa::ContextInfo::default()
    };
    let answer = ExtendedTextMessage {
        text: Some("oi!".into()),
        context_info: MessageField::some(context),
        ..ExtendedTextMessage::default()
    };
    let answer = wa::Message { extended_text_message: MessageField::some(answer), ..wa::Message::default() };
    let updates = arrived(answer.clone(), info(ANA, ANA));
    let message = shown(&updates);
    let quoted = message.quoted.clone().unwrap();
    assert_eq!(quoted.key, format!("true_{}_3EB1", at(ANA).v1()).parse().unwrap());
    assert_eq!(quoted.body.as_deref(), Some(&Body::Text { text: "oi?".into() }));
    assert!(message.forwarded);
    let grouped = arrived(answer, info(GROUP, ANA));
    assert_eq!(shown(&grouped).quoted.clone().unwrap().key.chat, at(GROUP));
}

#[test]
fn a_business_is_named_by_what_whatsapp_has_verified() {
    let verified = wacore::stanza::business::VerifiedName {
        name: Some("Padaria".into()),
        serial: None,
        issuer: None,
        certificate: None,
    };
    let info = MessageInfo { verified_name: Some(Box::new(verified)), ..info(ANA, ANA) };
    let updates = arrived(text("oi"), info);
    let [Update::Message(_), Update::Contact(change)] = updates.as_slice() else { panic!("{updates:?}") };
    assert_eq!((&change.person, change.verified_name.as_deref()), (&ana(), Some("Padaria")));
}

#[test]
fn what_cannot_be_read_is_a_ciphertext_unless_it_shows_nothing() {
    let event = |mode| {
        UndecryptableMessage::builder()
            .info(Arc::new(info(ANA, ANA)))
            .is_unavailable(false)
            .unavailable_type(UnavailableType::Unknown)
            .decrypt_fail_mode(mode)
            .build()
    };
    let shown = undecryptable(&event(DecryptFailMode::Show), &people());
    let Some(Update::Message(message)) = shown else { panic!("{shown:?}") };
    let readable = arrived(text("oi"), info(ANA, ANA));
    assert_eq!((&message.body, &message.key), (&Body::Ciphertext, &self::shown(&readable).key));
    assert_eq!(undecryptable(&event(DecryptFailMode::Hide), &people()), None);
}
