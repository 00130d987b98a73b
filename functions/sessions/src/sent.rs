//! Messages as they are answered to who sends them, before they are on their way.

use carteiro_core::chat::{
    Ack, Address, Attachment, AttachmentKind, Body, Card, Message, MessageKey, Person,
};
use carteiro_core::media::{Caption, FileKind, FileName, mime_of};
use carteiro_core::phone::Phone;
use carteiro_core::send::{Content, File, Send};

/// The message that a send to a chat becomes. Its id is the one that it has on WhatsApp; `forwarded` is what a forward sends on.
pub(crate) fn message(
    send: &Send,
    chat: Address,
    forwarded: Option<&Message>,
    push_name: Option<&str>,
) -> Message {
    Message {
        key: MessageKey::ours(chat.clone(), send.id.message_id()),
        at: send.queued_at,
        author: Person::from(Address::of_phone(&send.from)),
        push_name: push_name.map(str::to_owned),
        with: chat.is_person().then(|| Person::from(chat)),
        ack: Ack::Pending,
        body: body(&send.content, forwarded),
        quoted: None,
        forwarded: forwarded.is_some(),
        edited_at: None,
    }
}

fn body(content: &Content, forwarded: Option<&Message>) -> Body {
    match (content, forwarded) {
        (Content::Text(text), _) => Body::Text { text: text.as_str().to_owned() },
        (Content::File(file), _) => Body::Media(attachment(file)),
        (Content::Contact(card), _) => {
            Body::Contacts { cards: vec![Card { name: card.name().to_owned(), vcard: card.vcard() }] }
        }
        (Content::Forward(_), Some(message)) => message.body.clone(),
        (Content::Forward(_), None) => Body::Other { kind: "forward".to_owned() },
    }
}

/// What is known of a file before it is made ready to be sent.
fn attachment(file: &File) -> Attachment {
    let kind = match file.kind {
        FileKind::Image => AttachmentKind::Image,
        FileKind::Audio => AttachmentKind::Voice,
        FileKind::Document => AttachmentKind::Document,
        FileKind::Video => AttachmentKind::Video,
    };
    Attachment {
        kind,
        mime: mime(file.kind, file.name.as_ref()),
        caption: file.caption.as_ref().map(Caption::as_str).map(str::to_owned),
        file_name: file.name.as_ref().map(FileName::as_str).map(str::to_owned),
        length: None,
        seconds: None,
        width: None,
        height: None,
        key: None,
        direct_path: None,
        sha256: None,
        encrypted_sha256: None,
        stored: None,
    }
}

/// The media type that a file will have, as far as its kind and its name tell.
pub(crate) fn mime(kind: FileKind, name: Option<&FileName>) -> String {
    let by_name = name.and_then(|name| name.as_str().rsplit_once('.')).and_then(|(_, end)| mime_of(end));
    match kind {
        FileKind::Audio => "audio/ogg; codecs=opus",
        FileKind::Image => "image/jpeg",
        FileKind::Video => "video/mp4",
        FileKind::Document => by_name.unwrap_or("application/octet-stream"),
    }
    .to_owned()
}

/// The number itself, for looking up what it is called.
pub(crate) fn own(number: &Phone) -> Address {
    Address::of_phone(number)
}
