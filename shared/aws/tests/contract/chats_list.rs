//! The contracts of [`ChatWriter`](carteiro_core::ports::ChatWriter) and [`ChatReader`](carteiro_core::ports::ChatReader):
//! chats as such.

use crate::chat_samples::{add, ana, bia, chat, received, second, shown, text_of, texts};
use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::chat::{Address, Chat, ChatChange, Message, Mute};
use carteiro_core::phone::Phone;
use carteiro_core::retention::RetentionDays;

crate::contract! { in memory too:
    chats_stand_by_time,
    a_chat_changes,
    a_cleared_chat_stays_and_a_deleted_one_goes,
    numbers_do_not_see_each_other,
    everything_of_a_number_is_erased,
}

fn number() -> Phone {
    phone(1)
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
    ports.chats.add(&one, &received(&ana(), "A1", 10, "um"), true, RetentionDays::default()).await.unwrap();
    ports
        .chats
        .add(&other, &received(&ana(), "A1", 20, "dois"), true, RetentionDays::default())
        .await
        .unwrap();
    for (number, text) in [(&one, "um"), (&other, "dois")] {
        let slice = ports.chat_reader.messages(number, &ana(), None, 10).await.unwrap();
        assert_eq!(texts(&slice.items), [text]);
        assert_eq!(ports.chat_reader.chats(number, None, 10).await.unwrap().items.len(), 1);
    }
}

async fn everything_of_a_number_is_erased(ports: &Ports) {
    let messages: Vec<Message> = (0..620).map(|n| received(&ana(), &format!("A{n}"), n, "x")).collect();
    ports.chats.add_history(&number(), &[], &messages, RetentionDays::default()).await.unwrap();
    for n in 0..30 {
        add(ports, &received(&Address::of_phone(&phone(100 + n)), "A1", 10, "x")).await;
    }
    let person = carteiro_core::chat::Person::new(bia(), Some("77@lid".parse().unwrap()));
    ports.chats.add_contacts(&number(), &[carteiro_core::chat::Contact::new(person)]).await.unwrap();
    ports
        .chats
        .add(&phone(2), &received(&ana(), "A1", 10, "um"), true, RetentionDays::default())
        .await
        .unwrap();
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
