//! The contracts of [`ChatWriter`](carteiro_core::ports::ChatWriter) and [`ChatReader`](carteiro_core::ports::ChatReader):
//! people and groups.

use crate::chat_samples::{ana, bia, received, second};
use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::chat::{Address, Contact, ContactChange, Group, Participant, Person, Rank};
use carteiro_core::phone::Phone;
use carteiro_core::retention::RetentionDays;

crate::contract! { in memory too:
    people_become_known_bit_by_bit,
    names_that_are_known_stay,
    a_lid_becomes_a_phone_number,
    who_hides_behind_a_lid_is_found,
    people_are_read_in_parts,
    many_people_are_stored_and_found,
    a_group_is_read_back,
    a_large_group_fits,
    groups_are_read_in_parts,
}

fn number() -> Phone {
    phone(1)
}

fn lid(n: u32) -> Address {
    format!("{}@lid", 900_000 + n).parse().unwrap()
}

fn change(person: impl Into<Person>) -> ContactChange {
    ContactChange { person: person.into(), name: None, push_name: None, verified_name: None }
}

async fn apply(ports: &Ports, changes: &[ContactChange]) {
    ports.chats.change_contacts(&number(), changes).await.unwrap();
}

async fn known(ports: &Ports, people: &[Address]) -> Vec<Contact> {
    let mut known = ports.chat_reader.contacts_of(&number(), people).await.unwrap();
    known.sort_by_key(|contact| contact.person.address().to_string());
    known
}

async fn all(ports: &Ports, size: usize) -> Vec<Contact> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let slice = ports.chat_reader.contacts(&number(), cursor.as_deref(), size).await.unwrap();
        assert!(slice.items.len() <= size);
        all.extend(slice.items);
        cursor = slice.next;
        if cursor.is_none() {
            return all;
        }
    }
}

async fn people_become_known_bit_by_bit(ports: &Ports) {
    assert!(known(ports, &[ana()]).await.is_empty());
    let ours = |text: &str| Some(text.to_owned());
    apply(ports, &[ContactChange { push_name: ours("Aninha"), ..change(ana()) }]).await;
    apply(
        ports,
        &[
            ContactChange { name: Some(ours("Ana")), ..change(ana()) },
            ContactChange { verified_name: ours("Loja"), ..change(bia()) },
            ContactChange { push_name: ours("Nina"), ..change(ana()) },
        ],
    )
    .await;
    let expected = [
        Contact { name: ours("Ana"), push_name: ours("Nina"), ..Contact::new(ana().into()) },
        Contact { verified_name: ours("Loja"), business: true, ..Contact::new(bia().into()) },
    ];
    assert_eq!(known(ports, &[ana(), bia(), lid(1)]).await, expected);
    // Taken out of the address book, what they call themselves stays.
    apply(ports, &[ContactChange { name: Some(None), ..change(ana()) }]).await;
    assert_eq!(known(ports, &[ana()]).await[0].shown_name(), Some("Nina"));
    apply(ports, &[]).await;
}

async fn names_that_are_known_stay(ports: &Ports) {
    let named = |name: &str| Contact { name: Some(name.into()), ..Contact::new(ana().into()) };
    apply(ports, &[ContactChange { name: Some(Some("Ana".into())), ..change(ana()) }]).await;
    let old = Contact { push_name: Some("Aninha".into()), business: true, ..named("Ana velha") };
    ports.chats.add_contacts(&number(), &[old.clone(), named("Outra")]).await.unwrap();
    let expected = Contact { name: Some("Ana".into()), ..old };
    assert_eq!(known(ports, &[ana()]).await, [expected]);
}

async fn a_lid_becomes_a_phone_number(ports: &Ports) {
    let reader = &ports.chat_reader;
    apply(ports, &[ContactChange { push_name: Some("Ana".into()), ..change(lid(1)) }]).await;
    assert_eq!(reader.canonical(&number(), &lid(1)).await.unwrap(), lid(1));
    assert_eq!(known(ports, &[lid(1)]).await.len(), 1);
    let both = Person::new(ana(), Some(lid(1)));
    apply(ports, &[change(both.clone())]).await;
    assert_eq!(reader.canonical(&number(), &lid(1)).await.unwrap(), ana());
    assert_eq!(reader.canonical(&number(), &ana()).await.unwrap(), ana());
    let expected = Contact { push_name: Some("Ana".into()), ..Contact::new(both) };
    let only = std::slice::from_ref(&expected);
    assert_eq!(known(ports, &[lid(1)]).await, only);
    assert_eq!(known(ports, &[ana()]).await, only);
    assert_eq!(all(ports, 10).await, only, "they are one person");
    // What is told of the LID afterwards is told of the person.
    apply(ports, &[ContactChange { name: Some(Some("Ana S.".into())), ..change(lid(1)) }]).await;
    assert_eq!(all(ports, 10).await, [Contact { name: Some("Ana S.".into()), ..expected }]);
}

async fn who_hides_behind_a_lid_is_found(ports: &Ports) {
    let people: Vec<Contact> =
        (0..3).map(|n| Contact::new(Person::new(Address::of_phone(&phone(50 + n)), Some(lid(n))))).collect();
    ports.chats.add_contacts(&number(), &people).await.unwrap();
    let asked = [lid(0), Address::of_phone(&phone(50)), lid(1), lid(9), bia()];
    assert_eq!(known(ports, &asked).await, people[..2]);
}

async fn people_are_read_in_parts(ports: &Ports) {
    let people: Vec<Contact> =
        (0..7).map(|n| Contact::new(Address::of_phone(&phone(50 + n)).into())).collect();
    ports.chats.add_contacts(&number(), &people).await.unwrap();
    // Neither chats nor groups are among them.
    ports
        .chats
        .add(&number(), &received(&ana(), "A1", 1, "um"), true, RetentionDays::default())
        .await
        .unwrap();
    for size in [1, 3, 7, 8] {
        assert_eq!(all(ports, size).await, people, "in parts of {size}");
    }
}

async fn many_people_are_stored_and_found(ports: &Ports) {
    let people: Vec<Contact> = (0..230)
        .map(|n| Contact::new(Person::new(Address::of_phone(&phone(500 + n)), Some(lid(n)))))
        .collect();
    for _ in 0..2 {
        ports.chats.add_contacts(&number(), &people).await.unwrap();
    }
    let lids: Vec<Address> = (0..230).map(lid).collect();
    assert_eq!(known(ports, &lids).await, people);
}

fn group(n: u32, members: u32) -> Group {
    let participant = |n: u32| Participant {
        person: if n.is_multiple_of(2) {
            Person::new(Address::of_phone(&phone(1_000 + n)), Some(lid(n)))
        } else {
            lid(n).into()
        },
        rank: [Rank::SuperAdmin, Rank::Admin, Rank::Member][n.min(2) as usize],
    };
    Group {
        address: format!("1203630000000{n:05}@g.us").parse().unwrap(),
        subject: format!("Família {n}"),
        description: Some("Só\nfamília".into()),
        owner: Some(Person::new(ana(), Some(lid(0)))),
        created_at: Some(second(n.into())),
        announce: true,
        locked: false,
        participants: (0..members).map(participant).collect(),
    }
}

async fn a_group_is_read_back(ports: &Ports) {
    let (reader, one) = (&ports.chat_reader, group(1, 3));
    assert_eq!(reader.group(&number(), &one.address).await.unwrap(), None);
    ports.chats.put_group(&number(), &one).await.unwrap();
    assert_eq!(reader.group(&number(), &one.address).await.unwrap(), Some(one.clone()));
    let chat = reader.chat(&number(), &one.address).await.unwrap().unwrap();
    assert_eq!((chat.name, chat.last_at, chat.with), (Some("Família 1".into()), None, None));
    let empty = Group {
        subject: "Vazia".into(),
        description: None,
        owner: None,
        created_at: None,
        participants: vec![],
        ..one
    };
    ports.chats.put_group(&number(), &empty).await.unwrap();
    assert_eq!(reader.group(&number(), &empty.address).await.unwrap(), Some(empty.clone()));
    for _ in 0..2 {
        ports.chats.forget_group(&number(), &empty.address).await.unwrap();
        assert_eq!(reader.group(&number(), &empty.address).await.unwrap(), None);
    }
    let chat = reader.chat(&number(), &empty.address).await.unwrap();
    assert_eq!(chat.and_then(|chat| chat.name).as_deref(), Some("Vazia"), "the chat stays");
}

async fn a_large_group_fits(ports: &Ports) {
    let large = group(1, 5_000);
    ports.chats.put_group(&number(), &large).await.unwrap();
    assert!(ports.chat_reader.group(&number(), &large.address).await.unwrap() == Some(large));
}

async fn groups_are_read_in_parts(ports: &Ports) {
    let groups: Vec<Group> = (0..5).map(|n| group(n, 2)).collect();
    for group in &groups {
        ports.chats.put_group(&number(), group).await.unwrap();
    }
    for size in [2, 5, 6] {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let slice = ports.chat_reader.groups(&number(), cursor.as_deref(), size).await.unwrap();
            all.extend(slice.items);
            cursor = slice.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all, groups);
    }
}
