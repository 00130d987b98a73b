//! What contacts, and the number's own phone, write: every kind arrives as WhatsApp's own app sends it.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wacore::types::events::Event;
use waproto::whatsapp::{self as wa, message as wm};

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const CONTACT: &str = "5531977770003";

pub(crate) async fn ana_and_a_contact() -> (Sim, Client) {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": CONTACT, "name": "Caio"})).await;
    let ana = Client::paired(&sim, ANA).await;
    (sim, ana)
}

/// Writes as a number's phone; the message id.
async fn write(sim: &Sim, from: &str, body: Value) -> String {
    let path = format!("/admin/accounts/{from}/messages");
    sim.post(&path, body).await["id"].as_str().unwrap().to_owned()
}

async fn lid(sim: &Sim, number: &str) -> String {
    let accounts = sim.get("/admin/accounts").await;
    let accounts = accounts["accounts"].as_array().unwrap().clone();
    accounts.iter().find(|one| one["number"] == number).unwrap()["lid"].as_str().unwrap().to_owned()
}

/// The message with this id, once the client has it.
async fn message(client: &Client, id: &str) -> wa::Message {
    client
        .event("the message", |event| match event {
            Event::Messages(batch) => batch
                .messages
                .iter()
                .find(|message| message.info.id == id)
                .map(|message| wa::Message::clone(&message.message)),
            _ => None,
        })
        .await
}

async fn got(sim: &Sim, ana: &Client, mut body: Value) -> wa::Message {
    body["to"] = json!(ANA);
    let id = write(sim, CONTACT, body).await;
    message(ana, &id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn media_from_a_contact_is_downloaded_and_opened() {
    let (sim, ana) = ana_and_a_contact().await;
    let body = json!({"media": {"type": "image", "base64": "dW1hIGZvdG8=", "caption": "A vista", "thumbnail": "/9j/"}});
    let image = got(&sim, &ana, body).await;
    let image = image.image_message.as_option().unwrap();
    assert_eq!(image.caption.as_deref(), Some("A vista"));
    assert_eq!(image.mimetype.as_deref(), Some("image/jpeg"));
    assert_eq!(image.jpeg_thumbnail.as_deref(), Some(&[0xff, 0xd8, 0xff][..]));
    assert_eq!(ana.inner().download(image).await.unwrap(), b"uma foto");

    let video = got(&sim, &ana, json!({"media": {"type": "video", "length": 300_000, "seconds": 7}})).await;
    let video = video.video_message.as_option().unwrap();
    let bytes = ana.inner().download(video).await.unwrap();
    assert_eq!((bytes.len(), video.seconds), (300_000, Some(7)));
    assert_eq!(Sha256::digest(&bytes)[..], video.file_sha256.as_deref().unwrap()[..]);

    let note = got(&sim, &ana, json!({"media": {"type": "ptt", "length": 17}})).await;
    let note = note.audio_message.as_option().unwrap();
    assert_eq!((note.ptt, note.waveform.as_ref().map(Vec::len)), (Some(true), Some(64)));
    assert_eq!(ana.inner().download(note).await.unwrap().len(), 17);
    let audio = got(&sim, &ana, json!({"media": {"type": "audio"}})).await;
    assert_eq!(audio.audio_message.as_option().unwrap().ptt, Some(false));

    let body =
        json!({"media": {"type": "document", "caption": "Segue", "file_name": "São João.pdf", "length": 0}});
    let document = got(&sim, &ana, body).await;
    let wrapper = document.document_with_caption_message.as_option().unwrap();
    let document = wrapper.message.as_option().unwrap().document_message.as_option().unwrap();
    assert_eq!(document.file_name.as_deref(), Some("São João.pdf"));
    assert_eq!(ana.inner().download(document).await.unwrap(), b"");

    let sticker = got(&sim, &ana, json!({"media": {"type": "sticker"}})).await;
    let sticker = sticker.sticker_message.as_option().unwrap();
    assert_eq!(sticker.mimetype.as_deref(), Some("image/webp"));
    assert_eq!(ana.inner().download(sticker).await.unwrap().len(), 1000);
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_can_be_spoilt_or_gone_and_then_the_phone_brings_it_back() {
    use whatsapp_rust::{MediaRetryResult, MediaReuploadRequest};
    let (sim, ana) = ana_and_a_contact().await;
    let chat = lid(&sim, CONTACT).await.parse().unwrap();
    for (file, comes_back) in [("spoilt", true), ("gone", true), ("lost", false)] {
        let body = json!({"to": ANA, "media": {"type": "image", "base64": "dW1hIGZvdG8=", "file": file}});
        let id = write(&sim, CONTACT, body).await;
        let received = message(&ana, &id).await;
        let mut image = received.image_message.as_option().unwrap().clone();
        assert!(ana.inner().download(&image).await.is_err(), "{file}");
        sim.until(&format!("/admin/accounts/{ANA}/history"), |answer| {
            let messages = answer["chats"][0]["messages"].as_array()?;
            messages.iter().any(|message| message["id"] == id).then_some(())
        })
        .await;
        let (key, client) = (image.media_key.clone().unwrap(), ana.inner());
        let request = |media_key| MediaReuploadRequest {
            msg_id: &id,
            chat_jid: &chat,
            media_key,
            is_from_me: false,
            participant: None,
        };
        match client.media_reupload().request(&request(&key)).await.unwrap() {
            MediaRetryResult::Success { direct_path } if comes_back => {
                assert_ne!(image.direct_path.as_ref(), Some(&direct_path));
                image.direct_path = Some(direct_path);
            }
            MediaRetryResult::NotFound if !comes_back => continue,
            other => panic!("{file}: {other:?}"),
        }
        assert_eq!(client.download(&image).await.ok(), (file == "gone").then(|| b"uma foto".to_vec()));
        let refused = client.media_reupload().request(&request(&[7; 32])).await.unwrap();
        assert!(matches!(refused, MediaRetryResult::DecryptionError), "{refused:?}");
    }
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn places_cards_and_polls_from_a_contact_arrive() {
    let (sim, ana) = ana_and_a_contact().await;
    let body = json!({"location": {"latitude": -19.93, "longitude": -43.94, "name": "Praça da Liberdade"}});
    let location = got(&sim, &ana, body).await;
    let location = location.location_message.as_option().unwrap();
    assert_eq!((location.degrees_latitude, location.degrees_longitude), (Some(-19.93), Some(-43.94)));
    assert_eq!(location.name.as_deref(), Some("Praça da Liberdade"));

    let card = got(&sim, &ana, json!({"contacts": [{"name": "João Sá", "number": "5521988880002"}]})).await;
    let card = card.contact_message.as_option().unwrap();
    assert_eq!(card.display_name.as_deref(), Some("João Sá"));
    assert!(card.vcard.as_deref().unwrap().contains("waid=5521988880002:+5521988880002"));
    let two = json!([{"name": "A", "number": "5521988880002"}, {"name": "B", "number": "5521988880004"}]);
    let cards = got(&sim, &ana, json!({"contacts": two})).await;
    assert_eq!(cards.contacts_array_message.as_option().unwrap().contacts.len(), 2);

    let poll = got(&sim, &ana, json!({"poll": {"question": "Quando?", "options": ["hoje", "amanhã"]}})).await;
    let secret = poll.message_context_info.as_option().unwrap().message_secret.as_deref();
    assert_eq!(secret.map(<[u8]>::len), Some(32));
    let poll = poll.poll_creation_message_v3.as_option().unwrap();
    let options: Vec<_> = poll.options.iter().map(|option| option.option_name.as_deref().unwrap()).collect();
    assert_eq!((poll.name.as_deref(), options), (Some("Quando?"), vec!["hoje", "amanhã"]));
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_reacts_edits_revokes_quotes_and_forwards() {
    let (sim, ana) = ana_and_a_contact().await;
    let hers = ana.send(CONTACT, "bom dia").await;
    sim.messages(CONTACT, 1).await;
    let reaction = got(&sim, &ana, json!({"reaction": {"id": hers, "emoji": "👍"}})).await;
    let reaction = reaction.reaction_message.as_option().unwrap();
    assert_eq!(reaction.text.as_deref(), Some("👍"));
    let key = reaction.key.as_option().unwrap();
    assert_eq!((key.id.as_deref(), key.from_me), (Some(hers.as_str()), Some(false)));

    let answer = got(&sim, &ana, json!({"text": "bom dia!", "quoted": hers, "forwarded": true})).await;
    let answer = answer.extended_text_message.as_option().unwrap();
    let context = answer.context_info.as_option().unwrap();
    assert_eq!(
        (answer.text.as_deref(), context.stanza_id.as_deref()),
        (Some("bom dia!"), Some(hers.as_str()))
    );
    assert_eq!(context.quoted_message.as_option().unwrap().conversation.as_deref(), Some("bom dia"));
    assert_eq!((context.is_forwarded, context.forwarding_score), (Some(true), Some(1)));

    let his = write(&sim, CONTACT, json!({"to": ANA, "text": "as três"})).await;
    let edit = got(&sim, &ana, json!({"edit": {"id": his, "text": "às três"}})).await;
    let edit = edit.protocol_message.as_option().unwrap();
    assert_eq!(edit.r#type, Some(wm::protocol_message::Type::MESSAGE_EDIT));
    assert_eq!(edit.key.as_option().unwrap().id.as_deref(), Some(his.as_str()));
    assert_eq!(edit.edited_message.as_option().unwrap().conversation.as_deref(), Some("às três"));

    let revoked = got(&sim, &ana, json!({"revoke": his})).await;
    let revoked = revoked.protocol_message.as_option().unwrap();
    assert_eq!(revoked.r#type, Some(wm::protocol_message::Type::REVOKE));
    assert_eq!(revoked.key.as_option().unwrap().id.as_deref(), Some(his.as_str()));

    // What cannot be: another's message edited, an unknown one quoted, nothing said, two things at once, a typo.
    let path = format!("/admin/accounts/{CONTACT}/messages");
    for (body, status) in [
        (json!({"to": ANA, "edit": {"id": hers, "text": "x"}}), 400),
        (json!({"to": ANA, "text": "x", "quoted": "3A00"}), 404),
        (json!({"to": ANA}), 400),
        (json!({"to": ANA, "text": "x", "revoke": his}), 400),
        (json!({"to": ANA, "txet": "x"}), 422),
        (json!({"text": "x"}), 422),
        (json!({"to": "5511000000000", "text": "x"}), 404),
    ] {
        assert_eq!(sim.call(reqwest::Method::POST, &path, Some(body.clone())).await.0, status, "{body}");
    }
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_own_phone_writes_is_from_me() {
    let (sim, ana) = ana_and_a_contact().await;
    let id = write(&sim, ANA, json!({"to": CONTACT, "media": {"type": "image", "base64": "Zm90bw=="}})).await;
    let (source, image) = ana
        .event("the own phone's photo", |event| match event {
            Event::Messages(batch) => {
                batch.messages.iter().find(|message| message.info.id == id).map(|message| {
                    let image = message.message.image_message.as_option().cloned();
                    (message.info.source.clone(), image.unwrap())
                })
            }
            _ => None,
        })
        .await;
    assert!(source.is_from_me);
    let lid = sim.get("/admin/accounts").await["accounts"].as_array().unwrap().iter().find_map(|account| {
        (account["number"] == CONTACT).then(|| account["lid"].as_str().unwrap().to_owned())
    });
    assert_eq!(Some(source.chat.to_string()), lid);
    assert_eq!(ana.inner().download(&image).await.unwrap(), b"foto");
    // The contact has it too.
    assert_eq!(sim.messages(CONTACT, 1).await[0]["kind"], "image");
    // And the own phone takes it back.
    let revoke = write(&sim, ANA, json!({"to": CONTACT, "revoke": id})).await;
    assert!(message(&ana, &revoke).await.protocol_message.is_set());
    ana.stop().await;
}

/// How often the client could not decrypt a message.
fn undecryptable(client: &Client, id: &str) -> usize {
    client.count(|event| matches!(event, Event::UndecryptableMessage(message) if message.info.id == id))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decrypted_is_asked_for_again_and_may_never_come() {
    let (sim, ana) = ana_and_a_contact().await;
    let never = write(&sim, CONTACT, json!({"to": ANA, "text": "nunca", "readable": "never"})).await;
    let later = write(&sim, CONTACT, json!({"to": ANA, "text": "depois", "readable": "later"})).await;
    assert_eq!(ana.text("depois").await, later);
    assert_eq!(undecryptable(&ana, &later), 1);
    ana.event("the message that stays sealed", |event| {
        matches!(event, Event::UndecryptableMessage(message) if message.info.id == never).then_some(())
    })
    .await;
    // The session is whole again, for everything after.
    sim.send_as(CONTACT, ANA, "agora sim").await;
    ana.text("agora sim").await;
    assert_eq!(ana.count(|event| matches!(event, Event::Messages(batch) if batch.messages.iter().any(|m| m.info.id == never))), 0);
    ana.stop().await;
}
