//! The contracts of [`ChatWriter`](carteiro_core::ports::ChatWriter) and [`ChatReader`](carteiro_core::ports::ChatReader):
//! what becomes of messages.

use crate::chat_samples::{
    add, ana, chat, media, read, received, second, sent, shown, text_of, texts, unread,
};
use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::chat::{Ack, Body, Message};
use carteiro_core::ids::MessageId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Stored;

crate::contract! { in memory too:
    a_ciphertext_is_replaced_once,
    acks_only_move_forward,
    the_latest_edit_stays,
    a_caption_is_edited,
    what_is_revoked_says_nothing,
    a_copy_of_a_file_is_noted,
    large_messages_fit,
}

fn number() -> Phone {
    phone(1)
}

async fn a_ciphertext_is_replaced_once(ports: &Ports) {
    let unreadable = Message { body: Body::Ciphertext, ..received(&ana(), "A1", 10, "") };
    let readable = received(&ana(), "A1", 10, "agora sim");
    assert_eq!(add(ports, &unreadable).await, Stored::New);
    assert_eq!(add(ports, &unreadable).await, Stored::Known);
    // An edit that came before it could be read is not lost.
    let edited = received(&ana(), "A2", 11, "antes");
    add(ports, &Message { body: Body::Ciphertext, ..edited.clone() }).await;
    ports.chats.edit(&number(), &edited.key, "depois", second(12)).await.unwrap();
    assert_eq!(add(ports, &readable).await, Stored::New);
    assert_eq!(add(ports, &edited).await, Stored::New);
    assert_eq!(add(ports, &readable).await, Stored::Known);
    assert_eq!(add(ports, &received(&ana(), "A1", 10, "outra")).await, Stored::Known);
    assert_eq!(shown(ports, &ana()).await, ["depois", "agora sim"]);
    assert_eq!(unread(ports, &ana()).await, 2);
    let media = Message { body: media(None), ..received(&ana(), "A3", 13, "") };
    add(ports, &Message { body: Body::Ciphertext, ..media.clone() }).await;
    assert_eq!(add(ports, &media).await, Stored::New);
    assert_eq!(read(ports, &media).await, media);
    // What was revoked meanwhile stays so.
    let gone = received(&ana(), "A4", 14, "nunca");
    add(ports, &Message { body: Body::Ciphertext, ..gone.clone() }).await;
    ports.chats.revoke(&number(), &gone.key).await.unwrap();
    assert_eq!(add(ports, &gone).await, Stored::Known);
    assert_eq!(read(ports, &gone).await.body, Body::Revoked);
}

async fn acks_only_move_forward(ports: &Ports) {
    let of = |id: &str| id.parse::<MessageId>().unwrap();
    for (id, ack) in [("S1", Ack::Pending), ("S2", Ack::Sent), ("S3", Ack::Pending)] {
        add(ports, &Message { ack, ..sent(&ana(), id, 10, id) }).await;
    }
    let moved = async |ids: &[&str], ack| {
        let ids: Vec<MessageId> = ids.iter().map(|id| of(id)).collect();
        let moved = ports.chats.acknowledge(&number(), &ana(), &ids, ack).await.unwrap();
        assert!(moved.iter().all(|message| message.ack == ack));
        texts(&moved)
    };
    assert_eq!(moved(&["S1", "S2", "nenhuma"], Ack::Sent).await, ["S1", "S2"]);
    for _ in 0..2 {
        assert_eq!(moved(&["S1", "S2"], Ack::Read).await, ["S1", "S2"], "to be told, if they were not");
    }
    assert!(moved(&["S1"], Ack::Received).await.is_empty());
    assert!(moved(&["S1"], Ack::Failed).await.is_empty(), "only what waits fails");
    assert_eq!(moved(&["S3"], Ack::Failed).await, ["S3"]);
    assert!(moved(&["S3"], Ack::Sent).await.is_empty(), "what has failed stays so");
    assert_eq!(read(ports, &sent(&ana(), "S1", 10, "")).await.ack, Ack::Read);
    assert_eq!(chat(ports, &ana()).await.unwrap().last.map(|last| last.ack), Some(Ack::Failed));
}

async fn the_latest_edit_stays(ports: &Ports) {
    let message = received(&ana(), "A1", 10, "um");
    assert_eq!(ports.chats.edit(&number(), &message.key, "nada", second(11)).await.unwrap(), None);
    add(ports, &message).await;
    let edit = async |text: &str, at| {
        text_of(&ports.chats.edit(&number(), &message.key, text, second(at)).await.unwrap().unwrap())
    };
    assert_eq!(edit("três", 30).await, "três");
    assert_eq!(edit("dois", 20).await, "três", "an older one comes late");
    assert_eq!(edit("três", 30).await, "três");
    let now = read(ports, &message).await;
    assert_eq!((text_of(&now).as_str(), now.edited_at), ("três", Some(second(30))));
    assert_eq!(text_of(&chat(ports, &ana()).await.unwrap().last.unwrap()), "três");
    assert_eq!(add(ports, &message).await, Stored::Known, "its first text does not come back");
    assert_eq!(shown(ports, &ana()).await, ["três"]);
}

async fn a_caption_is_edited(ports: &Ports) {
    let message = Message { body: media(Some("praia")), ..received(&ana(), "A1", 10, "") };
    add(ports, &message).await;
    for (text, at, shown) in [("serra", 12, "serra"), ("campo", 11, "serra"), ("mar", 13, "mar")] {
        let edited = ports.chats.edit(&number(), &message.key, text, second(at)).await.unwrap().unwrap();
        assert_eq!(edited.body, media(Some(shown)));
    }
    assert_eq!(read(ports, &message).await.body, media(Some("mar")));
}

async fn what_is_revoked_says_nothing(ports: &Ports) {
    let message = received(&ana(), "A1", 10, "segredo");
    assert_eq!(ports.chats.revoke(&number(), &message.key).await.unwrap(), None);
    add(ports, &message).await;
    for _ in 0..2 {
        let revoked = ports.chats.revoke(&number(), &message.key).await.unwrap().unwrap();
        assert_eq!((revoked.body, revoked.quoted), (Body::Revoked, None));
    }
    let edited = ports.chats.edit(&number(), &message.key, "de volta", second(99)).await.unwrap().unwrap();
    assert_eq!(edited.body, Body::Revoked);
    assert_eq!(add(ports, &message).await, Stored::Known);
    assert_eq!(read(ports, &message).await.body, Body::Revoked);
    assert_eq!(unread(ports, &ana()).await, 1);
}

async fn a_copy_of_a_file_is_noted(ports: &Ports) {
    let stored = carteiro_core::chat::StoredMedia {
        object: carteiro_core::object::ObjectKey::from_stored("received/30/x/y".into()),
        length: 1234,
        expires_at: second(999),
    };
    let message = Message { body: media(None), ..received(&ana(), "A1", 10, "") };
    // What is not there, and what is no file, has no copy.
    ports.chats.keep_media(&number(), &message.key, &stored).await.unwrap();
    assert_eq!(ports.chat_reader.message(&number(), &message.key).await.unwrap(), None);
    add(ports, &message).await;
    ports.chats.keep_media(&number(), &message.key, &stored).await.unwrap();
    let Body::Media(file) = read(ports, &message).await.body else { panic!("a file") };
    assert_eq!(file.stored, Some(stored.clone()));
    let text = received(&ana(), "A2", 11, "texto");
    add(ports, &text).await;
    ports.chats.keep_media(&number(), &text.key, &stored).await.unwrap();
    assert_eq!(read(ports, &text).await, text);
}

async fn large_messages_fit(ports: &Ports) {
    // The longest text that WhatsApp takes, of characters that take the most bytes.
    let long = "🌊".repeat(65_536);
    let message = received(&ana(), "A1", 10, &long);
    add(ports, &message).await;
    assert!(read(ports, &message).await == message);
    let edited = "🌋".repeat(65_536);
    let now = ports.chats.edit(&number(), &message.key, &edited, second(11)).await.unwrap().unwrap();
    assert!(text_of(&now) == edited);
    // An answer that repeats such a text keeps its own.
    let mut answer = received(&ana(), "A2", 12, &long);
    answer.quoted = Some(carteiro_core::chat::Quoted {
        key: message.key.clone(),
        body: Some(Box::new(Body::Text { text: long.clone() })),
    });
    add(ports, &answer).await;
    let now = read(ports, &answer).await;
    assert!(now.body == answer.body && now.quoted.is_some_and(|quoted| quoted.key == message.key));
    let slice = ports.chat_reader.messages(&number(), &ana(), None, 10).await.unwrap();
    assert_eq!(slice.items.len(), 2);
}
