//! The contracts of [`ChatWriter`](carteiro_core::ports::ChatWriter) and [`ChatReader`](carteiro_core::ports::ChatReader):
//! messages that come and are written now.

use crate::chat_samples::{
    add, ana, bia, chat, media, read, received, second, sent, shown, text_of, texts, unread,
};
use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::chat::{Address, Body, ChatChange, Message};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Stored;
use carteiro_core::retention::RetentionDays;

crate::contract! { in memory too:
    a_message_is_read_back,
    messages_stand_by_time,
    messages_are_read_in_parts,
    a_message_comes_twice_and_counts_once,
    what_comes_late_is_not_the_latest,
    what_the_number_writes_reads_the_chat,
    a_reaction_moves_nothing,
}

fn number() -> Phone {
    phone(1)
}

async fn a_message_is_read_back(ports: &Ports) {
    let mut message = received(&ana(), "A1", 10, "Olá, çãé 👋");
    message.push_name = Some("Ana".into());
    message.forwarded = true;
    message.quoted = Some(carteiro_core::chat::Quoted {
        key: sent(&ana(), "B0", 1, "x").key,
        body: Some(Box::new(Body::Text { text: "antes".into() })),
    });
    assert_eq!(add(ports, &message).await, Stored::New);
    assert_eq!(read(ports, &message).await, message);
    let chat = chat(ports, &ana()).await.unwrap();
    assert_eq!((chat.unread, chat.last_at, chat.with.clone()), (1, Some(message.at), message.with.clone()));
    assert_eq!(chat.last, Some(message));
    for (id, body) in [
        ("A2", media(Some("praia"))),
        (
            "A3",
            Body::Location {
                latitude: -23.5,
                longitude: 0.1,
                name: None,
                address: Some("SP".into()),
                live: true,
            },
        ),
        ("A4", Body::Poll { question: "?".into(), options: vec!["a".into(), "b".into()], selectable: 1 }),
        ("A5", Body::Ciphertext),
        ("A6", Body::Revoked),
        ("A7", Body::Other { kind: "order".into() }),
        ("A8", Body::Text { text: String::new() }),
    ] {
        let message = Message { body, ..received(&ana(), id, 20, "") };
        add(ports, &message).await;
        assert_eq!(read(ports, &message).await, message);
    }
    let unknown = received(&ana(), "A9", 10, "");
    assert_eq!(ports.chat_reader.message(&number(), &unknown.key).await.unwrap(), None);
    let group: Address = "120363000000000001@g.us".parse().unwrap();
    let mut message = received(&group, "A1", 5, "no grupo");
    (message.key.participant, message.author, message.with) = (Some(bia()), bia().into(), None);
    add(ports, &message).await;
    assert_eq!(read(ports, &message).await, message);
}

async fn messages_stand_by_time(ports: &Ports) {
    for (id, at) in [("A3", 30), ("A1", 10), ("A2", 20)] {
        add(ports, &received(&ana(), id, at, id)).await;
    }
    // Of one second, the fraction tells.
    let mut next = received(&ana(), "A0", 30, "depois");
    next.at += jiff::SignedDuration::from_micros(1);
    add(ports, &next).await;
    add(ports, &received(&bia(), "B1", 99, "outra conversa")).await;
    assert_eq!(shown(ports, &ana()).await, ["depois", "A3", "A2", "A1"]);
    let oldest = ports.chat_reader.oldest(&number(), &ana()).await.unwrap().unwrap();
    assert_eq!(text_of(&oldest), "A1");
    assert_eq!(ports.chat_reader.oldest(&number(), &"77@lid".parse().unwrap()).await.unwrap(), None);
}

async fn messages_are_read_in_parts(ports: &Ports) {
    for n in 0..7 {
        add(ports, &received(&ana(), &format!("A{n}"), n, &n.to_string())).await;
    }
    for size in [1, 3, 7, 8] {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let slice = ports.chat_reader.messages(&number(), &ana(), cursor.as_deref(), size).await.unwrap();
            assert!(!slice.items.is_empty() && slice.items.len() <= size);
            all.extend(texts(&slice.items));
            // What comes meanwhile is before the beginning.
            cursor = slice.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all, ["6", "5", "4", "3", "2", "1", "0"], "in parts of {size}");
    }
}

async fn a_message_comes_twice_and_counts_once(ports: &Ports) {
    let message = received(&ana(), "A1", 10, "um");
    assert_eq!(add(ports, &message).await, Stored::New);
    for _ in 0..2 {
        assert_eq!(add(ports, &message).await, Stored::Known);
    }
    assert_eq!(unread(ports, &ana()).await, 1);
    // The same id in the other direction, or of another author, is another message.
    assert_eq!(add(ports, &sent(&bia(), "A1", 11, "dois")).await, Stored::New);
    let together = [received(&ana(), "A2", 12, "a"), received(&ana(), "A3", 13, "b")];
    let both = futures_util::future::join_all(together.iter().chain(&together).map(|m| add(ports, m))).await;
    assert_eq!(both.iter().filter(|stored| **stored == Stored::New).count(), 2);
    assert_eq!(unread(ports, &ana()).await, 3);
    assert_eq!(text_of(&chat(ports, &ana()).await.unwrap().last.unwrap()), "b");
}

async fn what_comes_late_is_not_the_latest(ports: &Ports) {
    add(ports, &received(&ana(), "A2", 20, "dois")).await;
    add(ports, &received(&ana(), "A1", 10, "um")).await;
    let chat_now = chat(ports, &ana()).await.unwrap();
    assert_eq!((chat_now.unread, chat_now.last_at), (2, Some(second(20))));
    assert_eq!(text_of(&chat_now.last.unwrap()), "dois");
    // An older one of the number's own reads nothing of what came after it.
    add(ports, &sent(&ana(), "S1", 15, "meu")).await;
    assert_eq!(unread(ports, &ana()).await, 2);
    assert_eq!(shown(ports, &ana()).await, ["dois", "meu", "um"]);
}

async fn what_the_number_writes_reads_the_chat(ports: &Ports) {
    add(ports, &received(&ana(), "A1", 10, "um")).await;
    ports.chats.change_chat(&number(), &ana(), &ChatChange::MarkedUnread).await.unwrap();
    add(ports, &sent(&ana(), "S1", 11, "resposta")).await;
    let chat = chat(ports, &ana()).await.unwrap();
    assert_eq!((chat.unread, chat.marked_unread), (0, false));
    assert_eq!(text_of(&chat.last.unwrap()), "resposta");
}

async fn a_reaction_moves_nothing(ports: &Ports) {
    let first = received(&ana(), "A1", 10, "um");
    add(ports, &first).await;
    let reaction = Message {
        body: Body::Reaction { target: first.key.clone(), emoji: Some("👍".into()) },
        ..received(&ana(), "A2", 20, "")
    };
    assert_eq!(
        ports.chats.add(&number(), &reaction, false, RetentionDays::default()).await.unwrap(),
        Stored::New
    );
    let chat_now = chat(ports, &ana()).await.unwrap();
    assert_eq!((chat_now.unread, chat_now.last_at), (1, Some(second(10))));
    assert_eq!(read(ports, &reaction).await, reaction);
    // Where there is no chat, there is one then, in which nothing has happened.
    let other = Message { key: received(&bia(), "A3", 1, "").key, with: Some(bia().into()), ..reaction };
    ports.chats.add(&number(), &other, false, RetentionDays::default()).await.unwrap();
    let chat = chat(ports, &bia()).await.unwrap();
    assert_eq!((chat.unread, chat.last_at, chat.last), (0, None, None));
}
