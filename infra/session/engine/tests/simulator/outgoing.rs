//! Messages that are neither a text to a person nor a file of ours, as their recipients get them.

use crate::desk::{CONTACT, Desk, NUMBER, contact};
use carteiro_core::chat::{Attachment, AttachmentKind, Body, Card, Message};
use carteiro_core::send::ContactCard;
use carteiro_engine::{Outgoing, SendError, WhatsAppAddress};
use serde_json::json;

const OTHER: &str = "5521966665555";

#[tokio::test]
async fn a_contact_is_a_card() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let card = ContactCard::new("Bia; da Obra", "5511911112222".parse().unwrap());
    running.send(&contact(), "3EB0AABBCCEE0001", Outgoing::Contact(&card)).await.unwrap();
    running.ack("3EB0AABBCCEE0001").await;
    let received = desk.received(1).await;
    assert_eq!(received[0]["kind"], json!("contact"));
    assert_eq!(received[0]["contacts"][0]["vcard"], json!(card.vcard()));
    assert_eq!(received[0]["undecryptable"], json!(0));
}

#[tokio::test]
async fn what_came_is_sent_on_and_its_file_is_not_uploaded_again() {
    let desk = Desk::new().await;
    desk.post("/admin/accounts", json!({"number": OTHER, "name": "Bia"})).await;
    let mut running = desk.pair().await;
    let path = format!("/admin/accounts/{OTHER}/messages");
    for content in [
        json!({"to": NUMBER, "text": "olá"}),
        json!({"to": NUMBER, "media": {"type": "image", "caption": "a obra", "length": 5000}}),
        json!({"to": NUMBER, "media": {"type": "document", "file_name": "planta.pdf", "caption": "a planta"}}),
        json!({"to": NUMBER, "location": {"latitude": -23.5, "longitude": -46.6, "name": "Obra"}}),
        json!({"to": NUMBER, "contacts": [{"name": "Caio", "number": "5511911112222"}]}),
    ] {
        desk.post(&path, content).await;
    }
    let uploads = desk.get("/admin/stats").await["stats"]["media"]["uploads"].clone();
    for (index, message) in running.messages(5).await.into_iter().enumerate() {
        let id = format!("3EB0AABBCCEE100{index}");
        running.send(&contact(), &id, Outgoing::Forward(&message)).await.unwrap();
        running.ack(&id).await;
    }
    let received = desk.received(5).await;
    let kinds: Vec<_> = received.iter().map(|message| message["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["text", "image", "document", "location", "contact"]);
    assert!(received.iter().all(|message| message["forwarded"] == json!(true)), "{received:?}");
    assert_eq!(received[0]["text"], json!("olá"));
    assert_eq!(received[1]["media"]["caption"], json!("a obra"));
    assert_eq!(received[2]["media"]["file_name"], json!("planta.pdf"));
    for file in [1, 2] {
        let id = received[file]["id"].as_str().unwrap();
        let path = format!("/admin/accounts/{CONTACT}/messages");
        let good = |body: &serde_json::Value| {
            let all = body["messages"].as_array().unwrap();
            all.iter().any(|message| message["id"] == json!(id) && message["media"]["state"] == json!("good"))
        };
        desk.until("its file was fetched and is good", &path, good).await;
    }
    assert_eq!(desk.get("/admin/stats").await["stats"]["media"]["uploads"], uploads);
}

#[tokio::test]
async fn groups_get_what_is_sent_to_them_however_they_name_their_members() {
    let desk = Desk::new().await;
    desk.post("/admin/accounts", json!({"number": OTHER, "name": "Bia"})).await;
    let mut running = desk.pair().await;
    for (index, addressing) in ["lid", "pn"].into_iter().enumerate() {
        let made = json!({"subject": addressing, "creator": CONTACT, "members": [NUMBER, OTHER], "addressing": addressing});
        let made = desk.post("/admin/groups", made).await;
        let group: WhatsAppAddress = made["id"].as_str().unwrap().parse().unwrap();
        for (part, text) in ["um", "dois"].into_iter().enumerate() {
            let id = format!("3EB0AABBCCEE2{index}0{part}");
            running.send_text(&group, &id, &format!("{text} {addressing}")).await.unwrap();
            running.ack(&id).await;
        }
        for member in [CONTACT, OTHER] {
            let path = format!("/admin/accounts/{member}/messages");
            let there =
                |body: &serde_json::Value| body["messages"].as_array().unwrap().len() >= 2 * (index + 1);
            let body = desk.until("both came", &path, there).await;
            let messages = body["messages"].as_array().unwrap();
            assert!(messages.iter().all(|message| message["undecryptable"] == json!(0)), "{member}: {body}");
            assert_eq!(messages[2 * index]["text"], json!(format!("um {addressing}")));
            assert_eq!(messages[2 * index]["group"], made["id"]);
        }
    }
}

#[tokio::test]
async fn a_group_that_the_number_is_not_in_is_not_sent_to() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    let made =
        desk.post("/admin/groups", json!({"subject": "Obras", "creator": CONTACT, "members": []})).await;
    let group: WhatsAppAddress = made["id"].as_str().unwrap().parse().unwrap();
    let sent = running.send_text(&group, "3EB0AABBCCEE3001", "oi").await;
    assert_eq!(sent, Err(SendError::Refused(403)));
}

#[tokio::test]
async fn a_person_is_reached_by_lid() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let accounts = desk.get("/admin/accounts").await;
    let ana =
        accounts["accounts"].as_array().unwrap().iter().find(|account| account["number"] == json!(CONTACT));
    let lid: WhatsAppAddress = ana.unwrap()["lid"].as_str().unwrap().parse().unwrap();
    running.send_text(&lid, "3EB0AABBCCEE4001", "pelo LID").await.unwrap();
    running.ack("3EB0AABBCCEE4001").await;
    assert_eq!(desk.received(1).await[0]["text"], json!("pelo LID"));
}

#[tokio::test]
async fn what_cannot_be_sent_on_is_refused() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.post(&format!("/admin/accounts/{CONTACT}/messages"), json!({"to": NUMBER, "text": "oi"})).await;
    let message = running.messages(1).await.remove(0);
    let unopened = Attachment {
        kind: AttachmentKind::Image,
        mime: "image/jpeg".into(),
        caption: None,
        file_name: None,
        length: None,
        seconds: None,
        width: None,
        height: None,
        key: None,
        direct_path: None,
        sha256: None,
        encrypted_sha256: None,
        stored: None,
    };
    for body in [Body::Revoked, Body::Ciphertext, Body::Media(unopened)] {
        let message = Message { body, ..message.clone() };
        let sent = running.send(&contact(), "3EB0AABBCCEE5001", Outgoing::Forward(&message)).await;
        assert_eq!(sent, Err(SendError::Failed));
    }
    let cards = vec![Card { name: "A".into(), vcard: "BEGIN:VCARD\nEND:VCARD".into() }; 2];
    let message = Message { body: Body::Contacts { cards }, ..message };
    running.send(&contact(), "3EB0AABBCCEE5002", Outgoing::Forward(&message)).await.unwrap();
    running.ack("3EB0AABBCCEE5002").await;
    assert_eq!(desk.received(1).await[0]["kind"], json!("contacts"));
}
