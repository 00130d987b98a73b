//! The media of a message that a phone is told to write.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use buffa::MessageField;
use serde::Deserialize;
use wacore::download::MediaType;
use waproto::whatsapp::{self as wa, message as wm};

use crate::SimulatorError;
use crate::media::Store;
use crate::sealed_media::{Fate, SealedMedia, seal_for};
use crate::stanza::now;

/// Where the files of drafts go.
pub(crate) struct Placing<'a> {
    pub(crate) store: &'a Store,
    /// The media server's `host:port`.
    pub(crate) host: &'a str,
}

/// A file and what the message says of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MediaDraft {
    r#type: Kind,
    /// The file; without it, one of `length` bytes is made up.
    base64: Option<String>,
    /// In bytes.
    length: Option<usize>,
    mime: Option<String>,
    caption: Option<String>,
    file_name: Option<String>,
    title: Option<String>,
    seconds: Option<u32>,
    width: Option<u32>,
    height: Option<u32>,
    /// A small JPEG, in base64.
    thumbnail: Option<String>,
    #[serde(default)]
    file: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Image,
    Video,
    Audio,
    /// A voice note.
    Ptt,
    Document,
    Sticker,
}

/// The fields that all kinds of media have.
macro_rules! placed {
    ($message:ident, $media:expr, $mime:expr) => {
        wm::$message {
            url: Some($media.url),
            direct_path: Some($media.direct_path),
            media_key: Some($media.media_key),
            media_key_timestamp: Some(now() as i64),
            file_sha256: Some($media.file_sha256),
            file_enc_sha256: Some($media.file_enc_sha256),
            file_length: Some($media.file_length),
            mimetype: Some($mime),
            ..Default::default()
        }
    };
}

impl MediaDraft {
    /// Stores the file; the message that tells where it is.
    pub(crate) fn message(self, placing: &Placing<'_>) -> Result<wa::Message, SimulatorError> {
        let plain = bytes_of(self.base64.as_deref(), self.length)?;
        let (kind, mime) = match self.r#type {
            Kind::Image => (MediaType::Image, "image/jpeg"),
            Kind::Video => (MediaType::Video, "video/mp4"),
            Kind::Audio => (MediaType::Audio, "audio/mpeg"),
            Kind::Ptt => (MediaType::Audio, "audio/ogg; codecs=opus"),
            Kind::Document => (MediaType::Document, "application/pdf"),
            Kind::Sticker => (MediaType::Sticker, "image/webp"),
        };
        let media = seal_for(placing.store, placing.host, &plain, kind, self.file)?;
        let mime = self.mime.clone().unwrap_or_else(|| mime.to_owned());
        let thumbnail = match &self.thumbnail {
            Some(text) => Some(
                STANDARD
                    .decode(text)
                    .map_err(|_| SimulatorError::Invalid("the thumbnail is not base64".to_owned()))?,
            ),
            None => None,
        };
        Ok(self.placed(media, mime, thumbnail))
    }

    fn placed(self, media: SealedMedia, mime: String, thumbnail: Option<Vec<u8>>) -> wa::Message {
        let mut message = wa::Message::default();
        match self.r#type {
            Kind::Image => {
                message.image_message = MessageField::some(wm::ImageMessage {
                    caption: self.caption,
                    width: self.width.or(Some(640)),
                    height: self.height.or(Some(480)),
                    jpeg_thumbnail: thumbnail,
                    ..placed!(ImageMessage, media, mime)
                });
            }
            Kind::Video => {
                message.video_message = MessageField::some(wm::VideoMessage {
                    caption: self.caption,
                    seconds: self.seconds.or(Some(10)),
                    width: self.width.or(Some(640)),
                    height: self.height.or(Some(360)),
                    jpeg_thumbnail: thumbnail,
                    ..placed!(VideoMessage, media, mime)
                });
            }
            Kind::Audio | Kind::Ptt => {
                message.audio_message = MessageField::some(wm::AudioMessage {
                    ptt: Some(self.r#type == Kind::Ptt),
                    seconds: self.seconds.or(Some(3)),
                    waveform: (self.r#type == Kind::Ptt).then(|| vec![50; 64]),
                    ..placed!(AudioMessage, media, mime)
                });
            }
            Kind::Sticker => {
                message.sticker_message = MessageField::some(wm::StickerMessage {
                    width: self.width.or(Some(512)),
                    height: self.height.or(Some(512)),
                    png_thumbnail: thumbnail,
                    ..placed!(StickerMessage, media, mime)
                });
            }
            Kind::Document => return self.document(media, mime, thumbnail),
        }
        message
    }

    /// A document with a caption travels inside another message.
    fn document(self, media: SealedMedia, mime: String, thumbnail: Option<Vec<u8>>) -> wa::Message {
        let captioned = self.caption.is_some();
        let name = self.file_name.unwrap_or_else(|| "documento.pdf".to_owned());
        let document = wm::DocumentMessage {
            caption: self.caption,
            title: self.title.or_else(|| Some(name.clone())),
            file_name: Some(name),
            jpeg_thumbnail: thumbnail,
            ..placed!(DocumentMessage, media, mime)
        };
        let message = wa::Message { document_message: MessageField::some(document), ..Default::default() };
        if !captioned {
            return message;
        }
        let wrapper = wm::FutureProofMessage { message: MessageField::some(message) };
        wa::Message { document_with_caption_message: MessageField::some(wrapper), ..Default::default() }
    }
}

/// A file of a draft: as it was given, or made up.
fn bytes_of(base64: Option<&str>, length: Option<usize>) -> Result<Vec<u8>, SimulatorError> {
    match base64 {
        Some(text) => {
            STANDARD.decode(text).map_err(|_| SimulatorError::Invalid("the file is not base64".to_owned()))
        }
        None => {
            Ok((0..length.unwrap_or(1000)).map(|at| (at as u32).wrapping_mul(2_654_435_761) as u8).collect())
        }
    }
}
