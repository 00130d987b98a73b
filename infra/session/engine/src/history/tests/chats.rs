use super::*;
use crate::history::contact::contacts;
use crate::history::conversation::{Found, found, hear};
use crate::history::part::Part;
use carteiro_core::chat::{Chat, Mute, Update};
use jiff::Timestamp;
use proptest::prelude::*;
use waproto::whatsapp::{Conversation, HistorySync, InlineContact, Pushname};

fn read(conversation: &Conversation) -> Option<Found> {
    let mut people = people();
    hear(conversation, &mut people);
    found(conversation, &people)
}

fn chat(conversation: Conversation) -> Chat {
    read(&conversation).unwrap().chat
}

#[test]
fn a_chat_is_as_the_phone_shows_it() {
    let found = read(&Conversation {
        pn_jid: Some(ANA.into()),
        name: Some("Ana".into()),
        conversation_timestamp: Some(AT),
        unread_count: Some(3),
        archived: Some(true),
        pinned: Some(1_760_000_001),
        mute_end_time: Some(AT * 1000),
        ..conversation(ANAS_LID, Vec::new())
    });
    let found = found.unwrap();
    let seconds = |at| Timestamp::from_second(at).unwrap();
    assert_eq!((&found.chat.address, found.chat.name.as_deref()), (&at(ANA), Some("Ana")));
    assert_eq!(found.chat.with.as_ref().unwrap().lid(), Some(&at(ANAS_LID)));
    assert_eq!((found.chat.last_at, found.chat.unread), (Some(seconds(AT as i64)), 3));
    assert_eq!((found.chat.archived, found.chat.pinned_at), (true, Some(seconds(1_760_000_001))));
    assert_eq!(found.chat.muted, Some(Mute::Until(seconds(AT as i64))));
    assert_eq!(found.contact.unwrap().name.as_deref(), Some("Ana"));
}

#[test]
fn nothing_told_is_nothing() {
    let plain = chat(conversation(GROUP, Vec::new()));
    assert_eq!(plain, Chat::new(at(GROUP), None));
    assert!(read(&conversation("1@bot", Vec::new())).is_none());
}

#[test]
fn an_endless_mute_and_a_mark_by_hand_are_negative_numbers() {
    let marked = chat(Conversation {
        unread_count: Some(u32::MAX),
        mute_end_time: Some(u64::MAX),
        pinned: Some(0),
        ..conversation(ANA, Vec::new())
    });
    assert_eq!((marked.unread, marked.marked_unread), (0, true));
    assert_eq!((marked.muted, marked.pinned_at), (Some(Mute::Forever), None));
}

#[test]
fn people_are_named_by_themselves_and_by_the_address_book() {
    let name = |id: &str, name: &str| Pushname { id: Some(id.into()), pushname: Some(name.into()) };
    let rest = HistorySync {
        pushnames: vec![name(ANA, "Ana"), name("1@s.whatsapp.net", "-"), name("none", "x")],
        inline_contacts: vec![InlineContact {
            pn_jid: Some(ANA.into()),
            lid_jid: Some(ANAS_LID.into()),
            full_name: Some("Ana da Padaria".into()),
            ..InlineContact::default()
        }],
        ..HistorySync::default()
    };
    let contacts = contacts(&rest, &people());
    assert_eq!(contacts.len(), 2);
    assert_eq!(contacts[0].push_name.as_deref(), Some("Ana"));
    assert_eq!(contacts[1].name.as_deref(), Some("Ana da Padaria"));
    assert_eq!(contacts[1].person.lid(), Some(&at(ANAS_LID)));
}

proptest! {
    /// Whatever the sizes, nothing is lost or doubled, and no part is too large.
    #[test]
    fn parts_are_small_and_whole(sizes in proptest::collection::vec(0usize..250, 0..12)) {
        let mut part = Part::default();
        let mut updates = Vec::new();
        for (chat, size) in sizes.iter().enumerate() {
            let messages = (0..*size).map(|n| told(&format!("{chat}-{n}"), false, None)).collect();
            let id = format!("55219777{chat:05}@s.whatsapp.net");
            updates.extend(part.add(read(&conversation(&id, messages)).unwrap()));
        }
        updates.extend(part.rest());
        prop_assert!(part.rest().is_none());
        let (mut chats, mut ids) = (0, Vec::new());
        for update in updates {
            let Update::History { chats: some, messages, .. } = update else { unreachable!() };
            prop_assert!(messages.len() <= 100 && some.len() <= 100);
            chats += some.len();
            ids.extend(messages.into_iter().map(|message| message.key));
        }
        prop_assert_eq!((chats, ids.len()), (sizes.len(), sizes.iter().sum()));
        ids.sort_by_key(|key| key.to_string());
        ids.dedup();
        prop_assert_eq!(ids.len(), sizes.iter().sum::<usize>());
    }
}
