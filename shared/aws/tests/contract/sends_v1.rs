//! The contract of [`Sends`](carteiro_core::ports::Sends): what V1 sends, and to whom.

use crate::ports::Ports;
use crate::samples::{at, phone, send, user_id};
use carteiro_core::media::MediaType;
use carteiro_core::ports::Created;
use carteiro_core::send::{ContactCard, Content, Forward, Recipient, Send};

crate::contract! { in memory too:
    every_recipient_reads_back,
    contacts_and_forwards_read_back,
}

async fn reads_back(ports: &Ports, send: Send) {
    assert_eq!(ports.sends.create(&send, at(60)).await, Ok(Created::New));
    assert_eq!(ports.sends.find(send.id).await, Ok(Some(send)));
}

async fn every_recipient_reads_back(ports: &Ports) {
    for to in
        ["5511988887777", "123456789012345@lid", "120363000000000001@g.us", "5511988887777-1500000000@g.us"]
    {
        let to: Recipient = to.parse().unwrap();
        reads_back(ports, Send { to, ..send(user_id(), &phone(1), at(0)) }).await;
    }
}

async fn contacts_and_forwards_read_back(ports: &Ports) {
    let contact = |name: &str| Content::Contact(ContactCard::new(name, phone(2)));
    let forward = |key: &str, media| Content::Forward(Forward { key: key.parse().unwrap(), media });
    for content in [
        contact("Ana; da Obra, 👷"),
        contact(&"👷".repeat(ContactCard::MAX_NAME)),
        contact(""),
        forward("false_5511988887777@c.us_3EB0", MediaType::Text),
        forward("false_120363000000000001@g.us_ABC_123456789012345@lid", MediaType::Image),
        forward("true_120363000000000001@g.us_A_B", MediaType::Audio),
    ] {
        reads_back(ports, Send { content, ..send(user_id(), &phone(1), at(0)) }).await;
    }
}
