//! An account as it is scripted for the golden files: people, groups, chats, and a message of every kind.

use carteiro_core::chat::*;
use carteiro_core::media::MediaKey;
use carteiro_core::phone::Phone;
use carteiro_core::ports::ChatWriter;
use carteiro_core::retention::RetentionDays;
use carteiro_core::testing::MemoryChats;
use jiff::Timestamp;

/// The number of the session `Minha Loja`.
pub(crate) const NUMBER: &str = "5511999990000";
/// In the address book, known by number and by LID.
pub(crate) const ANA: &str = "5511988887777";
/// Known by LID alone.
pub(crate) const BRUNO: &str = "123456789012345@lid";
/// A business with a verified name, whose chat is kept without the ninth digit.
pub(crate) const PADARIA: &str = "553188776655";
/// The group.
pub(crate) const FAMILIA: &str = "120363000000000001@g.us";

pub(crate) fn number() -> Phone {
    NUMBER.parse().unwrap()
}

pub(crate) fn address(text: &str) -> Address {
    Address::of_v1(text, false).unwrap()
}

pub(crate) fn ana() -> Person {
    Person::new(address(ANA), Some(address("987654321098765@lid")))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_699_900_000 + second).unwrap()
}

/// A message that the author wrote in the chat.
fn message(chat: &str, id: &str, second: i64, author: &Person, body: Body) -> Message {
    let chat = address(chat);
    let from_me = author.phone() == Some(number());
    let participant = (chat.is_group() && !from_me).then(|| author.address().clone());
    let with = match chat.is_person() {
        true if from_me => Some(Person::from(chat.clone())),
        true => Some(author.clone()),
        false => None,
    };
    Message {
        key: MessageKey { chat, from_me, id: id.parse().unwrap(), participant },
        at: at(second),
        author: author.clone(),
        push_name: (!from_me).then(|| "Aninha".to_owned()),
        with,
        ack: if from_me { Ack::Read } else { Ack::Received },
        body,
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

fn file(kind: AttachmentKind, mime: &str) -> Body {
    Body::Media(Attachment {
        kind,
        mime: mime.to_owned(),
        caption: None,
        file_name: None,
        length: Some(12_345),
        seconds: Some(7),
        width: Some(640),
        height: Some(480),
        key: Some(MediaKey([7; 32])),
        direct_path: Some("/v/t62.7118-24/1?ccb=1".to_owned()),
        sha256: Some([1; 32]),
        encrypted_sha256: Some([2; 32]),
        stored: None,
    })
}

fn with_caption(body: Body) -> Body {
    match body {
        Body::Media(file) => Body::Media(Attachment {
            caption: Some("Olha só".to_owned()),
            file_name: Some("orçamento.pdf".to_owned()),
            ..file
        }),
        other => other,
    }
}

fn text(text: &str) -> Body {
    Body::Text { text: text.to_owned() }
}

fn card(name: &str) -> Card {
    Card { name: name.to_owned(), vcard: format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nEND:VCARD") }
}

/// What each kind says.
fn every_kind() -> Vec<Body> {
    use AttachmentKind::*;
    let target =
        MessageKey { chat: address(ANA), from_me: true, id: "A02".parse().unwrap(), participant: None };
    vec![
        text("Oi! <b>tudo</b> \"bem\"?\né"),
        with_caption(file(Image, "image/jpeg")),
        file(Video, "video/mp4"),
        file(Voice, "audio/ogg; codecs=opus"),
        file(Audio, "audio/mpeg"),
        with_caption(file(Document, "application/pdf")),
        file(Sticker, "image/webp"),
        Body::Location {
            latitude: -23.561,
            longitude: -46.656,
            name: Some("MASP".into()),
            address: Some("Av. Paulista, 1578".into()),
            live: false,
        },
        Body::Contacts { cards: vec![card("Carla")] },
        Body::Contacts { cards: vec![card("Carla"), card("Davi")] },
        Body::Poll { question: "Pizza?".into(), options: vec!["Sim".into(), "Não".into()], selectable: 1 },
        Body::Reaction { target: target.clone(), emoji: Some("👍".into()) },
        Body::Reaction { target, emoji: None },
        Body::Revoked,
        Body::Ciphertext,
        Body::Other { kind: "order".into() },
    ]
}

/// Writes the account into the store, as the session task would.
pub(crate) async fn write(chats: &MemoryChats) {
    let (me, own) = (number(), Person::from(address(NUMBER)));
    let bruno = Person::from(address(BRUNO));
    let padaria = Person::from(address(PADARIA));
    let contacts = [
        Contact { name: Some("Ana Maria".into()), push_name: Some("Aninha".into()), ..Contact::new(ana()) },
        Contact { push_name: Some("Bruno".into()), ..Contact::new(bruno.clone()) },
        Contact {
            verified_name: Some("Padaria Real".into()),
            business: true,
            ..Contact::new(padaria.clone())
        },
        Contact { push_name: Some("Minha Loja".into()), ..Contact::new(own.clone()) },
    ];
    chats.add_contacts(&me, &contacts).await.unwrap();
    let group = Group {
        address: address(FAMILIA),
        subject: "Família".into(),
        description: Some("Só da família".into()),
        owner: Some(ana()),
        created_at: Some(at(-9_000)),
        announce: false,
        locked: true,
        participants: vec![
            Participant { person: ana(), rank: Rank::SuperAdmin },
            Participant { person: bruno.clone(), rank: Rank::Admin },
            Participant { person: own.clone(), rank: Rank::Member },
        ],
    };
    chats.put_group(&me, &group).await.unwrap();

    for (index, body) in every_kind().into_iter().enumerate() {
        let (id, second) = (format!("A{:02}", 10 + index), 100 + index as i64);
        let counts = !matches!(body, Body::Reaction { .. });
        chats
            .add(&me, &message(ANA, &id, second, &ana(), body), counts, RetentionDays::default())
            .await
            .unwrap();
    }
    let mut answer = message(ANA, "A02", 50, &own, text("Respondo já"));
    answer.quoted = Some(Quoted {
        key: MessageKey { chat: address(ANA), from_me: false, id: "A01".parse().unwrap(), participant: None },
        body: Some(Box::new(with_caption(file(AttachmentKind::Image, "image/jpeg")))),
    });
    chats.add_history(&me, &[], &[answer], RetentionDays::default()).await.unwrap();

    chats
        .add(&me, &message(FAMILIA, "B01", 300, &bruno, text("Bom dia")), true, RetentionDays::default())
        .await
        .unwrap();
    chats
        .add(&me, &message(FAMILIA, "B02", 301, &own, text("Bom dia!")), true, RetentionDays::default())
        .await
        .unwrap();
    chats
        .add(&me, &message(BRUNO, "C01", 200, &bruno, text("Sou o Bruno")), true, RetentionDays::default())
        .await
        .unwrap();
    chats
        .add(&me, &message(PADARIA, "D01", 10, &own, text("Tem pão?")), true, RetentionDays::default())
        .await
        .unwrap();
    for (chat, change) in [
        (FAMILIA, ChatChange::Muted(Some(Mute::Forever))),
        (ANA, ChatChange::Pinned(Some(at(400)))),
        (PADARIA, ChatChange::Archived(true)),
        (PADARIA, ChatChange::Muted(Some(Mute::Until(at(9_000))))),
        (PADARIA, ChatChange::MarkedUnread),
    ] {
        chats.change_chat(&me, &address(chat), &change).await.unwrap();
    }
}
