//! What the routes of V1's sessions ask for.

#[cfg(test)]
mod tests;

use super::parse::check_length;
use super::request::{Attached, SendRequest};
use crate::chat::Message;
use crate::error::{Code, Problem};
use crate::ids::UploadId;
use crate::media::{Caption, FileKind, FileName};
use crate::phone::Phone;
use crate::send::{ContactCard, Content, File, Forward, Recipient, Schedule, Source, Text};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

/// Base64 with or without its padding, which old clients leave out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl SendRequest {
    /// A text, as `novocontato` and `enviarmsg` take it: each `<br>` becomes a new line.
    ///
    /// # Errors
    /// [`Code::InvalidContent`] for an empty one, or one that is too long.
    pub fn text(from: Phone, to: Recipient, text: &str) -> Result<Self, Problem> {
        let text = Text::parse(with_new_lines(text)).map_err(|_| Problem::new(Code::InvalidContent))?;
        Ok(Self { from, to, content: Content::Text(text), attached: None, schedule: Schedule::default() })
    }

    /// A file that came with the request, as `enviarimagem` and `enviardoc` take it. The name is made one that a file may have.
    ///
    /// # Errors
    /// [`Code::InvalidFile`] for a file without a byte, [`Code::PayloadTooLarge`] for one that is too large for its kind,
    /// [`Code::InvalidCaption`].
    pub fn file(
        from: Phone,
        to: Recipient,
        kind: FileKind,
        bytes: Bytes,
        name: Option<&str>,
        caption: Option<&str>,
    ) -> Result<Self, Problem> {
        check_length(kind, bytes.len() as u64)?;
        let caption = Caption::parse(caption.unwrap_or_default()).map_err(|_| Code::InvalidCaption)?;
        let content = Content::File(File {
            kind,
            source: Source::Upload(UploadId::of_content(&bytes)),
            caption,
            name: name.and_then(FileName::sanitised),
        });
        Ok(Self { from, to, content, attached: Some(Attached(bytes)), schedule: Schedule::default() })
    }

    /// A voice note out of a data URI of a sound (`data:audio/ogg;base64,…`), as `enviaraudio` takes it. What it really is, is
    /// looked at when it is made ready.
    ///
    /// # Errors
    /// [`Code::InvalidFile`] for what is no such URI, or one without a byte; [`Code::PayloadTooLarge`].
    pub fn voice(from: Phone, to: Recipient, data_uri: &str) -> Result<Self, Problem> {
        let bytes = sound(data_uri).ok_or_else(|| {
            Problem::new(Code::InvalidFile).because("audio_data: envie um áudio como data:audio/…;base64,….")
        })?;
        Self::file(from, to, FileKind::Audio, bytes, None, None)
    }

    /// A contact, as `enviarcontato` takes it.
    pub fn contact(from: Phone, to: Recipient, card: ContactCard) -> Self {
        Self { from, to, content: Content::Contact(card), attached: None, schedule: Schedule::default() }
    }

    /// A stored message to be sent on, as `encaminharmsg` takes it. It is read again when it is sent.
    ///
    /// # Errors
    /// [`Code::InvalidContent`] for one of a kind that cannot be sent on.
    pub fn forward(from: Phone, to: Recipient, message: &Message) -> Result<Self, Problem> {
        let forward = Forward::of(message).ok_or_else(|| {
            Problem::new(Code::InvalidContent).because("Uma mensagem deste tipo não pode ser encaminhada.")
        })?;
        Ok(Self {
            from,
            to,
            content: Content::Forward(forward),
            attached: None,
            schedule: Schedule::default(),
        })
    }
}

/// A text with a new line for each `<br>`, however it is written.
fn with_new_lines(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        lines.push_str(before);
        match line_break(tag) {
            Some(after) => {
                lines.push('\n');
                rest = after;
            }
            None => {
                lines.push('<');
                rest = &tag[1..];
            }
        }
    }
    lines.push_str(rest);
    lines
}

/// What follows a `<br>` that the text begins with.
fn line_break(tag: &str) -> Option<&str> {
    let (name, after) = tag.split_at_checked("<br".len())?;
    if !name.eq_ignore_ascii_case("<br") {
        return None;
    }
    let after = after.trim_start_matches(' ');
    after.strip_prefix('/').unwrap_or(after).strip_prefix('>')
}

/// The bytes of a data URI (RFC 2397) of a sound, in base64.
fn sound(uri: &str) -> Option<Bytes> {
    let (head, data) = uri.trim().split_once(',')?;
    let kind = head.get(.."data:".len()).filter(|scheme| scheme.eq_ignore_ascii_case("data:"));
    let head = kind.and(head.get("data:".len()..))?.to_ascii_lowercase();
    let mime = head.strip_suffix("base64")?.trim_end().strip_suffix(';')?;
    if !mime.starts_with("audio/") {
        return None;
    }
    let data: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(data).ok().map(Bytes::from)
}
