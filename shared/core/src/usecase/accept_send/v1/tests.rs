use super::*;
use crate::chat::{Ack, Address, Attachment, AttachmentKind, Body, Card, MessageKey, Person};
use crate::media::{MediaKey, MediaType};
use crate::usecase::fixture::{World, worker};
use jiff::Timestamp;
use proptest::prelude::*;

fn group() -> Recipient {
    "120363000000000001@g.us".parse().unwrap()
}

fn text_of(request: SendRequest) -> String {
    let Content::Text(text) = request.content else { panic!("a text") };
    text.as_str().to_owned()
}

fn stored(body: Body) -> Message {
    let chat: Address = "5511966665555@s.whatsapp.net".parse().unwrap();
    Message {
        key: MessageKey {
            chat: chat.clone(),
            from_me: false,
            id: "3EB0AA".parse().unwrap(),
            participant: None,
        },
        at: Timestamp::UNIX_EPOCH,
        author: Person::from(chat.clone()),
        push_name: None,
        with: Some(Person::from(chat)),
        ack: Ack::Received,
        body,
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

fn attachment(kind: AttachmentKind) -> Attachment {
    Attachment {
        kind,
        mime: "image/jpeg".into(),
        caption: None,
        file_name: None,
        length: Some(3),
        seconds: None,
        width: None,
        height: None,
        key: Some(MediaKey([1; 32])),
        direct_path: Some("/v/t62".into()),
        sha256: None,
        encrypted_sha256: None,
        stored: None,
    }
}

#[test]
fn a_br_is_a_new_line() {
    let text = |text: &str| text_of(SendRequest::text(worker(), group(), text).unwrap());
    assert_eq!(text("a<br>b<BR/>c<br />d"), "a\nb\nc\nd");
    assert_eq!(text("1 < 2 <b>x</b> <brr> <br"), "1 < 2 <b>x</b> <brr> <br");
    assert_eq!(text("<é <br>"), "<é \n");
    for empty in ["", " ", "<br><br/>"] {
        let refused = SendRequest::text(worker(), group(), empty).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidContent, "{empty:?}");
    }
}

#[test]
fn a_sound_is_a_data_uri() {
    for uri in [
        "data:audio/ogg;base64,T2dnUw==",
        "data:audio/ogg; codecs=opus;base64,T2dnUw",
        "DATA:audio/wav;BASE64,T2dn\nUw==",
    ] {
        let request = SendRequest::voice(worker(), group(), uri).unwrap();
        assert_eq!(request.attached.unwrap().0.as_ref(), b"OggS", "{uri}");
        assert_eq!(request.content.media_type(), MediaType::Audio);
    }
    for uri in
        ["", "T2dnUw==", "data:image/png;base64,T2dn", "data:audio/ogg,T2dn", "data:audio/ogg;base64,%"]
    {
        assert_eq!(
            SendRequest::voice(worker(), group(), uri).unwrap_err().code(),
            Code::InvalidFile,
            "{uri}"
        );
    }
    let empty = SendRequest::voice(worker(), group(), "data:audio/ogg;base64,").unwrap_err();
    assert_eq!(empty.code(), Code::InvalidFile);
}

#[test]
fn what_is_sent_on_counts_as_what_it_is() {
    use AttachmentKind::*;
    let counted = |body| Forward::of(&stored(body)).map(|forward| forward.media);
    for (kind, media) in [
        (Image, MediaType::Image),
        (Sticker, MediaType::Image),
        (Video, MediaType::Video),
        (Voice, MediaType::Audio),
        (Audio, MediaType::Audio),
        (Document, MediaType::Document),
    ] {
        assert_eq!(counted(Body::Media(attachment(kind))), Some(media));
    }
    assert_eq!(counted(Body::Text { text: "x".into() }), Some(MediaType::Text));
    let cards = vec![Card { name: "Ana".into(), vcard: "BEGIN:VCARD".into() }];
    assert_eq!(counted(Body::Contacts { cards }), Some(MediaType::Text));
    let unopened = Attachment { key: None, ..attachment(Image) };
    for body in [Body::Revoked, Body::Ciphertext, Body::Other { kind: "order".into() }, Body::Media(unopened)]
    {
        assert_eq!(counted(body.clone()), None);
        let refused = SendRequest::forward(worker(), group(), &stored(body)).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidContent);
    }
}

#[tokio::test]
async fn contacts_and_forwards_to_groups_are_accepted_and_their_message_id_is_known() {
    let world = World::new().await;
    let card = ContactCard::new("Ana", "5511911112222".parse().unwrap());
    let image = stored(Body::Media(attachment(AttachmentKind::Image)));
    for request in [
        SendRequest::contact(worker(), group(), card),
        SendRequest::forward(worker(), group(), &image).unwrap(),
    ] {
        let accepted = world.accept_send().accept(&world.tenant, request, None).await.unwrap();
        let send = world.sends.peek(accepted.send.id).unwrap();
        assert_eq!((send.to.clone(), send.content.clone()), (group(), accepted.send.content.clone()));
        assert_eq!(accepted.send.id.message_id().send_id(), Some(send.id));
    }
    let video = stored(Body::Media(attachment(AttachmentKind::Video)));
    let request = SendRequest::forward(worker(), group(), &video).unwrap();
    let refused = world.accept_send().accept(&world.tenant, request, None).await.unwrap_err();
    assert_eq!(refused.code(), Code::PlanForbidsMedia, "the plan has no videos");
}

proptest! {
    #[test]
    fn texts_without_a_tag_stay_as_they_are(text in "[^<]{0,50}") {
        prop_assert_eq!(with_new_lines(&text), text);
    }

    #[test]
    fn nothing_but_tags_goes(parts in prop::collection::vec("[^<>]{0,5}", 1..6)) {
        prop_assert_eq!(with_new_lines(&parts.join("<br>")), parts.join("\n"));
    }
}
