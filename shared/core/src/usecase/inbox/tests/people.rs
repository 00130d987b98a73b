//! Who the messages are from, and whose chats they are in.

use super::*;

#[tokio::test]
async fn what_is_sent_to_a_lid_stands_in_the_chat_of_the_number_that_is_known() {
    let mut world = World::new();
    let lid: Address = "77@lid".parse().unwrap();
    let to_lid = Message { key: MessageKey::ours(lid.clone(), "S1".parse().unwrap()), ..sent("S1", 5) };
    let person = Person::new(ana(), Some(lid.clone()));
    let change = ContactChange { person: person.clone(), name: None, push_name: None, verified_name: None };
    world.take_in(&[Update::Contact(change)]).await;
    world.store_sent(&to_lid).await;
    assert_eq!(world.texts().await, ["nosso"]);
    assert_eq!(world.chats.chat(&number(), &ana()).await.unwrap().unwrap().with, Some(person));
    let ids = vec!["S1".parse().unwrap()];
    world.take_in(&[Update::Acked { chat: lid, ids, ack: Ack::Sent, at: second(9) }]).await;
    assert_eq!(world.told(), ["ack:1"]);
}

#[tokio::test]
async fn whom_the_phone_wrote_to_is_known_by_both_addresses_when_they_answer_by_one() {
    let mut world = World::new();
    let lid: Address = "77@lid".parse().unwrap();
    let both = Person::new(ana(), Some(lid.clone()));
    let from_phone = |id: &str, at| {
        let message = Message { with: Some(both.clone()), push_name: Some("A loja".into()), ..sent(id, at) };
        Update::Message(message)
    };
    world.take_in(&[from_phone("S1", 5)]).await;
    let ids = vec!["S1".parse().unwrap()];
    world.take_in(&[Update::Acked { chat: lid, ids, ack: Ack::Read, at: second(9) }]).await;
    assert_eq!(world.told(), ["chat:nosso", "ack:3"]);
    let known = world.chats.contacts_of(&number(), &[ana()]).await.unwrap();
    assert_eq!(
        (known[0].push_name.as_deref(), &known[0].person),
        (None, &both),
        "no name of the number's own"
    );
    // Neither of them writes again what is known.
    let answer = Message { author: both.clone(), with: Some(both.clone()), ..received("A1", 10, "oi") };
    world.take_in(&[Update::Message(answer.clone())]).await;
    world.chats.switch.fail_in("change_contacts");
    let again = Message { key: MessageKey { id: "A2".parse().unwrap(), ..answer.key.clone() }, ..answer };
    world.take_in(&[from_phone("S2", 11), Update::Message(again)]).await;
    assert_eq!(world.texts().await.len(), 4);
}

#[tokio::test]
async fn people_are_stored_together_and_chats_and_groups_one_by_one() {
    let mut world = World::new();
    let nobody = |n: u32| -> Person { format!("55119{n:08}@c.us").parse::<Address>().unwrap().into() };
    let named = |n: u32| {
        let name = Some(Some(format!("Pessoa {n}")));
        Update::Contact(ContactChange { person: nobody(n), name, push_name: None, verified_name: None })
    };
    let lid: Address = "77@lid".parse().unwrap();
    let group: Address = "120363000000000001@g.us".parse().unwrap();
    let member = |person| Participant { person, rank: Rank::Member };
    let mut updates: Vec<Update> = (0..250).map(named).collect();
    updates.push(Update::Chat { chat: ana(), change: ChatChange::Archived(true) });
    updates.push(Update::Group(Group {
        address: group.clone(),
        subject: "Família".into(),
        description: None,
        owner: None,
        created_at: None,
        announce: false,
        locked: false,
        participants: vec![member(Person::new(ana(), Some(lid.clone()))), member(nobody(999))],
    }));
    world.chats.switch.asked();
    world.take_in(&updates).await;
    let changes = world.chats.switch.asked().iter().filter(|call| *call == "change_contacts").count();
    assert_eq!(changes, 3);
    assert_eq!(world.chats.contacts(&number(), None, 1_000).await.unwrap().items.len(), 251);
    assert!(world.chats.chat(&number(), &ana()).await.unwrap().unwrap().archived);
    assert_eq!(world.chats.canonical(&number(), &lid).await.unwrap(), ana());
    world.take_in(&[Update::GroupLeft(group.clone())]).await;
    assert_eq!(world.chats.group(&number(), &group).await.unwrap(), None);
}

#[tokio::test]
async fn an_author_who_is_known_is_not_written_again() {
    let mut world = World::new();
    world.take_in(&[Update::Message(received("A1", 10, "um"))]).await;
    world.chats.switch.asked();
    world.take_in(&[Update::Message(received("A2", 11, "dois"))]).await;
    assert!(!world.chats.switch.asked().contains(&"change_contacts".to_owned()));
    let renamed = Message { push_name: Some("Aninha".into()), ..received("A3", 12, "três") };
    world.take_in(&[Update::Message(renamed)]).await;
    let known = world.chats.contacts_of(&number(), &[ana()]).await.unwrap();
    assert_eq!(known[0].push_name.as_deref(), Some("Aninha"));
}

#[tokio::test]
async fn what_cannot_be_stored_of_a_person_keeps_no_message_away() {
    let mut world = World::new();
    let mut intake = world.intake(&[Update::Message(received("A1", 10, "um"))]);
    world.chats.switch.refuse("change_contacts");
    let error = world.inbox.take_in(&mut intake).await.unwrap_err();
    assert!(error.lasting);
    assert_eq!(intake.leave_out(), Some("a person"));
    world.inbox.take_in(&mut intake).await.unwrap();
    assert!(intake.is_done());
    assert_eq!((world.texts().await, world.told()), (vec!["um".to_owned()], vec!["chat:um".to_owned()]));
}

#[tokio::test]
async fn a_tenant_who_cannot_be_read_is_waited_for() {
    let mut world = World::new();
    let mut intake = world.intake(&[Update::Message(received("A1", 10, "um"))]);
    world.accounts.switch.refuse("find");
    assert!(!world.inbox.take_in(&mut intake).await.unwrap_err().lasting);
    world.accounts.switch.recover();
    world.inbox.take_in(&mut intake).await.unwrap();
    assert_eq!(world.texts().await, ["um"]);
}
