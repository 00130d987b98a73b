//! Lists, whole and in parts.

use super::account::{ANA, address, number};
use super::{LOJA, World};
use carteiro_core::chat::{Ack, Body, Chat, Message, MessageKey, Person};
use carteiro_core::ports::ChatWriter;
use carteiro_core::retention::RetentionDays;
use carteiro_http::testing::{Call, Reply};
use jiff::Timestamp;
use serde_json::Value;

fn ids(reply: &Reply) -> Vec<String> {
    let items = reply.body.as_array().unwrap_or_else(|| panic!("{}", reply.text));
    let id = |item: &Value| item["id"]["_serialized"].as_str().or(item["id"].as_str()).unwrap().to_owned();
    items.iter().map(id).collect()
}

/// Reads a list by parts of two.
async fn by_parts(world: &World, rest: &str) -> Vec<Vec<String>> {
    let (mut parts, mut cursor) = (Vec::new(), String::new());
    let separator = if rest.contains('?') { '&' } else { '?' };
    loop {
        let reply = world.get(&format!("{rest}{separator}limit=2{cursor}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        parts.push(ids(&reply));
        let next = reply.header("x-next-cursor");
        if next.is_empty() {
            return parts;
        }
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn a_list_comes_whole_or_in_parts() {
    let world = World::new().await;
    for rest in ["conversas", "conversascommsgs", "todoscontatos", "grupos", "conversasnlidas"] {
        let whole = world.get(rest).await;
        assert_eq!(whole.header("x-next-cursor"), "");
        assert_eq!(by_parts(&world, rest).await.concat(), ids(&whole), "{rest}");
    }
    // Messages are read from the latest on, and each part is in order.
    let rest = format!("todasmensagens?numero={ANA}");
    let whole = ids(&world.get(&rest).await);
    let mut parts = by_parts(&world, &rest).await;
    parts.reverse();
    assert_eq!(parts.concat(), whole);
    assert_eq!(whole.first().unwrap(), &format!("true_{ANA}@c.us_A02"));
}

#[tokio::test]
async fn a_cursor_is_of_its_own_list_only() {
    let world = World::new().await;
    let reply = world.get("conversas?limit=2").await;
    let cursor = reply.header("x-next-cursor").to_owned();
    assert!(!cursor.is_empty());
    for rest in [
        format!("conversascommsgs?cursor={cursor}"),
        format!("conversas?cursor={cursor}x"),
        format!("mensagens?numero={ANA}&cursor={cursor}"),
        "conversas?limit=0".to_owned(),
        "conversas?limit=muitos".to_owned(),
    ] {
        let reply = world.get(&rest).await;
        assert_eq!((reply.status, &reply.body["message"]), (400, &"Requisição mal formada".into()), "{rest}");
    }
}

#[tokio::test]
async fn what_does_not_fit_an_answer_is_left_for_the_next() {
    let world = World::new().await;
    let chat = "5511977776666";
    let with = Person::from(address(chat));
    let messages: Vec<Message> = (0..600)
        .map(|index| Message {
            key: MessageKey {
                chat: address(chat),
                from_me: false,
                id: format!("M{index:04}").parse().unwrap(),
                participant: None,
            },
            at: Timestamp::from_second(1_600_000_000 + index).unwrap(),
            author: with.clone(),
            push_name: None,
            with: Some(with.clone()),
            ack: Ack::Received,
            body: Body::Text { text: "\"x\"".repeat(8_000) },
            quoted: None,
            forwarded: false,
            edited_at: None,
        })
        .collect();
    let known = Chat::new(address(chat), Some(with));
    world.chats.add_history(&number(), &[known], &messages, RetentionDays::default()).await.unwrap();
    let (mut found, mut cursor, mut answers) = (Vec::new(), String::new(), 0);
    loop {
        let path = format!("{LOJA}/todasmensagens?numero={chat}{cursor}");
        let reply = world.call(Call::new("GET", &path)).await;
        let answered = Value::from(reply.text.as_str()).to_string();
        assert!(answered.len() < 6_000_000, "{} bytes", answered.len());
        found.splice(0..0, ids(&reply));
        answers += 1;
        match reply.header("x-next-cursor") {
            "" => break,
            next => cursor = format!("&cursor={next}"),
        }
    }
    let expected: Vec<String> = (0..600).map(|index| format!("false_{chat}@c.us_M{index:04}")).collect();
    assert_eq!(found, expected);
    assert!(answers > 1);
}
