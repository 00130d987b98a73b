//! Reactions, edits and revocations, which name another message.

use super::*;
use crate::inbound::message::updates;
use carteiro_core::chat::{Body, MessageKey, Update};
use jiff::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;
use wacore::types::events::InboundMessage;
use waproto::buffa::MessageField;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::{
    ExtendedTextMessage, FutureProofMessage, ImageMessage, ProtocolMessage, ReactionMessage,
    protocol_message::Type,
};

fn named(from_me: bool, participant: Option<&str>) -> MessageField<wa::MessageKey> {
    named_by("3EB1", from_me, participant)
}

fn named_by(id: &str, from_me: bool, participant: Option<&str>) -> MessageField<wa::MessageKey> {
    MessageField::some(wa::MessageKey {
        remote_jid: Some("is not looked at".into()),
        from_me: Some(from_me),
        id: Some(id.into()),
        participant: participant.map(Into::into),
    })
}

fn reaction(key: MessageField<wa::MessageKey>, emoji: &str) -> wa::Message {
    let reaction = ReactionMessage { key, text: Some(emoji.into()), ..ReactionMessage::default() };
    wa::Message { reaction_message: MessageField::some(reaction), ..wa::Message::default() }
}

fn revoked(key: MessageField<wa::MessageKey>) -> wa::Message {
    let protocol = ProtocolMessage { key, r#type: Some(Type::REVOKE), ..ProtocolMessage::default() };
    wa::Message { protocol_message: MessageField::some(protocol), ..wa::Message::default() }
}

fn edited(to: wa::Message) -> wa::Message {
    edited_by(named(true, None), to)
}

fn edited_by(key: MessageField<wa::MessageKey>, to: wa::Message) -> wa::Message {
    let protocol = ProtocolMessage {
        key,
        r#type: Some(Type::MESSAGE_EDIT),
        edited_message: MessageField::some(to),
        ..ProtocolMessage::default()
    };
    let inner = wa::Message { protocol_message: MessageField::some(protocol), ..wa::Message::default() };
    let wrapper = FutureProofMessage { message: MessageField::some(inner) };
    wa::Message { edited_message: MessageField::some(wrapper), ..wa::Message::default() }
}

fn arrived(message: wa::Message, info: MessageInfo) -> Option<Update> {
    let inbound = InboundMessage::builder().message(Arc::new(message)).info(Arc::new(info)).build();
    updates(&inbound, &people()).pop()
}

fn reacted_to(update: Option<Update>) -> (MessageKey, Option<String>) {
    let Some(Update::Message(message)) = update else { panic!("{update:?}") };
    let Body::Reaction { target, emoji } = message.body else { panic!("not a reaction") };
    (target, emoji)
}

fn key(text: &str) -> MessageKey {
    text.parse().unwrap()
}

#[test]
fn a_reaction_names_the_message_as_the_number_sees_it() {
    let theirs = key("false_5521977776666@c.us_3EB1");
    let ours = key("true_5521977776666@c.us_3EB1");
    for (sender, from_me, target) in
        [(ANA, true, &theirs), (ANA, false, &ours), (ME, true, &ours), (ME, false, &theirs)]
    {
        let update = arrived(reaction(named(from_me, None), "👍"), info(ANA, sender));
        assert_eq!(reacted_to(update), (target.clone(), Some("👍".into())));
    }
}

#[test]
fn a_reaction_in_a_group_names_the_author() {
    let by = |sender, from_me, participant| {
        reacted_to(arrived(reaction(named(from_me, participant), "👍"), info(GROUP, sender))).0
    };
    let anas = key("false_120363000000000001@g.us_3EB1_5521977776666@c.us");
    let ours = key("true_120363000000000001@g.us_3EB1");
    assert_eq!(by(ANA, true, None), anas);
    assert_eq!(by(ANA, false, Some(MY_LID)), ours);
    assert_eq!(by(ME, false, Some(ANAS_LID)), anas);
    assert_eq!(by(ME, true, None), ours);
}

#[test]
fn an_empty_reaction_takes_it_back() {
    let update = arrived(reaction(named(false, None), ""), info(ANA, ANA));
    assert_eq!(reacted_to(update).1, None);
}

#[test]
fn a_message_is_deleted_by_its_author_or_by_an_administrator() {
    let at = Timestamp::from_second(AT).unwrap();
    let update = arrived(revoked(named(true, None)), info(ANA, ANA));
    assert_eq!(update, Some(Update::Revoked { key: key("false_5521977776666@c.us_3EB1"), at }));
    let update = arrived(revoked(named(false, Some(MY_LID))), info(GROUP, ANA));
    assert_eq!(update, Some(Update::Revoked { key: key("true_120363000000000001@g.us_3EB1"), at }));
}

#[test]
fn an_edit_carries_the_new_text_or_caption() {
    let text = wa::Message { conversation: Some("novo".into()), ..wa::Message::default() };
    let image = ImageMessage { caption: Some("novo".into()), ..ImageMessage::default() };
    let image = wa::Message { image_message: MessageField::some(image), ..wa::Message::default() };
    for to in [text, image] {
        let update = arrived(edited(to), info(ANA, ANA));
        let at = Timestamp::from_second(AT).unwrap();
        let key = key("false_5521977776666@c.us_3EB1");
        assert_eq!(update, Some(Update::Edited { key, text: "novo".into(), at }));
    }
}

#[test]
fn what_names_nothing_changes_nothing() {
    let nameless = MessageField::some(wa::MessageKey::default());
    assert_eq!(arrived(revoked(nameless.clone()), info(ANA, ANA)), None);
    assert_eq!(arrived(reaction(nameless, "👍"), info(ANA, ANA)), None);
}

/// WhatsApp's server cannot check an id that stands in what is encrypted.
#[test]
fn what_is_named_by_an_id_that_no_message_can_have_changes_nothing() {
    let text = || wa::Message { conversation: Some("novo".into()), ..wa::Message::default() };
    for id in
        ["A".repeat(129), "A".repeat(2_000), "A".repeat(500_000), "a b".into(), "3EB0\0".into(), "é".into()]
    {
        for (chat, participant) in [(ANA, None), (GROUP, None), (GROUP, Some(MY_LID))] {
            let key = || named_by(&id, participant.is_none(), participant);
            for message in [revoked(key()), reaction(key(), "👍"), edited_by(key(), text())] {
                assert_eq!(arrived(message, info(chat, ANA)), None, "{} bytes", id.len());
            }
        }
        let context = wa::ContextInfo { stanza_id: Some(id.clone()), ..wa::ContextInfo::default() };
        let answer = ExtendedTextMessage {
            text: Some("oi!".into()),
            context_info: MessageField::some(context),
            ..ExtendedTextMessage::default()
        };
        let answer =
            wa::Message { extended_text_message: MessageField::some(answer), ..wa::Message::default() };
        let Some(Update::Message(answer)) = arrived(answer, info(ANA, ANA)) else {
            panic!("it is a message")
        };
        assert_eq!(answer.quoted, None);
        let named_so = MessageInfo { id: id.clone(), ..info(ANA, ANA) };
        assert_eq!(arrived(text(), named_so), None);
    }
}

proptest! {
    /// Whoever reacts to whatever, the message it names is one's own exactly if the number wrote it.
    #[test]
    fn directions_agree(me_reacts: bool, to_own: bool, lid: bool) {
        let sender = match (me_reacts, lid) {
            (true, false) => ME,
            (true, true) => MY_LID,
            (false, false) => ANA,
            (false, true) => ANAS_LID,
        };
        let (target, _) = reacted_to(arrived(reaction(named(to_own, None), "🎉"), info(ANA, sender)));
        prop_assert_eq!(target.from_me, me_reacts == to_own);
        prop_assert_eq!(target.chat, at(ANA));
    }
}
