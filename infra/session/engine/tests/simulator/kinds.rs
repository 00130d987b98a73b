//! Messages of every kind, from a contact and from the number's own phone.

use crate::desk::{CONTACT, Desk, NUMBER};
use crate::updates::at;
use carteiro_core::chat::{Ack, AttachmentKind, Body, Update};
use serde_json::json;

#[tokio::test]
async fn files_arrive_with_what_opens_them() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    for (kind, expected) in [
        ("image", AttachmentKind::Image),
        ("video", AttachmentKind::Video),
        ("audio", AttachmentKind::Audio),
        ("ptt", AttachmentKind::Voice),
        ("document", AttachmentKind::Document),
        ("sticker", AttachmentKind::Sticker),
    ] {
        let id = desk.write(CONTACT, NUMBER, json!({"media": {"type": kind, "length": 4321}})).await;
        let message = running.message().await;
        let Body::Media(file) = &message.body else { panic!("{kind}: {:?}", message.body) };
        assert_eq!((message.key.id.as_str(), file.kind, file.length), (id.as_str(), expected, Some(4321)));
        assert!(file.key.is_some() && file.sha256.is_some() && file.encrypted_sha256.is_some());
        assert!(file.direct_path.as_ref().unwrap().starts_with('/'));
    }
}

#[tokio::test]
async fn places_contacts_and_polls_arrive() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.write(CONTACT, NUMBER, json!({"location": {"latitude": -23.5, "longitude": -46.6, "name": "Sé"}}))
        .await;
    let body = running.message().await.body;
    assert!(matches!(body, Body::Location { latitude, live: false, .. } if latitude == -23.5));
    let card = json!({"name": "Rui", "number": "5511900000009"});
    desk.write(CONTACT, NUMBER, json!({"contacts": [card]})).await;
    assert_eq!(running.message().await.body.v1_type(), "vcard");
    desk.write(CONTACT, NUMBER, json!({"contacts": [card, card]})).await;
    assert_eq!(running.message().await.body.v1_type(), "multi_vcard");
    desk.write(CONTACT, NUMBER, json!({"poll": {"question": "Pizza?", "options": ["Sim", "Não"]}})).await;
    let expected =
        Body::Poll { question: "Pizza?".into(), options: vec!["Sim".into(), "Não".into()], selectable: 1 };
    assert_eq!(running.message().await.body, expected);
}

#[tokio::test]
async fn answers_reactions_edits_and_revocations_name_their_message() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let first = desk.write(CONTACT, NUMBER, json!({"text": "oi"})).await;
    let key = running.message().await.key;
    desk.write(CONTACT, NUMBER, json!({"text": "viu?", "quoted": first, "forwarded": true})).await;
    let answer = running.message().await;
    let quoted = answer.quoted.unwrap();
    assert_eq!((&quoted.key, quoted.body.as_deref()), (&key, Some(&Body::Text { text: "oi".into() })));
    assert!(answer.forwarded);
    desk.write(NUMBER, CONTACT, json!({"reaction": {"id": first, "emoji": "👍"}})).await;
    let reaction = running.message().await;
    assert_eq!(reaction.body, Body::Reaction { target: key.clone(), emoji: Some("👍".into()) });
    assert!(reaction.key.from_me);
    desk.write(CONTACT, NUMBER, json!({"edit": {"id": first, "text": "olá"}})).await;
    let edited = running.update("edit", |update| match update {
        Update::Edited { key, text, .. } => Some((key, text)),
        _ => None,
    });
    assert_eq!(edited.await, (key.clone(), "olá".to_owned()));
    desk.write(CONTACT, NUMBER, json!({"revoke": first})).await;
    let revoked = running.update("revocation", |update| match update {
        Update::Revoked { key, .. } => Some(key),
        _ => None,
    });
    assert_eq!(revoked.await, key);
}

#[tokio::test]
async fn what_the_own_phone_writes_arrives() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let id = desk.write(NUMBER, CONTACT, json!({"text": "do celular"})).await;
    let message = running.message().await;
    assert_eq!((message.key.id.as_str(), message.key.from_me, message.ack), (id.as_str(), true, Ack::Sent));
    assert_eq!((&message.key.chat, message.author.address()), (&at(CONTACT), &at(NUMBER)));
    assert_eq!(message.body, Body::Text { text: "do celular".into() });
}

#[tokio::test]
async fn what_cannot_be_read_is_replaced_when_it_can() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.write(CONTACT, NUMBER, json!({"text": "segredo", "readable": "later"})).await;
    let first = running.message().await;
    let second = running.message().await;
    assert_eq!(first.body, Body::Ciphertext);
    assert_eq!((second.key, second.body), (first.key, Body::Text { text: "segredo".into() }));
}
