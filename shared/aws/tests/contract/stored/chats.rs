//! Stored chats, people and groups of numbers, and answers to questions.

use crate::chat_samples::{ana, bia, received, second};
use crate::ports::Ports;
use crate::samples::{at, phone};
use carteiro_core::chat::{Address, Chat, Contact, Group, Mute, Participant, Person, Rank};
use carteiro_core::ids::QueryId;
use carteiro_core::query::{Answer, Picture, QueryFailure, Validation};
use carteiro_core::retention::RetentionDays;

super::stored! {
    chats: chats_are_written, chats_are_read;
    people: people_are_written, people_are_read;
    groups: groups_are_written, groups_are_read;
    answers: answers_are_written, answers_are_read;
}

fn lid() -> Address {
    "100000000000071@lid".parse().unwrap()
}

fn person() -> Person {
    Person::new(ana(), Some(lid()))
}

/// The latest first: everything that a chat can have, one that is silent for a while, and one in which nothing happened.
fn chats() -> [Chat; 3] {
    let last = received(&ana(), "3EB0A1", 30, "Olá 👋");
    let whole = Chat {
        name: Some("Ana da Silva".into()),
        last_at: Some(second(30)),
        unread: 3,
        marked_unread: true,
        archived: true,
        pinned_at: Some(second(1)),
        muted: Some(Mute::Forever),
        last: Some(last),
        ..Chat::new(ana(), Some(person()))
    };
    let silent = Chat { last_at: Some(second(20)), muted: Some(Mute::Until(at(99))), ..Chat::unknown(bia()) };
    [whole, silent, Chat::new("120363000000000001@g.us".parse().unwrap(), None)]
}

async fn chats_are_written(ports: &Ports) {
    let messages: Vec<_> = chats().iter().filter_map(|chat| chat.last.clone()).collect();
    ports.chats.add_history(&phone(1), &chats(), &messages, RetentionDays::default()).await.unwrap();
}

async fn chats_are_read(ports: &Ports) {
    for chat in chats() {
        let found = ports.chat_reader.chat(&phone(1), &chat.address).await;
        assert_eq!(found, Ok(Some(chat)));
    }
    let listed = ports.chat_reader.chats_with_last(&phone(1), None, 10).await.unwrap();
    assert_eq!(listed.items, chats());
}

fn people() -> [Contact; 2] {
    let whole = Contact {
        name: Some("Ana da Silva".into()),
        push_name: Some("Aninha".into()),
        verified_name: Some("Loja da Ana".into()),
        business: true,
        ..Contact::new(person())
    };
    [whole, Contact { push_name: Some("Bia".into()), ..Contact::new(bia().into()) }]
}

async fn people_are_written(ports: &Ports) {
    ports.chats.add_contacts(&phone(1), &people()).await.unwrap();
}

async fn people_are_read(ports: &Ports) {
    assert_eq!(ports.chat_reader.contacts(&phone(1), None, 10).await.unwrap().items, people());
    assert_eq!(ports.chat_reader.contacts_of(&phone(1), &[lid()]).await, Ok(people()[..1].to_vec()));
    assert_eq!(ports.chat_reader.canonical(&phone(1), &lid()).await, Ok(ana()));
}

fn group() -> Group {
    let member = |person: Person, rank| Participant { person, rank };
    Group {
        address: "120363000000000001@g.us".parse().unwrap(),
        subject: "Obras 👷".into(),
        description: Some("Rua 7".into()),
        owner: Some(person()),
        created_at: Some(at(0)),
        announce: true,
        locked: true,
        participants: vec![
            member(person(), Rank::SuperAdmin),
            member(bia().into(), Rank::Admin),
            member("100000000000073@lid".parse::<Address>().unwrap().into(), Rank::Member),
        ],
    }
}

/// One of which hardly anything is known.
fn bare_group() -> Group {
    Group {
        address: "120363000000000002@g.us".parse().unwrap(),
        subject: "Vazio".into(),
        description: None,
        owner: None,
        created_at: None,
        announce: false,
        locked: false,
        participants: vec![],
    }
}

async fn groups_are_written(ports: &Ports) {
    for group in [group(), bare_group()] {
        ports.chats.put_group(&phone(1), &group).await.unwrap();
    }
}

async fn groups_are_read(ports: &Ports) {
    for group in [group(), bare_group()] {
        assert_eq!(ports.chat_reader.group(&phone(1), &group.address).await, Ok(Some(group.clone())));
        let chat = ports.chat_reader.chat(&phone(1), &group.address).await.unwrap().expect("its chat");
        assert_eq!(chat.name, Some(group.subject));
    }
    let listed = ports.chat_reader.groups(&phone(1), None, 10).await.unwrap();
    assert_eq!(listed.items, [group(), bare_group()]);
}

fn answers() -> Vec<Answer> {
    let picture = |preview: Option<&str>| Picture {
        id: "1".into(),
        url: "https://pps.whatsapp.net/v/1?oh=a%2Fb".into(),
        preview_url: preview.map(str::to_owned),
    };
    let found = |person, business| Validation { asked: phone(71), person, business };
    let failures = [
        QueryFailure::NotConnected,
        QueryFailure::TimedOut,
        QueryFailure::NotFound,
        QueryFailure::Forbidden,
        QueryFailure::Refused { code: 429 },
        QueryFailure::Internal,
    ];
    let answers = [
        Answer::Validated { numbers: vec![found(Some(person()), true), found(None, false)] },
        Answer::Online { online: true },
        Answer::About { text: Some("Olá".into()) },
        Answer::About { text: None },
        Answer::Picture { picture: Some(picture(Some("https://pps.whatsapp.net/v/2"))) },
        Answer::Picture { picture: Some(picture(None)) },
        Answer::Picture { picture: None },
        Answer::Group { group: group() },
        Answer::AwaitsApproval { group: group().address },
        Answer::Done,
        Answer::History { count: 50 },
    ];
    answers.into_iter().chain(failures.map(|why| Answer::Failed { why })).collect()
}

async fn answers_are_written(ports: &Ports) {
    for (seed, answer) in (1..).zip(answers()) {
        ports.answers.put(QueryId::from_random([seed; 16]), &answer, at(300)).await.unwrap();
    }
}

async fn answers_are_read(ports: &Ports) {
    for (seed, answer) in (1..).zip(answers()) {
        let id = QueryId::from_random([seed; 16]);
        assert_eq!(ports.answers.find(id, at(299)).await, Ok(Some(answer)));
        assert_eq!(ports.answers.find(id, at(300)).await, Ok(None), "it is over");
    }
}
