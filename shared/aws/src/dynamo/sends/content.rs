//! What a send carries, as attributes of its item.

use crate::dynamo::item::{Item, s};
use carteiro_core::media::{Caption, FileKind, FileName, MediaType, MediaUrl};
use carteiro_core::ports::Unavailable;
use carteiro_core::send::{ContactCard, Content, File, Forward, Source, Text};

/// Adds a send's content: `text` alone for a text; `media_type` and the rest for a file; `contact_name` and `contact_phone`;
/// or `forward_of`, the serialized key of a message, with its `media_type`.
pub(super) fn with_content(item: Item, content: &Content) -> Item {
    match content {
        Content::Text(text) => item.with("text", s(text.as_str())),
        Content::File(file) => {
            let item = item
                .with("media_type", s(file.kind.media_type().as_str()))
                .with_some("caption", file.caption.as_ref().map(|caption| s(caption.as_str())))
                .with_some("file_name", file.name.as_ref().map(|name| s(name.as_str())));
            match &file.source {
                Source::Url(url) => item.with("media_url", s(url.as_str())),
                Source::Upload(id) => item.with("upload_id", s(id.to_string())),
            }
        }
        Content::Contact(card) => {
            item.with("contact_name", s(card.name())).with("contact_phone", s(card.phone().digits()))
        }
        Content::Forward(forward) => {
            item.with("forward_of", s(forward.key.to_string())).with("media_type", s(forward.media.as_str()))
        }
    }
}

/// Reads what [`with_content`] wrote.
pub(super) fn content(item: &Item) -> Result<Content, Unavailable> {
    if let Some(key) = item.some("forward_of", |t| t.parse().ok())? {
        let media = item.one("media_type", |t| t.parse().ok())?;
        return Ok(Content::Forward(Forward { key, media }));
    }
    if let Some(phone) = item.some("contact_phone", |t| t.parse().ok())? {
        return Ok(Content::Contact(ContactCard::new(item.text("contact_name")?, phone)));
    }
    let kind = |text: &str| FileKind::of(text.parse::<MediaType>().ok()?);
    let Some(kind) = item.some("media_type", kind)? else {
        return Ok(Content::Text(item.one("text", |t| Text::parse(t.to_owned()).ok())?));
    };
    let source = match item.some("upload_id", |t| t.parse().ok())? {
        Some(id) => Source::Upload(id),
        None => Source::Url(item.one("media_url", |t| MediaUrl::parse(t).ok())?),
    };
    Ok(Content::File(File {
        kind,
        source,
        caption: item.some("caption", |t| Caption::parse(t).ok().flatten())?,
        name: item.some("file_name", FileName::sanitised)?,
    }))
}
