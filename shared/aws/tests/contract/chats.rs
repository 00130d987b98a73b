//! The contracts of [`ChatWriter`](carteiro_core::ports::ChatWriter) and [`ChatReader`](carteiro_core::ports::ChatReader):
//! messages that come and are written now.

use crate::chat_samples::{ana, bia, received, second, sent, text_of, texts};
use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::chat::{Ack, Address, Attachment, AttachmentKind, Body, Chat, ChatChange, Message, Mute};
use carteiro_core::ids::MessageId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Stored;

crate::contract! { in memory too:
    a_message_is_read_back,
    messages_stand_by_time,
    messages_are_read_in_parts,
    a_message_comes_twice_and_counts_once,
    what_comes_late_is_not_the_latest,
    what_the_number_writes_reads_the_chat,
    a_reaction_moves_nothing,
    a_ciphertext_is_replaced_once,
    acks_only_move_forward,
    the_latest_edit_stays,
    a_caption_is_edited,
    what_is_revoked_says_nothing,
    a_copy_of_a_file_is_noted,
    large_messages_fit,
    chats_stand_by_time,
    a_chat_changes,
    a_cleared_chat_stays_and_a_deleted_one_goes,
    numbers_do_not_see_each_other,
    everything_of_a_number_is_erased,
}

fn number() -> Phone {
    phone(1)
}

async fn add(ports: &Ports, message: &Message) -> Stored {
    ports.chats.add(&number(), message, true).await.unwrap()
}

async fn chat(ports: &Ports, address: &Address) -> Option<Chat> {
    ports.chat_reader.chat(&number(), address).await.unwrap()
}

async fn unread(ports: &Ports, address: &Address) -> u32 {
    chat(ports, address).await.unwrap().unread
}

async fn read(ports: &Ports, message: &Message) -> Message {
    ports.chat_reader.message(&number(), &message.key).await.unwrap().expect("it is there")
}

/// The texts of a chat's messages, the latest first.
async fn shown(ports: &Ports, address: &Address) -> Vec<String> {
    let slice = ports.chat_reader.messages(&number(), address, None, 1_000).await.unwrap();
    assert_eq!(slice.next, None);
    texts(&slice.items)
}

fn media(caption: Option<&str>) -> Body {
    Body::Media(Attachment {
        kind: AttachmentKind::Image,
        mime: "image/jpeg".into(),
        caption: caption.map(str::to_owned),
        file_name: None,
        length: Some(1234),
        seconds: None,
        width: Some(640),
        height: Some(480),
        key: Some(carteiro_core::media::MediaKey([7; 32])),
        direct_path: Some("/v/t62/1?ccb=11-4".into()),
        sha256: Some([1; 32]),
        encrypted_sha256: Some([2; 32]),
        stored: None,
    })
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
    assert_eq!(ports.chats.add(&number(), &reaction, false).await.unwrap(), Stored::New);
    let chat_now = chat(ports, &ana()).await.unwrap();
    assert_eq!((chat_now.unread, chat_now.last_at), (1, Some(second(10))));
    assert_eq!(read(ports, &reaction).await, reaction);
    // Where there is no chat, there is one then, in which nothing has happened.
    let other = Message { key: received(&bia(), "A3", 1, "").key, with: Some(bia().into()), ..reaction };
    ports.chats.add(&number(), &other, false).await.unwrap();
    let chat = chat(ports, &bia()).await.unwrap();
    assert_eq!((chat.unread, chat.last_at, chat.last), (0, None, None));
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
    let of = |id: &str| MessageId::new(id);
    for (id, ack) in [("S1", Ack::Pending), ("S2", Ack::Sent), ("S3", Ack::Pending)] {
        add(ports, &Message { ack, ..sent(&ana(), id, 10, id) }).await;
    }
    let moved = async |ids: &[&str], ack| {
        let ids: Vec<MessageId> = ids.iter().map(|id| of(id)).collect();
        let moved = ports.chats.acknowledge(&number(), &ana(), &ids, ack).await.unwrap();
        assert!(moved.iter().all(|message| message.ack == ack));
        texts(&moved)
    };
    assert_eq!(moved(&["S1", "S2", "nenhuma"], Ack::Sent).await, ["S1"]);
    assert_eq!(moved(&["S1", "S2"], Ack::Read).await, ["S1", "S2"]);
    assert!(moved(&["S1", "S2"], Ack::Read).await.is_empty());
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

async fn chats_stand_by_time(ports: &Ports) {
    for n in 0..5u32 {
        let who: Address = Address::of_phone(&phone(100 + n));
        add(ports, &received(&who, "A1", 10 + i64::from(n), &n.to_string())).await;
    }
    let first = Address::of_phone(&phone(100));
    add(ports, &received(&first, "A2", 50, "de novo")).await;
    for with_last in [false, true] {
        for size in [2, 5, 9] {
            let (mut all, mut cursor) = (Vec::<Chat>::new(), None::<String>);
            loop {
                let after = cursor.as_deref();
                let reader = &ports.chat_reader;
                let slice = match with_last {
                    false => reader.chats(&number(), after, size).await.unwrap(),
                    true => reader.chats_with_last(&number(), after, size).await.unwrap(),
                };
                assert!(slice.items.len() <= size);
                all.extend(slice.items);
                cursor = slice.next;
                if cursor.is_none() {
                    break;
                }
            }
            let order: Vec<_> = all.iter().map(|chat| chat.last_at).collect();
            assert_eq!(order, [50, 14, 13, 12, 11].map(|at| Some(second(at))), "in parts of {size}");
            assert_eq!(all[0].unread, 2);
            let last: Vec<_> = all.iter().filter_map(|chat| chat.last.as_ref()).map(text_of).collect();
            let expected: &[&str] = if with_last { &["de novo", "4", "3", "2", "1"] } else { &[] };
            assert_eq!(last, expected);
        }
    }
}

async fn a_chat_changes(ports: &Ports) {
    let change = async |change: ChatChange| {
        ports.chats.change_chat(&number(), &ana(), &change).await.unwrap();
        chat(ports, &ana()).await.unwrap()
    };
    let made = change(ChatChange::Archived(true)).await;
    assert_eq!((made.archived, made.last_at, made.with), (true, None, Some(ana().into())));
    assert!(!change(ChatChange::Archived(false)).await.archived);
    assert_eq!(change(ChatChange::Pinned(Some(second(5)))).await.pinned_at, Some(second(5)));
    assert_eq!(change(ChatChange::Pinned(None)).await.pinned_at, None);
    for mute in [Mute::Forever, Mute::Until(second(7))] {
        assert_eq!(change(ChatChange::Muted(Some(mute))).await.muted, Some(mute));
    }
    assert_eq!(change(ChatChange::Muted(None)).await.muted, None);
    assert!(change(ChatChange::MarkedUnread).await.marked_unread);
    add(ports, &received(&ana(), "A1", 10, "um")).await;
    let read = change(ChatChange::Read).await;
    assert_eq!((read.unread, read.marked_unread), (0, false));
    assert_eq!(text_of(&read.last.unwrap()), "um");
}

async fn a_cleared_chat_stays_and_a_deleted_one_goes(ports: &Ports) {
    for change in [ChatChange::Cleared, ChatChange::Deleted] {
        ports.chats.change_chat(&number(), &ana(), &change).await.unwrap();
        assert_eq!(chat(ports, &ana()).await, None, "{change:?} makes none");
        for n in 0..3 {
            add(ports, &received(&ana(), &format!("A{n}"), n, "texto")).await;
            add(ports, &received(&bia(), &format!("A{n}"), n, "texto")).await;
        }
        ports.chats.change_chat(&number(), &ana(), &change).await.unwrap();
        assert!(shown(ports, &ana()).await.is_empty());
        let left = chat(ports, &ana()).await;
        assert_eq!(left.is_some(), change == ChatChange::Cleared);
        assert!(
            left.is_none_or(|chat| chat.last.is_none()
                && chat.unread == 0
                && chat.last_at == Some(second(2)))
        );
        assert_eq!(shown(ports, &bia()).await.len(), 3);
        add(ports, &received(&ana(), "B1", 1, "de novo")).await;
        assert_eq!(text_of(&chat(ports, &ana()).await.unwrap().last.unwrap()), "de novo");
        ports.chats.change_chat(&number(), &ana(), &ChatChange::Deleted).await.unwrap();
    }
}

async fn numbers_do_not_see_each_other(ports: &Ports) {
    let (one, other) = (phone(1), phone(2));
    ports.chats.add(&one, &received(&ana(), "A1", 10, "um"), true).await.unwrap();
    ports.chats.add(&other, &received(&ana(), "A1", 20, "dois"), true).await.unwrap();
    for (number, text) in [(&one, "um"), (&other, "dois")] {
        let slice = ports.chat_reader.messages(number, &ana(), None, 10).await.unwrap();
        assert_eq!(texts(&slice.items), [text]);
        assert_eq!(ports.chat_reader.chats(number, None, 10).await.unwrap().items.len(), 1);
    }
}

async fn everything_of_a_number_is_erased(ports: &Ports) {
    let messages: Vec<Message> = (0..620).map(|n| received(&ana(), &format!("A{n}"), n, "x")).collect();
    ports.chats.add_history(&number(), &[], &messages).await.unwrap();
    for n in 0..30 {
        add(ports, &received(&Address::of_phone(&phone(100 + n)), "A1", 10, "x")).await;
    }
    let person = carteiro_core::chat::Person::new(bia(), Some("77@lid".parse().unwrap()));
    ports.chats.add_contacts(&number(), &[carteiro_core::chat::Contact::new(person)]).await.unwrap();
    ports.chats.add(&phone(2), &received(&ana(), "A1", 10, "um"), true).await.unwrap();
    let mut pages = 1;
    while !ports.chats.erase(&number()).await.unwrap() {
        pages += 1;
        assert!(pages < 20, "it ends");
    }
    let reader = &ports.chat_reader;
    assert!(reader.chats(&number(), None, 10).await.unwrap().items.is_empty());
    assert!(reader.messages(&number(), &ana(), None, 10).await.unwrap().items.is_empty());
    assert!(reader.contacts(&number(), None, 10).await.unwrap().items.is_empty());
    assert_eq!(reader.canonical(&number(), &"77@lid".parse().unwrap()).await.unwrap().user(), "77");
    assert!(ports.chats.erase(&number()).await.unwrap(), "nothing is left, and that is fine");
    assert_eq!(reader.chats(&phone(2), None, 10).await.unwrap().items.len(), 1);
}
