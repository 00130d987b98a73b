//! What a client asks for at `POST /v2/sends` and `POST /v2/upload/sends`.

use crate::phone::Phone;
use crate::send::{Content, File, RequestHash, Source};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::fmt;

/// A request to send, as far as it can be checked by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRequest {
    /// The number to send from.
    pub from: Phone,
    /// The number to send to.
    pub to: Phone,
    /// What to send.
    pub content: Content,
    /// The file itself, where it came with the request; `content` then names it as an upload.
    pub attached: Option<Attached>,
}

/// The bytes of a file that came with a request. `Debug` shows their number only.
#[derive(Clone, PartialEq, Eq)]
pub struct Attached(pub Bytes);

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attached({} bytes)", self.0.len())
    }
}

impl SendRequest {
    /// The hash by which a repeated request is told from another one under the same `Idempotency-Key`. It is of what was
    /// understood: spelling a phone number with or without `+` makes no other request. A file that came with the request is in
    /// it by the SHA-256 that its upload is named by.
    pub fn hash(&self) -> RequestHash {
        let mut digest = Sha256::new();
        // No part but the last can hold a NUL, so two requests never run together to the same bytes.
        let head = [self.from.digits(), self.to.digits(), self.content.media_type().as_str()];
        let (tail, last) = match &self.content {
            Content::Text(text) => (Vec::new(), text.as_str()),
            Content::File(file) => parts_of(file),
        };
        digest.update("carteiro/send-request/1\0");
        for part in head.into_iter().map(str::to_owned).chain(tail) {
            digest.update(part);
            digest.update([0]);
        }
        RequestHash(hex::encode(digest.chain_update(last).finalize()))
    }
}

/// Where a file is from, its name, whether it has a caption; and the caption.
fn parts_of(file: &File) -> (Vec<String>, &str) {
    let source = match &file.source {
        Source::Url(url) => url.as_str().to_owned(),
        Source::Upload(id) => id.to_string(),
    };
    let name = file.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
    let captioned = if file.caption.is_some() { "captioned" } else { "" };
    let caption = file.caption.as_ref().map(|caption| caption.as_str()).unwrap_or_default();
    (vec![source, name.to_owned(), captioned.to_owned()], caption)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Caption, FileKind, FileName, MediaUrl};
    use crate::send::Text;
    use std::collections::HashSet;

    fn request(content: Content) -> SendRequest {
        let (from, to) = ("5511988887777".parse().unwrap(), "5511966665555".parse().unwrap());
        SendRequest { from, to, content, attached: None }
    }

    fn file(kind: FileKind, source: Source, caption: &str, name: &str) -> Content {
        let (caption, name) = (Caption::parse(caption).unwrap(), FileName::sanitised(name));
        Content::File(File { kind, source, caption, name })
    }

    #[test]
    fn the_hash_covers_kind_source_caption_and_name() {
        let url = |text| Source::Url(MediaUrl::parse(text).unwrap());
        let (a, b) = (url("https://exemplo.com/a"), url("https://exemplo.com/b"));
        let upload = |bytes: &[u8]| Source::Upload(crate::ids::UploadId::of_content(bytes));
        let contents = [
            Content::Text(Text::parse("https://exemplo.com/a".into()).unwrap()),
            file(FileKind::Image, a.clone(), "", ""),
            file(FileKind::Document, a.clone(), "", ""),
            file(FileKind::Image, b, "", ""),
            file(FileKind::Image, a.clone(), "x", ""),
            file(FileKind::Image, a.clone(), "", "x"),
            file(FileKind::Image, a.clone(), "x", "x"),
            file(FileKind::Image, a, "y", "x"),
            file(FileKind::Image, upload(b"1"), "", ""),
            file(FileKind::Image, upload(b"2"), "", ""),
        ];
        let hashes: HashSet<String> =
            contents.iter().map(|content| request(content.clone()).hash().0).collect();
        assert_eq!(hashes.len(), contents.len());
        assert_eq!(request(contents[1].clone()).hash(), request(contents[1].clone()).hash());
    }

    #[test]
    fn a_file_stays_out_of_debug() {
        assert_eq!(format!("{:?}", Attached(Bytes::from_static(b"segredo"))), "Attached(7 bytes)");
    }
}
