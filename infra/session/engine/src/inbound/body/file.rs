//! Files: pictures, films, sounds, documents and stickers.

use super::Said;
use carteiro_core::chat::{Attachment, AttachmentKind, Body};
use carteiro_core::media::MediaKey;
use waproto::whatsapp::Message;
use waproto::whatsapp::message::{AudioMessage, DocumentMessage, ImageMessage, StickerMessage, VideoMessage};

/// What a message with a file says.
pub(super) fn said(message: &Message) -> Option<Said<'_>> {
    if let Some(file) = message.image_message.as_option() {
        return Some(Said::new(Body::Media(image(file)), &file.context_info));
    }
    if let Some(file) = message.video_message.as_option().or(message.ptv_message.as_option()) {
        return Some(Said::new(Body::Media(video(file)), &file.context_info));
    }
    if let Some(file) = message.audio_message.as_option() {
        return Some(Said::new(Body::Media(audio(file)), &file.context_info));
    }
    if let Some(file) = message.document_message.as_option() {
        return Some(Said::new(Body::Media(document(file)), &file.context_info));
    }
    let file = message.sticker_message.as_option()?;
    Some(Said::new(Body::Media(sticker(file)), &file.context_info))
}

/// What every message with a file tells of it.
struct Sealed<'a> {
    mime: Option<&'a String>,
    length: Option<u64>,
    key: Option<&'a Vec<u8>>,
    direct_path: Option<&'a String>,
    url: Option<&'a String>,
    sha256: Option<&'a Vec<u8>>,
    encrypted_sha256: Option<&'a Vec<u8>>,
}

macro_rules! sealed {
    ($file:expr) => {
        Sealed {
            mime: $file.mimetype.as_ref(),
            length: $file.file_length,
            key: $file.media_key.as_ref(),
            direct_path: $file.direct_path.as_ref(),
            url: $file.url.as_ref(),
            sha256: $file.file_sha256.as_ref(),
            encrypted_sha256: $file.file_enc_sha256.as_ref(),
        }
    };
}

impl Sealed<'_> {
    fn attachment(self, kind: AttachmentKind) -> Attachment {
        let mime = self.mime.filter(|mime| !mime.is_empty());
        Attachment {
            kind,
            mime: mime.cloned().unwrap_or_else(|| usual_mime(kind).to_owned()),
            caption: None,
            file_name: None,
            length: self.length,
            seconds: None,
            width: None,
            height: None,
            key: self.key.and_then(array).map(MediaKey),
            direct_path: self
                .direct_path
                .cloned()
                .filter(|path| !path.is_empty())
                .or_else(|| path(self.url?)),
            sha256: self.sha256.and_then(array),
            encrypted_sha256: self.encrypted_sha256.and_then(array),
            stored: None,
        }
    }
}

fn usual_mime(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Image => "image/jpeg",
        AttachmentKind::Video => "video/mp4",
        AttachmentKind::Voice => "audio/ogg; codecs=opus",
        AttachmentKind::Audio => "audio/mpeg",
        AttachmentKind::Document => "application/octet-stream",
        AttachmentKind::Sticker => "image/webp",
    }
}

fn array(bytes: &Vec<u8>) -> Option<[u8; 32]> {
    bytes.as_slice().try_into().ok()
}

/// The path of an address on a media server, which old clients gave alone.
fn path(url: &str) -> Option<String> {
    let (_, path) = url.strip_prefix("https://")?.split_once('/')?;
    (!path.is_empty()).then(|| format!("/{path}"))
}

fn text(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// A size that was not told is zero on the wire.
fn size(size: Option<u32>) -> Option<u32> {
    size.filter(|size| *size > 0)
}

pub(super) fn image(file: &ImageMessage) -> Attachment {
    Attachment {
        caption: text(file.caption.as_ref()),
        width: size(file.width),
        height: size(file.height),
        ..sealed!(file).attachment(AttachmentKind::Image)
    }
}

pub(super) fn video(file: &VideoMessage) -> Attachment {
    Attachment {
        caption: text(file.caption.as_ref()),
        seconds: file.seconds,
        width: size(file.width),
        height: size(file.height),
        ..sealed!(file).attachment(AttachmentKind::Video)
    }
}

fn audio(file: &AudioMessage) -> Attachment {
    let voice = file.ptt.unwrap_or_default();
    let kind = if voice { AttachmentKind::Voice } else { AttachmentKind::Audio };
    Attachment { seconds: file.seconds, ..sealed!(file).attachment(kind) }
}

pub(super) fn document(file: &DocumentMessage) -> Attachment {
    Attachment {
        caption: text(file.caption.as_ref()),
        file_name: text(file.file_name.as_ref()).or_else(|| text(file.title.as_ref())),
        ..sealed!(file).attachment(AttachmentKind::Document)
    }
}

fn sticker(file: &StickerMessage) -> Attachment {
    Attachment {
        width: size(file.width),
        height: size(file.height),
        ..sealed!(file).attachment(AttachmentKind::Sticker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use waproto::buffa::MessageField;

    fn media(message: &Message) -> Attachment {
        let Body::Media(file) = said(message).unwrap().body else { panic!("not a file") };
        file
    }

    #[test]
    fn a_picture_keeps_what_opens_it_and_no_thumbnail() {
        let image = ImageMessage {
            mimetype: Some("image/png".into()),
            caption: Some("praia".into()),
            file_length: Some(1234),
            width: Some(640),
            height: Some(480),
            media_key: Some(vec![1; 32]),
            file_sha256: Some(vec![2; 32]),
            file_enc_sha256: Some(vec![3; 32]),
            direct_path: Some("/v/t62.7118-24/1?ccb=1".into()),
            url: Some("https://mmg.whatsapp.net/v/other".into()),
            jpeg_thumbnail: Some(vec![9; 4000]),
            ..ImageMessage::default()
        };
        let message = Message { image_message: MessageField::some(image), ..Message::default() };
        let expected = Attachment {
            kind: AttachmentKind::Image,
            mime: "image/png".into(),
            caption: Some("praia".into()),
            file_name: None,
            length: Some(1234),
            seconds: None,
            width: Some(640),
            height: Some(480),
            key: Some(MediaKey([1; 32])),
            direct_path: Some("/v/t62.7118-24/1?ccb=1".into()),
            sha256: Some([2; 32]),
            encrypted_sha256: Some([3; 32]),
            stored: None,
        };
        assert_eq!(media(&message), expected);
        assert!(serde_json::to_string(&media(&message)).unwrap().len() < 1000);
    }

    #[test]
    fn sounds_are_voice_notes_or_audio() {
        for (ptt, kind, mime) in [
            (Some(true), AttachmentKind::Voice, "audio/ogg; codecs=opus"),
            (Some(false), AttachmentKind::Audio, "audio/mpeg"),
            (None, AttachmentKind::Audio, "audio/mpeg"),
        ] {
            let audio = AudioMessage { ptt, seconds: Some(7), ..AudioMessage::default() };
            let message = Message { audio_message: MessageField::some(audio), ..Message::default() };
            let file = media(&message);
            assert_eq!((file.kind, file.mime.as_str(), file.seconds), (kind, mime, Some(7)));
        }
    }

    #[test]
    fn films_moving_pictures_and_round_ones_are_videos() {
        let gif = VideoMessage { gif_playback: Some(true), seconds: Some(3), ..VideoMessage::default() };
        for message in [
            Message { video_message: MessageField::some(gif.clone()), ..Message::default() },
            Message { ptv_message: MessageField::some(gif), ..Message::default() },
        ] {
            assert_eq!((media(&message).kind, media(&message).seconds), (AttachmentKind::Video, Some(3)));
        }
    }

    #[test]
    fn a_document_is_called_by_its_name_or_its_title() {
        for (file_name, title, called) in [
            (Some("a.pdf"), Some("Contrato"), Some("a.pdf")),
            (None, Some("Contrato"), Some("Contrato")),
            (Some(""), None, None),
        ] {
            let document = DocumentMessage {
                file_name: file_name.map(Into::into),
                title: title.map(Into::into),
                caption: Some("leia".into()),
                ..DocumentMessage::default()
            };
            let message = Message { document_message: MessageField::some(document), ..Message::default() };
            let file = media(&message);
            assert_eq!((file.file_name.as_deref(), file.caption.as_deref()), (called, Some("leia")));
        }
    }

    #[test]
    fn a_sticker_is_one() {
        let sticker = StickerMessage {
            url: Some("https://mmg.whatsapp.net/o1/v/s?x=1".into()),
            is_animated: Some(true),
            ..StickerMessage::default()
        };
        let message = Message { sticker_message: MessageField::some(sticker), ..Message::default() };
        let file = media(&message);
        assert_eq!((file.kind, file.mime.as_str()), (AttachmentKind::Sticker, "image/webp"));
        assert_eq!(file.direct_path.as_deref(), Some("/o1/v/s?x=1"));
    }

    proptest! {
        #[test]
        fn keys_and_hashes_are_whole_or_none(
            key in proptest::collection::vec(any::<u8>(), 0..40),
            hash in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let image = ImageMessage {
                media_key: Some(key.clone()),
                file_sha256: Some(hash.clone()),
                ..ImageMessage::default()
            };
            let file = super::image(&image);
            prop_assert_eq!(file.key.map(|key| key.0.to_vec()), (key.len() == 32).then_some(key));
            prop_assert_eq!(file.sha256.map(|hash| hash.to_vec()), (hash.len() == 32).then_some(hash));
        }
    }
}
