//! What a message says, as a person would see it.

use serde_json::{Map, Value};
use wacore::download::MediaType;
use waproto::whatsapp::{self as wa, message as wm};

use crate::received_media::{Checked, ReceivedMedia};
use crate::told;

/// A message's content.
pub(crate) struct Content {
    /// `text`, `image`, `audio`, `video`, `document`, `sticker`, `contact`, `contacts`, `location`, `poll`, `reaction`,
    /// `edit`, `revoke`, or `other`.
    pub(crate) kind: &'static str,
    pub(crate) text: Option<String>,
    pub(crate) media: Option<ReceivedMedia>,
    /// What else it says, by name.
    pub(crate) told: Map<String, Value>,
}

impl Content {
    pub(crate) fn of(message: &wa::Message) -> Self {
        let message = unwrapped(message);
        let told = told::context(message);
        if let Some(text) = text(message) {
            return Self { kind: "text", text: Some(text), media: None, told };
        }
        if let Some(media) = media(message) {
            return Self { kind: media.kind(), text: None, media: Some(media), told };
        }
        let (kind, more) = told::of(message).unwrap_or(("other", Map::new()));
        Self { kind, text: None, media: None, told: told.into_iter().chain(more).collect() }
    }
}

/// The message inside the wrappers that tell how to show it.
fn unwrapped(message: &wa::Message) -> &wa::Message {
    let wrappers = [
        &message.document_with_caption_message,
        &message.ephemeral_message,
        &message.view_once_message,
        &message.view_once_message_v2,
    ];
    let inner = wrappers.into_iter().find_map(|wrapper| wrapper.as_option()?.message.as_option());
    inner.unwrap_or(message)
}

fn text(message: &wa::Message) -> Option<String> {
    if let Some(text) = &message.conversation {
        return Some(text.to_string());
    }
    let extended = message.extended_text_message.as_option()?;
    extended.text.as_ref().map(|text| text.to_string())
}

/// The fields that all kinds of media have.
macro_rules! reference {
    ($kind:expr, $message:expr) => {
        ReceivedMedia {
            mime: $message.mimetype.clone().unwrap_or_default(),
            direct_path: $message.direct_path.clone().unwrap_or_default(),
            media_key: $message.media_key.clone().unwrap_or_default(),
            file_sha256: $message.file_sha256.clone().unwrap_or_default(),
            file_enc_sha256: $message.file_enc_sha256.clone().unwrap_or_default(),
            file_length: $message.file_length.unwrap_or_default(),
            ..empty($kind)
        }
    };
}

fn media(message: &wa::Message) -> Option<ReceivedMedia> {
    if let Some(image) = message.image_message.as_option() {
        return Some(of_image(image));
    }
    if let Some(audio) = message.audio_message.as_option() {
        return Some(ReceivedMedia {
            seconds: audio.seconds,
            voice: audio.ptt.unwrap_or_default(),
            waveform: audio.waveform.clone().unwrap_or_default(),
            ..reference!(MediaType::Audio, audio)
        });
    }
    if let Some(video) = message.video_message.as_option() {
        return Some(of_video(video));
    }
    if let Some(document) = message.document_message.as_option() {
        return Some(ReceivedMedia {
            caption: document.caption.clone(),
            file_name: document.file_name.clone(),
            title: document.title.clone(),
            thumbnail: document.jpeg_thumbnail.clone().unwrap_or_default(),
            ..reference!(MediaType::Document, document)
        });
    }
    let sticker = message.sticker_message.as_option()?;
    Some(ReceivedMedia {
        width: sticker.width,
        height: sticker.height,
        ..reference!(MediaType::Sticker, sticker)
    })
}

fn of_image(image: &wm::ImageMessage) -> ReceivedMedia {
    ReceivedMedia {
        caption: image.caption.clone(),
        width: image.width,
        height: image.height,
        thumbnail: image.jpeg_thumbnail.clone().unwrap_or_default(),
        ..reference!(MediaType::Image, image)
    }
}

fn of_video(video: &wm::VideoMessage) -> ReceivedMedia {
    ReceivedMedia {
        caption: video.caption.clone(),
        width: video.width,
        height: video.height,
        seconds: video.seconds,
        thumbnail: video.jpeg_thumbnail.clone().unwrap_or_default(),
        ..reference!(MediaType::Video, video)
    }
}

fn empty(kind: MediaType) -> ReceivedMedia {
    ReceivedMedia {
        kind: kind.mms_type().to_owned(),
        sticker: kind == MediaType::Sticker,
        mime: String::new(),
        caption: None,
        file_name: None,
        title: None,
        seconds: None,
        voice: false,
        waveform: Vec::new(),
        width: None,
        height: None,
        thumbnail: Vec::new(),
        direct_path: String::new(),
        media_key: Vec::new(),
        file_sha256: Vec::new(),
        file_enc_sha256: Vec::new(),
        file_length: 0,
        checked: Checked::Pending,
    }
}
