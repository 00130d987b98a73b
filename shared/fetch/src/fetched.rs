//! What was fetched.

use crate::disposition;
use carteiro_core::media::{FileName, MediaUrl};
use hyper::HeaderMap;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

/// What is known of a file that was fetched. Its host says so; whether it is true is for its bytes to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its length in bytes, at least one.
    pub length: u64,
    /// The `Content-Type` without parameters, in lower case, such as `image/jpeg`. `None` when there is none that is well formed.
    pub content_type: Option<String>,
    /// The file name of `Content-Disposition`.
    pub file_name: Option<FileName>,
    /// Where it came from, after redirects.
    pub url: MediaUrl,
}

impl Fetched {
    pub(crate) fn new(length: u64, headers: &HeaderMap, url: MediaUrl) -> Self {
        Self {
            length,
            content_type: headers.get(CONTENT_TYPE).and_then(|value| media_type(value.to_str().ok()?)),
            file_name: headers
                .get(CONTENT_DISPOSITION)
                .and_then(|value| disposition::file_name(value.as_bytes())),
            url,
        }
    }
}

/// Type and subtype, each a token of at most 127 characters (RFC 6838).
fn media_type(value: &str) -> Option<String> {
    let essence = value.split(';').next()?.trim();
    let (kind, subtype) = essence.split_once('/')?;
    let is_token = |text: &str| {
        (1..=127).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    (is_token(kind) && is_token(subtype)).then(|| essence.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_read_without_its_parameters() {
        for (value, read) in [
            ("image/jpeg", Some("image/jpeg")),
            ("Text/HTML; charset=utf-8", Some("text/html")),
            (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ),
            ("", None),
            ("jpeg", None),
            ("image/", None),
            ("image/jpeg/x", None),
            ("<b>/html", None),
        ] {
            assert_eq!(media_type(value).as_deref(), read, "{value:?}");
        }
    }
}
