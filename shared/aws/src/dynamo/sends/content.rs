//! What a send carries, as attributes of its item.

use crate::dynamo::item::{Item, s};
use carteiro_core::media::{Caption, FileKind, FileName, MediaType, MediaUrl};
use carteiro_core::ports::Unavailable;
use carteiro_core::send::{Content, File, Source, Text};

/// Adds a send's content: `text` alone for a text; `media_type` and the rest for a file.
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
    }
}

/// Reads what [`with_content`] wrote.
pub(super) fn content(item: &Item) -> Result<Content, Unavailable> {
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
