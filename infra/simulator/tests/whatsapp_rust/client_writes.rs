//! What clients write besides texts and files: shown as it was meant, and remembered.

use serde_json::json;
use waproto::whatsapp::{self as wa, message as wm};

use crate::written::ana_and_a_contact;

const ANA: &str = "5511999990001";
const CONTACT: &str = "5531977770003";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sends_is_shown_whole() {
    use waproto::buffa::MessageField;
    let (sim, ana) = ana_and_a_contact().await;
    let first = ana.send(CONTACT, "primeira").await;
    let card = wm::ContactMessage {
        display_name: Some("João".to_owned()),
        vcard: Some("BEGIN:VCARD\nVERSION:3.0\nFN:João\nEND:VCARD".to_owned()),
        ..Default::default()
    };
    let card = wa::Message { contact_message: MessageField::some(card), ..Default::default() };
    ana.send_message(CONTACT, card).await;
    let context = wa::ContextInfo {
        stanza_id: Some(first.clone()),
        participant: Some(format!("{ANA}@s.whatsapp.net")),
        quoted_message: MessageField::some(wa::Message {
            conversation: Some("primeira".to_owned()),
            ..Default::default()
        }),
        is_forwarded: Some(true),
        ..Default::default()
    };
    let text = wm::ExtendedTextMessage {
        text: Some("encaminhada".to_owned()),
        context_info: MessageField::some(context),
        ..Default::default()
    };
    let text = wa::Message { extended_text_message: MessageField::some(text), ..Default::default() };
    ana.send_message(CONTACT, text).await;
    let messages = sim.messages(CONTACT, 3).await;
    assert_eq!(messages[0].get("forwarded"), None);
    assert_eq!(messages[1]["kind"], "contact");
    assert_eq!(messages[1]["contacts"][0]["name"], "João");
    assert!(messages[1]["contacts"][0]["vcard"].as_str().unwrap().contains("FN:João"));
    assert_eq!((&messages[2]["text"], &messages[2]["forwarded"]), (&json!("encaminhada"), &json!(true)));
    assert_eq!(
        (&messages[2]["quoted"]["id"], &messages[2]["quoted"]["text"]),
        (&json!(first), &json!("primeira"))
    );
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_edits_revokes_and_reacts_to_is_shown_and_remembered() {
    use whatsapp_rust::{Jid, RevokeType};
    let (sim, ana) = ana_and_a_contact().await;
    let (edited, revoked) = (ana.send(CONTACT, "as três").await, ana.send(CONTACT, "esqueça").await);
    let his = sim.send_as(CONTACT, ANA, "combinado").await;
    ana.text("combinado").await;
    sim.messages(CONTACT, 2).await;
    let client = ana.inner();
    let text = wa::Message { conversation: Some("às três".to_owned()), ..Default::default() };
    client.edit_message(Jid::pn(CONTACT), &edited, text).await.unwrap();
    client.revoke_message(Jid::pn(CONTACT), &revoked, RevokeType::Sender).await.unwrap();
    let key = wa::MessageKey {
        remote_jid: Some(format!("{CONTACT}@s.whatsapp.net")),
        from_me: Some(false),
        id: Some(his.clone()),
        participant: None,
    };
    client.send_reaction(Jid::pn(CONTACT), key, "👍").await.unwrap();
    let messages = sim.messages(CONTACT, 5).await;
    let of = |kind: &str| messages.iter().find(|message| message["kind"] == kind).unwrap()[kind].clone();
    assert_eq!(of("edit"), json!({"id": edited, "text": "às três"}));
    assert_eq!(of("revoke"), json!(revoked));
    assert_eq!(of("reaction"), json!({"id": his, "emoji": "👍"}));
    // Both phones remember it as it is now.
    for number in [ANA, CONTACT] {
        let path = format!("/admin/accounts/{number}/history");
        let remembered = sim
            .until(&path, |answer| {
                let messages = answer["chats"][0]["messages"].as_array()?.clone();
                messages.iter().any(|one| one["reactions"][0]["by"] == ANA).then_some(messages)
            })
            .await;
        let of = |id: &str| remembered.iter().find(|one| one["id"] == id).unwrap().clone();
        assert_eq!(of(&edited)["text"], "às três");
        assert_eq!(of(&revoked)["kind"], "revoked");
        assert_eq!(of(&his)["reactions"], json!([{"by": ANA, "emoji": "👍"}]));
    }
    ana.stop().await;
}
