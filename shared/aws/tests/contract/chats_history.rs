//! The contracts of [`ChatWriter`](carteiro_core::ports::ChatWriter) and [`ChatReader`](carteiro_core::ports::ChatReader):
//! what the phone has from before.

use crate::chat_samples::{ana, bia, received, second, sent, text_of, texts};
use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::chat::{Ack, Address, Chat, ChatChange, Message, Mute, Person};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Stored;
use carteiro_core::retention::RetentionDays;

crate::contract! { in memory too:
    history_makes_chats_with_their_messages,
    history_comes_twice,
    history_leaves_what_is_newer,
    a_chat_takes_from_history_what_it_did_not_know,
    later_parts_of_history_bring_later_messages,
    messages_make_the_chats_that_history_leaves_out,
    much_history_is_stored_whole,
}

fn number() -> Phone {
    phone(1)
}

async fn add(ports: &Ports, chats: &[Chat], messages: &[Message]) {
    ports.chats.add_history(&number(), chats, messages, RetentionDays::default()).await.unwrap();
}

async fn chat(ports: &Ports, address: &Address) -> Chat {
    ports.chat_reader.chat(&number(), address).await.unwrap().expect("a chat")
}

async fn shown(ports: &Ports, address: &Address) -> Vec<String> {
    texts(&ports.chat_reader.messages(&number(), address, None, 1_000).await.unwrap().items)
}

/// A chat as the phone shows it.
fn old_chat(address: &Address) -> Chat {
    Chat {
        name: Some("Ana da Silva".into()),
        last_at: Some(second(20)),
        unread: 3,
        marked_unread: true,
        archived: true,
        pinned_at: Some(second(1)),
        muted: Some(Mute::Forever),
        ..Chat::new(address.clone(), Some(Person::from(address.clone())))
    }
}

async fn history_makes_chats_with_their_messages(ports: &Ports) {
    let messages = [received(&ana(), "A2", 20, "dois"), received(&ana(), "A1", 10, "um")];
    add(ports, &[old_chat(&ana())], &messages).await;
    assert_eq!(chat(ports, &ana()).await, Chat { last: Some(messages[0].clone()), ..old_chat(&ana()) });
    assert_eq!(shown(ports, &ana()).await, ["dois", "um"]);
    // A chat in which nothing has happened stands last.
    add(ports, &[Chat::new(bia(), None)], &[]).await;
    let chats = ports.chat_reader.chats(&number(), None, 10).await.unwrap().items;
    assert_eq!(chats.iter().map(|chat| &chat.address).collect::<Vec<_>>(), [&ana(), &bia()]);
}

async fn history_comes_twice(ports: &Ports) {
    let messages = [received(&ana(), "A1", 10, "um"), received(&ana(), "A1", 10, "um")];
    for _ in 0..2 {
        add(ports, &[old_chat(&ana()), old_chat(&ana())], &messages).await;
        let chat = chat(ports, &ana()).await;
        assert_eq!(chat, Chat { last: Some(messages[0].clone()), ..old_chat(&ana()) });
        assert_eq!(shown(ports, &ana()).await, ["um"]);
    }
}

async fn history_leaves_what_is_newer(ports: &Ports) {
    let live = sent(&ana(), "S1", 30, "agora");
    ports.chats.add(&number(), &live, true, RetentionDays::default()).await.unwrap();
    ports.chats.acknowledge(&number(), &ana(), std::slice::from_ref(&live.key.id), Ack::Read).await.unwrap();
    let edited = received(&ana(), "A1", 31, "antes");
    ports.chats.add(&number(), &edited, true, RetentionDays::default()).await.unwrap();
    ports.chats.edit(&number(), &edited.key, "depois", second(32)).await.unwrap();
    let gone = received(&ana(), "A2", 33, "segredo");
    ports.chats.add(&number(), &gone, true, RetentionDays::default()).await.unwrap();
    ports.chats.revoke(&number(), &gone.key).await.unwrap();
    let before = (
        chat(ports, &ana()).await.last,
        ports.chat_reader.messages(&number(), &ana(), None, 9).await.unwrap(),
    );
    let old = [Message { ack: Ack::Sent, ..live }, edited, gone, received(&ana(), "A0", 5, "velha")];
    add(ports, &[], &old).await;
    let mut after = ports.chat_reader.messages(&number(), &ana(), None, 9).await.unwrap();
    assert_eq!(after.items.pop().map(|old| text_of(&old)).as_deref(), Some("velha"));
    let chat = chat(ports, &ana()).await;
    assert_eq!((chat.last, after), before);
    assert_eq!(chat.unread, 2, "history counts nothing");
}

async fn a_chat_takes_from_history_what_it_did_not_know(ports: &Ports) {
    let lid = Person::new(ana(), Some("77@lid".parse().unwrap()));
    ports
        .chats
        .add(&number(), &received(&ana(), "A1", 50, "agora"), true, RetentionDays::default())
        .await
        .unwrap();
    ports.chats.change_chat(&number(), &ana(), &ChatChange::Pinned(Some(second(40)))).await.unwrap();
    let old = Chat { with: Some(lid.clone()), ..old_chat(&ana()) };
    add(ports, std::slice::from_ref(&old), &[received(&ana(), "A0", 20, "velha")]).await;
    let now = chat(ports, &ana()).await;
    assert_eq!(
        (now.name.as_deref(), now.archived, now.muted),
        (Some("Ana da Silva"), true, Some(Mute::Forever))
    );
    assert_eq!(now.with, Some(lid), "both addresses are worth more than one");
    assert_eq!((now.pinned_at, now.last_at, now.unread), (Some(second(40)), Some(second(50)), 1));
    assert_eq!(text_of(&now.last.unwrap()), "agora");
    // A name that is known stays.
    add(ports, &[Chat { name: Some("Outra".into()), ..old }], &[]).await;
    assert_eq!(chat(ports, &ana()).await.name.as_deref(), Some("Ana da Silva"));
}

async fn later_parts_of_history_bring_later_messages(ports: &Ports) {
    add(ports, &[old_chat(&ana())], &[received(&ana(), "A1", 10, "um")]).await;
    add(ports, &[], &[received(&ana(), "A3", 18, "três"), received(&ana(), "A2", 15, "dois")]).await;
    let now = chat(ports, &ana()).await;
    assert_eq!((text_of(now.last.as_ref().unwrap()).as_str(), now.last_at), ("três", Some(second(20))));
    add(ports, &[], &[received(&ana(), "A0", 5, "zero"), received(&ana(), "A4", 25, "quatro")]).await;
    let now = chat(ports, &ana()).await;
    assert_eq!((text_of(now.last.as_ref().unwrap()).as_str(), now.last_at), ("quatro", Some(second(25))));
    assert_eq!(shown(ports, &ana()).await, ["quatro", "três", "dois", "um", "zero"]);
    // What comes now goes on from there, though the phone has said a later time.
    add(ports, &[Chat { last_at: Some(second(90)), ..old_chat(&ana()) }], &[]).await;
    let live = received(&ana(), "A5", 60, "cinco");
    assert_eq!(ports.chats.add(&number(), &live, true, RetentionDays::default()).await.unwrap(), Stored::New);
    let now = chat(ports, &ana()).await;
    assert_eq!((now.last, now.last_at, now.unread), (Some(live), Some(second(90)), 4));
}

async fn messages_make_the_chats_that_history_leaves_out(ports: &Ports) {
    let group: Address = "120363000000000001@g.us".parse().unwrap();
    let in_group = Message { with: None, ..received(&group, "G1", 7, "no grupo") };
    add(ports, &[], &[received(&ana(), "A1", 10, "um"), in_group.clone()]).await;
    let made = chat(ports, &ana()).await;
    assert_eq!((made.with, made.last_at, made.unread), (Some(ana().into()), Some(second(10)), 0));
    assert_eq!(chat(ports, &group).await.last, Some(in_group));
}

async fn much_history_is_stored_whole(ports: &Ports) {
    let people: Vec<Address> = (0..130).map(|n| Address::of_phone(&phone(100 + n))).collect();
    let chats: Vec<Chat> = people.iter().map(old_chat).collect();
    let message = |n: usize| received(&people[n % 130], &format!("M{n}"), n as i64, &n.to_string());
    let messages: Vec<Message> = (0..390).map(message).collect();
    add(ports, &chats, &messages[..200]).await;
    add(ports, &chats, &messages[100..]).await;
    let mut cursor = None;
    let mut all = 0;
    loop {
        let slice = ports.chat_reader.chats_with_last(&number(), cursor.as_deref(), 50).await.unwrap();
        for chat in &slice.items {
            let found = shown(ports, &chat.address).await;
            assert_eq!(found.len(), 3, "{found:?}");
            assert_eq!(chat.last.as_ref().map(text_of).as_ref(), found.first());
        }
        all += slice.items.len();
        cursor = slice.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(all, 130);
}
