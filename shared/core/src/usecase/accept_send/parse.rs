//! Reading what a client asks for, field by field.

#[cfg(test)]
mod tests;

use super::request::{Attached, SendRequest};
use crate::error::{Code, Problem};
use crate::ids::UploadId;
use crate::media::{Caption, FileKind, FileName, MediaType, MediaUrl};
use crate::phone::Phone;
use crate::send::{Content, File, Schedule, Source, Text};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// A file that came with a request. `Debug` shows the number of its bytes only.
#[derive(Clone, PartialEq, Eq)]
pub struct FormFile {
    /// What the client called it, whatever that is.
    pub name: Option<String>,
    /// Its bytes.
    pub bytes: Bytes,
}

impl fmt::Debug for FormFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FormFile({} bytes)", self.bytes.len())
    }
}

impl SendRequest {
    /// Reads the body of `POST /v2/sends`. Fields that the media type has no use for are not looked at.
    ///
    /// # Errors
    /// [`Code::MissingParameter`] naming the first field that is absent (or null), before any that says that a field is
    /// there but invalid.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, Problem> {
        let (from, to) = (required(body, "from_number")?, required(body, "to_number")?);
        let media_type = media_type(body, "text, image, audio, document ou video")?;
        let content = match FileKind::of(media_type) {
            None => {
                let content = required(body, "content")?;
                let (from, to) = (phone("from_number", from)?, phone("to_number", to)?);
                let content = Content::Text(parse_text(content)?);
                return Ok(Self { from, to: to.into(), content, attached: None, schedule: schedule(body)? });
            }
            Some(kind) => (kind, one_source(body)?),
        };
        let (from, to) = (phone("from_number", from)?, phone("to_number", to)?);
        let (kind, (field, value)) = content;
        let source = source(field, value)?;
        let name = optional(body, "file_name", Code::InvalidParameter)?;
        let name = name.and_then(FileName::sanitised).or_else(|| name_of(kind, &source));
        let file = File { kind, source, caption: caption(body)?, name };
        Ok(Self {
            from,
            to: to.into(),
            content: Content::File(file),
            attached: None,
            schedule: schedule(body)?,
        })
    }

    /// Reads the body of `POST /v1/send/{media_type}`: a text stands in `message`; all else is as in [`SendRequest::parse`].
    ///
    /// # Errors
    /// As [`SendRequest::parse`].
    pub fn parse_v1(media_type: MediaType, body: &Map<String, Value>) -> Result<Self, Problem> {
        let mut body = body.clone();
        body.insert("media_type".to_owned(), Value::from(media_type.as_str()));
        if media_type == MediaType::Text {
            for field in ["from_number", "to_number"] {
                required(&body, field)?;
            }
            let message = required(&body, "message")?.clone();
            body.insert("content".to_owned(), message);
        }
        Self::parse(&body).map_err(|problem| match problem.code() {
            Code::InvalidContent => {
                refuse(Code::InvalidContent, format!("message: {}", Code::InvalidContent.remedy()))
            }
            _ => problem,
        })
    }

    /// Reads the form of `POST /v2/upload/sends`: its fields and its file.
    ///
    /// # Errors
    /// As [`SendRequest::parse`]; and [`Code::InvalidFile`] for a file without a byte, [`Code::PayloadTooLarge`] for one that is
    /// too large for its kind.
    pub fn parse_form(fields: &Map<String, Value>, file: Option<FormFile>) -> Result<Self, Problem> {
        let (from, to) = (required(fields, "from_number")?, required(fields, "to_number")?);
        let media_type = media_type(fields, "image, audio, document ou video")?;
        let kind = FileKind::of(media_type).ok_or_else(|| {
            refuse(Code::InvalidMediaType, "media_type: use image, audio, document ou video.")
        })?;
        let file = file.ok_or_else(|| missing("O parâmetro file é obrigatório."))?;
        let (from, to) = (phone("from_number", from)?, phone("to_number", to)?);
        check_length(kind, file.bytes.len() as u64)?;
        let name = optional(fields, "file_name", Code::InvalidParameter)?.map(str::to_owned).or(file.name);
        let content = Content::File(File {
            kind,
            source: Source::Upload(UploadId::of_content(&file.bytes)),
            caption: caption(fields)?,
            name: name.as_deref().and_then(FileName::sanitised),
        });
        Ok(Self {
            from,
            to: to.into(),
            content,
            attached: Some(Attached(file.bytes)),
            schedule: schedule(fields)?,
        })
    }
}

/// Whether a file may be sent as that kind, as far as its length tells.
pub(super) fn check_length(kind: FileKind, length: u64) -> Result<(), Problem> {
    if length == 0 {
        return Err(refuse(Code::InvalidFile, "O arquivo está vazio."));
    }
    if length > kind.max_bytes() {
        let most = kind.max_bytes() / (1024 * 1024);
        let detail = format!("O arquivo tem mais de {most} MB, o máximo para {}.", kind.media_type());
        return Err(refuse(Code::PayloadTooLarge, detail));
    }
    Ok(())
}

fn refuse(code: Code, detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(code).because(detail)
}

fn missing(detail: impl Into<Cow<'static, str>>) -> Problem {
    refuse(Code::MissingParameter, detail)
}

pub(in crate::usecase) fn given<'a>(body: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    body.get(field).filter(|value| !value.is_null())
}

pub(in crate::usecase) fn required<'a>(
    body: &'a Map<String, Value>,
    field: &'static str,
) -> Result<&'a Value, Problem> {
    given(body, field).ok_or_else(|| missing(format!("O parâmetro {field} é obrigatório.")))
}

pub(in crate::usecase) fn text<'a>(
    field: &'static str,
    value: &'a Value,
    otherwise: Code,
) -> Result<&'a str, Problem> {
    value.as_str().ok_or_else(|| refuse(otherwise, format!("{field}: deve ser um texto.")))
}

fn optional<'a>(
    body: &'a Map<String, Value>,
    field: &'static str,
    otherwise: Code,
) -> Result<Option<&'a str>, Problem> {
    given(body, field).map(|value| text(field, value, otherwise)).transpose()
}

pub(in crate::usecase) fn media_type(body: &Map<String, Value>, choices: &str) -> Result<MediaType, Problem> {
    let given = text("media_type", required(body, "media_type")?, Code::InvalidMediaType)?;
    given.parse().map_err(|_| refuse(Code::InvalidMediaType, format!("media_type: use {choices}.")))
}

pub(in crate::usecase) fn phone(field: &'static str, value: &Value) -> Result<Phone, Problem> {
    let value = text(field, value, Code::InvalidPhone)?;
    value.parse().map_err(|_| {
        let address = value.trim();
        let detail = if address.ends_with("@g.us") || address.ends_with("@lid") {
            format!("{field}: grupos (@g.us) e endereços @lid não são aceitos; envie um número de telefone.")
        } else {
            format!("{field}: {}", Code::InvalidPhone.remedy())
        };
        refuse(Code::InvalidPhone, detail)
    })
}

/// When a send is to go out and until when it may, as `send_at` and `expires_at` say: times of ISO 8601 with an offset.
pub(in crate::usecase) fn schedule(body: &Map<String, Value>) -> Result<Schedule, Problem> {
    Ok(Schedule {
        send_at: time(body, "send_at", Code::InvalidSendAt)?,
        expires_at: time(body, "expires_at", Code::InvalidExpiresAt)?,
    })
}

fn time(
    body: &Map<String, Value>,
    field: &'static str,
    otherwise: Code,
) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = optional(body, field, otherwise)? else { return Ok(None) };
    let refusal = || refuse(otherwise, format!("{field}: use um horário como 2026-12-31T09:00:00-03:00."));
    text.trim().parse().map(Some).map_err(|_| refusal())
}

fn parse_text(value: &Value) -> Result<Text, Problem> {
    let value = text("content", value, Code::InvalidContent)?;
    Text::parse(value.to_owned())
        .map_err(|_| refuse(Code::InvalidContent, format!("content: {}", Code::InvalidContent.remedy())))
}

/// Where the file is: the one of `media_url` and `upload_id` that is given.
fn one_source(body: &Map<String, Value>) -> Result<(&'static str, &Value), Problem> {
    match (given(body, "media_url"), given(body, "upload_id")) {
        (Some(url), None) => Ok(("media_url", url)),
        (None, Some(id)) => Ok(("upload_id", id)),
        (None, None) => Err(missing("O parâmetro media_url (ou upload_id) é obrigatório.")),
        (Some(_), Some(_)) => {
            Err(refuse(Code::InvalidParameter, "Envie media_url ou upload_id, e não os dois."))
        }
    }
}

/// The address must be an https one; whether it may be fetched is decided when it is. What is no id names no upload.
fn source(field: &'static str, value: &Value) -> Result<Source, Problem> {
    if field == "upload_id" {
        let id = text(field, value, Code::InvalidParameter)?;
        return id.parse().map(Source::Upload).map_err(|_| Code::UploadNotFound.into());
    }
    MediaUrl::parse(text(field, value, Code::InvalidMediaUrl)?)
        .map(Source::Url)
        .map_err(|_| refuse(Code::InvalidMediaUrl, format!("{field}: {}", Code::InvalidMediaUrl.remedy())))
}

fn caption(body: &Map<String, Value>) -> Result<Option<Caption>, Problem> {
    let Some(caption) = optional(body, "caption", Code::InvalidCaption)? else { return Ok(None) };
    Caption::parse(caption)
        .map_err(|_| refuse(Code::InvalidCaption, format!("caption: {}", Code::InvalidCaption.remedy())))
}

/// The name of a document that has none of its own: recipients see it.
fn name_of(kind: FileKind, source: &Source) -> Option<FileName> {
    match (kind, source) {
        (FileKind::Document, Source::Url(url)) => url.file_name(),
        _ => None,
    }
}
