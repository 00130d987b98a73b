//! What comes to a session of the first version: each kind of message, as its webhook and its chats tell it.

use crate::named::Named;
use crate::until::until;
use crate::world::World;
use serde_json::{Value, json};

const NUMBER: &str = "5511988880093";
const CONTACT: &str = "5511977770093";
const CARLA: &str = "5511977770094";

#[tokio::test]
async fn every_kind_comes_as_what_it_is() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    world.contact(CARLA).await;
    world.contact(NUMBER).await;
    let tenant = world.tenant("mara@exemplo.com.br", "5511999990094").await;
    let session = Named::new(&world, &tenant, "tudo");
    session.pair(NUMBER).await;
    let file = |kind: &str| json!({"media": {"type": kind, "length": 500}});
    let card = |name: &str| json!({"name": name, "number": CARLA});
    let cases = [
        ("chat", json!({"text": "oi"})),
        ("image", file("image")),
        ("video", file("video")),
        ("ptt", file("ptt")),
        ("audio", file("audio")),
        ("document", file("document")),
        ("sticker", file("sticker")),
        ("location", json!({"location": {"latitude": -23.561, "longitude": -46.656, "name": "MASP"}})),
        ("vcard", json!({"contacts": [card("Carla")]})),
        ("multi_vcard", json!({"contacts": [card("Carla"), card("Davi")]})),
        ("poll_creation", json!({"poll": {"question": "Pizza?", "options": ["Sim", "Não"]}})),
    ];
    let mut ids = Vec::new();
    for (_, content) in &cases {
        ids.push(contact.write(NUMBER, content.clone()).await);
    }
    let of = |id: &str| {
        let end = format!("_{id}");
        move |message: &Value| message["id"].as_str().is_some_and(|id| id.ends_with(&end))
    };
    let mut told = Vec::new();
    for ((kind, _), id) in cases.iter().zip(&ids) {
        let event = session.event("recebendoMensagem", of(id)).await;
        assert_eq!(
            (event["type"].as_str(), event["fromMe"].as_bool(), event["pn"].as_str()),
            (Some(*kind), Some(false), Some(&*format!("{CONTACT}@c.us"))),
            "{event}"
        );
        told.push(event);
    }
    let chat = session.read("todasmensagens", &[("numero", CONTACT)]).await;
    let chat = chat.as_array().unwrap();
    let types: Vec<&str> = chat.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        cases.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
        "in the order in which they came"
    );
    for (read, told) in chat.iter().zip(&told) {
        assert_eq!((&read["id"], &read["body"]), (&told["id"], &told["body"]), "the same as it was told");
    }
    // Each file opens, whatever it is.
    for told in told.iter().filter(|told| told["isMedia"] == true) {
        let opened = session.post("desfile", told).await;
        assert_eq!((opened.status, &opened.json()["size"]), (200, &json!(500)), "{}", opened.text());
        let file = world.http.get(opened.json()["url"].as_str().unwrap()).await.unwrap();
        assert_eq!((file.status, file.body.len()), (200, 500));
    }

    // What is said about messages afterwards.
    contact.write(NUMBER, json!({"reaction": {"id": ids[0], "emoji": "👍"}})).await;
    let reaction = session.event("recebendoMensagem", |message| message["type"] == "reaction").await;
    assert_eq!(reaction["quotedMsg"]["id"], told[0]["id"], "{reaction}");
    contact.write(NUMBER, json!({"edit": {"id": ids[0], "text": "oi, tudo bem?"}})).await;
    contact.write(NUMBER, json!({"revoke": ids[1]})).await;
    until("the edit and the revocation show", async || {
        let chat = session.read("todasmensagens", &[("numero", CONTACT)]).await;
        let chat = chat.as_array().unwrap().clone();
        let shown = |id: &str| chat.iter().find(|message| of(id)(message)).cloned().unwrap();
        (shown(&ids[0])["body"] == "oi, tudo bem?" && shown(&ids[1])["type"] == "revoked").then_some(())
    })
    .await;

    // What cannot be read yet is told once it can be.
    let late = contact.write(NUMBER, json!({"text": "atrasada", "readable": "later"})).await;
    session.event("recebendoMensagem", |m| of(&late)(m) && m["body"] == "atrasada").await;
    world.stop().await;
}

#[tokio::test]
async fn what_the_phone_writes_is_told_as_ours() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let phone = world.contact(NUMBER).await;
    let tenant = world.tenant("nilo@exemplo.com.br", "5511999990095").await;
    let session = Named::new(&world, &tenant, "celular");
    session.pair(NUMBER).await;
    let id = phone.write(CONTACT, json!({"text": "do celular"})).await;
    let told = session.event("recebendoMensagem", |message| message["body"] == "do celular").await;
    assert_eq!((&told["fromMe"], &told["to"]), (&json!(true), &json!(format!("{CONTACT}@c.us"))), "{told}");
    assert!(told["id"].as_str().unwrap().starts_with("true_") && told["id"].as_str().unwrap().ends_with(&id));
    contact.texts(1).await;
    contact.read().await;
    until("the chat shows that it was read", async || {
        let chat = session.read("mensagens", &[("numero", CONTACT)]).await;
        (chat[0]["ack"] == 3).then_some(())
    })
    .await;
    assert!(tenant.report(NUMBER).await.is_empty(), "it is no send of ours");
    world.stop().await;
}
