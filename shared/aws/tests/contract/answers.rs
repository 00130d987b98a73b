//! The contract of [`Answers`](carteiro_core::ports::Answers).

use crate::ports::Ports;
use crate::samples::{at, phone, random};
use carteiro_core::chat::{Address, Group, Participant, Person, Rank};
use carteiro_core::ids::QueryId;
use carteiro_core::query::{Answer, Picture, QueryFailure, Validation};

crate::contract! { in memory too:
    every_answer_reads_back,
    an_answer_is_over_at_its_time,
    a_later_answer_replaces_an_earlier_one,
    the_largest_group_has_room,
}

fn id() -> QueryId {
    QueryId::from_random(random())
}

fn person(index: u32) -> Person {
    let lid = format!("{}@lid", 100_000_000_000_000 + u64::from(index)).parse().ok();
    Person::new(Address::of_phone(&phone(index)), lid)
}

fn group(members: u32) -> Group {
    Group {
        address: "120363000000000001@g.us".parse().unwrap(),
        subject: "Obras 👷".into(),
        description: Some("Rua 7".into()),
        owner: Some(person(1)),
        created_at: Some(at(0)),
        announce: false,
        locked: true,
        participants: (0..members)
            .map(|index| Participant { person: person(index), rank: Rank::Member })
            .collect(),
    }
}

async fn every_answer_reads_back(ports: &Ports) {
    assert_eq!(ports.answers.find(id(), at(0)).await, Ok(None));
    let picture =
        Picture { id: "1".into(), url: "https://pps.whatsapp.net/v/1?oh=a%2Fb".into(), preview_url: None };
    let validation = |index, person| Validation { asked: phone(index), person, business: index == 1 };
    for answer in [
        Answer::Validated { numbers: vec![validation(1, Some(person(1))), validation(2, None)] },
        Answer::Online { online: true },
        Answer::About { text: Some("Olá".into()) },
        Answer::About { text: None },
        Answer::Picture { picture: Some(picture) },
        Answer::Picture { picture: None },
        Answer::Group { group: group(3) },
        Answer::AwaitsApproval { group: "120363000000000001@g.us".parse().unwrap() },
        Answer::Done,
        Answer::History { count: 50 },
        Answer::Failed { why: QueryFailure::NotConnected },
        Answer::Failed { why: QueryFailure::Refused { code: 429 } },
    ] {
        let id = id();
        ports.answers.put(id, &answer, at(60)).await.unwrap();
        assert_eq!(ports.answers.find(id, at(0)).await, Ok(Some(answer)));
    }
}

/// DynamoDB may keep an item for days after its time.
async fn an_answer_is_over_at_its_time(ports: &Ports) {
    let id = id();
    ports.answers.put(id, &Answer::Done, at(60)).await.unwrap();
    assert_eq!(ports.answers.find(id, at(59)).await, Ok(Some(Answer::Done)));
    assert_eq!(ports.answers.find(id, at(60)).await, Ok(None));
}

async fn a_later_answer_replaces_an_earlier_one(ports: &Ports) {
    let id = id();
    ports.answers.put(id, &Answer::Online { online: true }, at(60)).await.unwrap();
    ports.answers.put(id, &Answer::Online { online: false }, at(120)).await.unwrap();
    assert_eq!(ports.answers.find(id, at(90)).await, Ok(Some(Answer::Online { online: false })));
}

async fn the_largest_group_has_room(ports: &Ports) {
    let (id, answer) = (id(), Answer::Group { group: group(1_025) });
    ports.answers.put(id, &answer, at(60)).await.unwrap();
    assert_eq!(ports.answers.find(id, at(0)).await, Ok(Some(answer)));
}
