//! What a send is in its chat before it is on its way.

use super::{Content, File};
use crate::chat::{Attachment, AttachmentKind, Body, Card};
use crate::media::{Caption, FileKind, FileName, mime_of};

impl Content {
    /// What it says as a message of its chat. `forwarded` is what a forward sends on, where that is known. Of a file there is only
    /// what is known before it is made ready to be sent: nobody can open it.
    pub fn body(&self, forwarded: Option<&Body>) -> Body {
        match (self, forwarded) {
            (Content::Text(text), _) => Body::Text { text: text.as_str().to_owned() },
            (Content::File(file), _) => Body::Media(file.attachment()),
            (Content::Contact(card), _) => {
                Body::Contacts { cards: vec![Card { name: card.name().to_owned(), vcard: card.vcard() }] }
            }
            (Content::Forward(_), Some(body)) => body.clone(),
            (Content::Forward(_), None) => Body::Other { kind: "forward".to_owned() },
        }
    }
}

impl File {
    fn attachment(&self) -> Attachment {
        let kind = match self.kind {
            FileKind::Image => AttachmentKind::Image,
            FileKind::Audio => AttachmentKind::Voice,
            FileKind::Document => AttachmentKind::Document,
            FileKind::Video => AttachmentKind::Video,
        };
        Attachment {
            kind,
            mime: self.kind.mime(self.name.as_ref()).to_owned(),
            caption: self.caption.as_ref().map(Caption::as_str).map(str::to_owned),
            file_name: self.name.as_ref().map(FileName::as_str).map(str::to_owned),
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
}

impl FileKind {
    /// The media type that a file of this kind is sent with, as far as its name tells.
    pub fn mime(self, name: Option<&FileName>) -> &'static str {
        let by_name = name.and_then(|name| name.as_str().rsplit_once('.')).and_then(|(_, end)| mime_of(end));
        match self {
            FileKind::Audio => "audio/ogg; codecs=opus",
            FileKind::Image => "image/jpeg",
            FileKind::Video => "video/mp4",
            FileKind::Document => by_name.unwrap_or("application/octet-stream"),
        }
    }
}
