//! Messages that are neither a text nor a file of ours.

use crate::address::WhatsAppAddress;
use crate::error::SendError;
use crate::session::Session;
use carteiro_core::chat::{self, Attachment, AttachmentKind, Body, Card};
use carteiro_core::send::ContactCard;
use wacore::proto_helpers::{MessageBuilderExt, MessageExt};
use waproto::buffa::MessageField;
use waproto::whatsapp::message::{
    AudioMessage, ContactMessage, ContactsArrayMessage, DocumentMessage, FutureProofMessage, ImageMessage,
    LocationMessage, StickerMessage, VideoMessage,
};
use waproto::whatsapp::{ContextInfo, Message};

impl Session {
    /// Sends a contact; else as [`Session::send_text`].
    pub async fn send_contact(
        &self,
        to: &WhatsAppAddress,
        message_id: &str,
        card: &ContactCard,
    ) -> Result<(), SendError> {
        let card = Card { name: card.name().to_owned(), vcard: card.vcard() };
        self.send(to, message_id, contacts(std::slice::from_ref(&card))).await
    }

    /// Sends a message on that was received or sent before, marked as forwarded; else as [`Session::send_text`]. A file is not
    /// uploaded again: the message leads to where it is, for as long as WhatsApp keeps it there.
    ///
    /// # Errors
    /// [`SendError::Failed`] also for a message of a kind that cannot be sent on: see [`carteiro_core::send::Forward::of`].
    pub async fn send_forward(
        &self,
        to: &WhatsAppAddress,
        message_id: &str,
        message: &chat::Message,
    ) -> Result<(), SendError> {
        let forward = forward(message).ok_or(SendError::Failed)?;
        self.send(to, message_id, forward).await
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
    Some(*original.prepare_for_forward())
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
        AttachmentKind::Document => {
            let document = Message {
                document_message: of_file!(DocumentMessage, file, key, path;
                    caption: file.caption.clone(), file_name: file.file_name.clone(), title: file.file_name.clone()),
                ..none()
            };
            if file.caption.is_none() {
                return Some(document);
            }
            // Clients show a document's caption only if the message says that it has one.
            let wrapped = FutureProofMessage { message: MessageField::some(document) };
            Message { document_with_caption_message: MessageField::some(wrapped), ..none() }
        }
    })
}
