//! What is sent, as WhatsApp's messages.

use crate::error::SendError;
use crate::file::UploadedFile;
use carteiro_core::chat::{self, Attachment, AttachmentKind, Body, Card};
use carteiro_core::send::ContactCard;
use wacore::proto_helpers::{MessageBuilderExt, MessageExt};
use waproto::buffa::MessageField;
use waproto::whatsapp::message::{
    AudioMessage, ContactMessage, ContactsArrayMessage, DocumentMessage, FutureProofMessage, ImageMessage,
    LocationMessage, StickerMessage, VideoMessage,
};
use waproto::whatsapp::{ContextInfo, Message};

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub enum Outgoing<'a> {
    /// A text.
    Text(&'a str),
    /// A file that was uploaded, by this session or by an earlier one.
    File(&'a UploadedFile),
    /// A contact.
    Contact(&'a ContactCard),
    /// A message that was received or sent before, marked as forwarded. A file is not uploaded again: the message leads to where it is,
    /// for as long as WhatsApp keeps it there. Of a kind that cannot be sent on (see [`carteiro_core::send::Forward::of`]) it ends with
    /// [`SendError::Failed`].
    Forward(&'a chat::Message),
}

impl Outgoing<'_> {
    pub(crate) fn message(self) -> Result<Message, SendError> {
        Ok(match self {
            Self::Text(text) => Message::text(text),
            Self::File(file) => file.message(),
            Self::Contact(card) => contacts(&[Card { name: card.name().to_owned(), vcard: card.vcard() }]),
            Self::Forward(message) => forward(message).ok_or(SendError::Failed)?,
        })
    }
}

/// The message as it is sent on; `None` where it cannot be.
fn forward(message: &chat::Message) -> Option<Message> {
    let mut original = restored(&message.body)?;
    if message.forwarded {
        // How often is not kept: it was once at least.
        let before =
            ContextInfo { is_forwarded: Some(true), forwarding_score: Some(1), ..ContextInfo::default() };
        original.set_context_info(before);
    }
    let forward = *original.prepare_for_forward();
    Some(if has_captioned_document(&message.body) { captioned(forward) } else { forward })
}

fn has_captioned_document(body: &Body) -> bool {
    matches!(body, Body::Media(Attachment { kind: AttachmentKind::Document, caption: Some(_), .. }))
}

/// Clients show a document's caption only if the message says that it has one.
fn captioned(document: Message) -> Message {
    let wrapped = FutureProofMessage { message: MessageField::some(document) };
    Message { document_with_caption_message: MessageField::some(wrapped), ..Message::default() }
}

/// The message as it was, as far as it is kept.
fn restored(body: &Body) -> Option<Message> {
    Some(match body {
        Body::Text { text } => Message::text(text.as_str()),
        Body::Media(file) => media(file)?,
        Body::Location { latitude, longitude, name, address, .. } => Message {
            location_message: MessageField::some(LocationMessage {
                degrees_latitude: Some(*latitude),
                degrees_longitude: Some(*longitude),
                name: name.clone(),
                address: address.clone(),
                ..LocationMessage::default()
            }),
            ..Message::default()
        },
        Body::Contacts { cards } => contacts(cards),
        Body::Poll { .. } | Body::Reaction { .. } | Body::Revoked | Body::Ciphertext | Body::Other { .. } => {
            return None;
        }
    })
}

fn contacts(cards: &[Card]) -> Message {
    let contact = |card: &Card| ContactMessage {
        display_name: Some(card.name.clone()),
        vcard: Some(card.vcard.clone()),
        ..ContactMessage::default()
    };
    match cards {
        [card] => Message { contact_message: MessageField::some(contact(card)), ..Message::default() },
        cards => Message {
            contacts_array_message: MessageField::some(ContactsArrayMessage {
                display_name: cards.first().map(|card| card.name.clone()),
                contacts: cards.iter().map(contact).collect(),
                ..ContactsArrayMessage::default()
            }),
            ..Message::default()
        },
    }
}

/// Sets what all messages with a file have in common.
macro_rules! of_file {
    ($message:ident, $file:ident, $key:ident, $path:ident; $($field:ident: $value:expr),* $(,)?) => {
        MessageField::some($message {
            url: Some(format!("https://mmg.whatsapp.net{}", $path)),
            direct_path: Some($path.clone()),
            media_key: Some($key.0.to_vec()),
            file_sha256: $file.sha256.map(|digest| digest.to_vec()),
            file_enc_sha256: $file.encrypted_sha256.map(|digest| digest.to_vec()),
            file_length: $file.length,
            mimetype: Some($file.mime.clone()),
            $($field: $value,)*
            ..$message::default()
        })
    };
}

fn media(file: &Attachment) -> Option<Message> {
    let (key, path) = (file.key.as_ref()?, file.direct_path.as_ref()?);
    let none = Message::default;
    Some(match file.kind {
        AttachmentKind::Image => Message {
            image_message: of_file!(ImageMessage, file, key, path;
                caption: file.caption.clone(), width: file.width, height: file.height),
            ..none()
        },
        AttachmentKind::Video => Message {
            video_message: of_file!(VideoMessage, file, key, path;
                caption: file.caption.clone(), width: file.width, height: file.height, seconds: file.seconds),
            ..none()
        },
        AttachmentKind::Voice | AttachmentKind::Audio => Message {
            audio_message: of_file!(AudioMessage, file, key, path;
                seconds: file.seconds, ptt: Some(file.kind == AttachmentKind::Voice)),
            ..none()
        },
        AttachmentKind::Sticker => Message {
            sticker_message: of_file!(StickerMessage, file, key, path;
                width: file.width, height: file.height),
            ..none()
        },
        AttachmentKind::Document => Message {
            document_message: of_file!(DocumentMessage, file, key, path;
                caption: file.caption.clone(), file_name: file.file_name.clone(), title: file.file_name.clone()),
            ..none()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::body::{said, unwrapped};
    use carteiro_core::chat::{Address, MessageKey, Person};
    use carteiro_core::media::MediaKey;
    use jiff::Timestamp;

    fn message(body: Body, forwarded: bool) -> chat::Message {
        let chat: Address = "5511966665555@s.whatsapp.net".parse().unwrap();
        chat::Message {
            key: MessageKey::ours(chat.clone(), "3EB0".parse().unwrap()),
            at: Timestamp::UNIX_EPOCH,
            author: Person::from(chat),
            push_name: None,
            with: None,
            ack: chat::Ack::Received,
            body,
            quoted: None,
            forwarded,
            edited_at: None,
        }
    }

    fn file(kind: AttachmentKind) -> Attachment {
        let shown = matches!(kind, AttachmentKind::Image | AttachmentKind::Video | AttachmentKind::Document);
        let plays = matches!(kind, AttachmentKind::Video | AttachmentKind::Voice | AttachmentKind::Audio);
        let sized = matches!(kind, AttachmentKind::Image | AttachmentKind::Video | AttachmentKind::Sticker);
        Attachment {
            kind,
            mime: "application/octet-stream".into(),
            caption: shown.then(|| "legenda".into()),
            file_name: (kind == AttachmentKind::Document).then(|| "planta.pdf".into()),
            length: Some(7),
            seconds: plays.then_some(3),
            width: sized.then_some(640),
            height: sized.then_some(480),
            key: Some(MediaKey([1; 32])),
            direct_path: Some("/v/t62.7118-24/1?ccb=1".into()),
            sha256: Some([2; 32]),
            encrypted_sha256: Some([3; 32]),
            stored: None,
        }
    }

    /// What is sent on says what the original said, and that it was forwarded; how often counts what was forwarded before.
    #[test]
    fn what_is_sent_on_reads_as_the_original_did() {
        use AttachmentKind::{Audio, Document, Image, Sticker, Video, Voice};
        let card = Card { name: "Ana".into(), vcard: "BEGIN:VCARD\nEND:VCARD".into() };
        let place =
            Body::Location { latitude: -23.5, longitude: -46.6, name: None, address: None, live: false };
        let files = [Image, Video, Voice, Audio, Document, Sticker].map(|kind| Body::Media(file(kind)));
        let others = [
            Body::Text { text: "oi".into() },
            place,
            Body::Contacts { cards: vec![card.clone()] },
            Body::Contacts { cards: vec![card.clone(), card] },
        ];
        for body in files.into_iter().chain(others) {
            for (before, score) in [(false, 0), (true, 2)] {
                let sent = forward(&message(body.clone(), before)).unwrap();
                let read = said(unwrapped(&sent)).unwrap();
                assert!(read.body == body, "{body:?}");
                let context = read.context.unwrap();
                assert_eq!(
                    (context.is_forwarded, context.forwarding_score),
                    (Some(true), Some(score)),
                    "{body:?}"
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_opened_cannot_be_sent_on() {
        let closed = Attachment { key: None, ..file(AttachmentKind::Image) };
        for body in [Body::Revoked, Body::Ciphertext, Body::Media(closed)] {
            assert!(forward(&message(body, false)).is_none());
        }
    }
}
