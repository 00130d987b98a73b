//! Files to send: what they are, where their bytes come from, and the message that announces them.

use crate::inbound::body::{said, unwrapped};
use async_trait::async_trait;
use bytes::Bytes;
use carteiro_core::chat::Body;
use carteiro_core::media::{Caption, FileName, Prepared, Shape};
use std::fmt;
use std::sync::Arc;
use wacore::download::MediaType;
use waproto::buffa::MessageField;
use waproto::whatsapp::Message;
use waproto::whatsapp::message::FutureProofMessage;
use whatsapp_rust::media::{self, AudioOptions, DocumentOptions, ImageOptions, VideoOptions};
use whatsapp_rust::upload::UploadResponse;

/// Why a file's bytes were not had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// They are not there any more.
    #[error("the file is gone")]
    Gone,
    /// Their store did not answer.
    #[error("the file's store did not answer")]
    Unavailable,
}

/// Where the bytes of an encrypted file are.
#[async_trait]
pub trait FileSource: Send + Sync + 'static {
    /// `length` bytes from `offset`; fewer only at the end.
    async fn read(&self, offset: u64, length: u64) -> Result<Bytes, SourceError>;
}

/// A file that is ready to be uploaded and sent. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct OutgoingFile {
    /// What is known of it.
    pub prepared: Prepared,
    /// Where its ciphertext is.
    pub source: Arc<dyn FileSource>,
    /// The text under it; a voice note shows none.
    pub caption: Option<Caption>,
    /// What a document is called, where a client said so.
    pub name: Option<FileName>,
}

impl fmt::Debug for OutgoingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutgoingFile({} bytes)", self.prepared.encrypted_length)
    }
}

/// A file that is on WhatsApp's media server, and the message that tells its recipient where. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct UploadedFile(Arc<Message>);

impl UploadedFile {
    pub(crate) fn message(&self) -> Message {
        Message::clone(&self.0)
    }

    /// What the message says: the file, where it is and what opens it.
    pub fn body(&self) -> Option<Body> {
        said(unwrapped(&self.0)).map(|said| said.body)
    }

    /// One that no media server knows, by a name of the test's that plays WhatsApp.
    #[cfg(any(test, feature = "test-support"))]
    pub fn played(name: &str) -> Self {
        Self(Arc::new(Message { conversation: Some(name.into()), ..Message::default() }))
    }

    /// The name that [`UploadedFile::played`] gave it.
    #[cfg(any(test, feature = "test-support"))]
    pub fn name(&self) -> &str {
        self.0.conversation.as_deref().unwrap_or_default()
    }
}

impl fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploadedFile(…)")
    }
}

/// As what the media server is asked to keep it.
pub(crate) fn media_type(shape: &Shape) -> MediaType {
    match shape {
        Shape::Image { .. } => MediaType::Image,
        Shape::Voice { .. } => MediaType::Audio,
        Shape::Video { .. } => MediaType::Video,
        Shape::Document => MediaType::Document,
    }
}

/// The message that announces a file at the place where it was uploaded to.
pub(crate) fn announce(upload: UploadResponse, file: &OutgoingFile) -> UploadedFile {
    let prepared = &file.prepared;
    let (mimetype, jpeg_thumbnail) = (Some(prepared.mime.clone()), prepared.thumbnail.clone());
    let caption = file.caption.as_ref().map(|caption| caption.as_str().to_owned());
    let message = match prepared.shape {
        Shape::Image { width, height } => {
            let options = ImageOptions { caption, mimetype, jpeg_thumbnail, ..ImageOptions::default() };
            let mut message = media::image_message(upload, options);
            if let Some(image) = message.image_message.as_option_mut() {
                (image.width, image.height) = (Some(width), Some(height));
            }
            message
        }
        Shape::Voice { seconds, waveform } => media::audio_message(
            upload,
            AudioOptions {
                mimetype,
                duration_seconds: Some(seconds),
                ptt: Some(true),
                waveform: Some(waveform.to_vec()),
                ..AudioOptions::default()
            },
        ),
        Shape::Video { seconds, size } => {
            let options = VideoOptions {
                caption,
                mimetype,
                jpeg_thumbnail,
                duration_seconds: seconds,
                ..VideoOptions::default()
            };
            let mut message = media::video_message(upload, options);
            if let (Some(video), Some((width, height))) = (message.video_message.as_option_mut(), size) {
                (video.width, video.height) = (Some(width), Some(height));
            }
            message
        }
        Shape::Document => document(upload, file, mimetype, caption),
    };
    UploadedFile(Arc::new(message))
}

/// WhatsApp's clients show a document's caption only if the message is wrapped in one that says that it has one.
fn document(
    upload: UploadResponse,
    file: &OutgoingFile,
    mimetype: Option<String>,
    caption: Option<String>,
) -> Message {
    let name = FileName::of_document(file.name.as_ref(), &file.prepared.mime).as_str().to_owned();
    let has_caption = caption.is_some();
    let message = media::document_message(
        upload,
        DocumentOptions {
            mimetype,
            title: Some(name.clone()),
            file_name: Some(name),
            caption,
            jpeg_thumbnail: file.prepared.thumbnail.clone(),
            ..DocumentOptions::default()
        },
    );
    if !has_caption {
        return message;
    }
    let wrapped = FutureProofMessage { message: MessageField::some(message) };
    Message { document_with_caption_message: MessageField::some(wrapped), ..Message::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::ids::SendId;
    use carteiro_core::media::MediaKey;
    use carteiro_core::object::ObjectKey;

    struct Nothing;

    #[async_trait]
    impl FileSource for Nothing {
        async fn read(&self, _: u64, _: u64) -> Result<Bytes, SourceError> {
            Err(SourceError::Gone)
        }
    }

    #[test]
    fn debug_shows_nothing_of_a_file() {
        let prepared = Prepared {
            object: ObjectKey::outgoing(SendId::from_random([1; 16])),
            encrypted_length: 26,
            mime: "application/pdf".into(),
            key: MediaKey([7; 32]),
            sha256: [8; 32],
            encrypted_sha256: [9; 32],
            length: 10,
            sidecar: None,
            shape: Shape::Document,
            thumbnail: Some(vec![5; 20]),
        };
        let (caption, name) = (Caption::parse("segredo").unwrap(), FileName::sanitised("nome.pdf"));
        let file = OutgoingFile { prepared, source: Arc::new(Nothing), caption, name };
        assert_eq!(
            format!("{file:?} {:?}", UploadedFile::played("segredo")),
            "OutgoingFile(26 bytes) UploadedFile(…)"
        );
    }
}
