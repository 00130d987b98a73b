//! What a client asks for at `POST /v2/sends` and `POST /v2/upload/sends`.

use crate::phone::Phone;
use crate::send::{Content, File, Recipient, RequestHash, Schedule, Source};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::fmt;

/// A request to send, as far as it can be checked by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRequest {
    /// The number to send from.
    pub from: Phone,
    /// Whom to send to.
    pub to: Recipient,
    /// What to send.
    pub content: Content,
    /// The file itself, where it came with the request; `content` then names it as an upload.
    pub attached: Option<Attached>,
    /// When it is to be sent, and until when it may.
    pub schedule: Schedule,
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
        let (kind, tail, last) = match &self.content {
            Content::Text(text) => ("text", Vec::new(), text.as_str().to_owned()),
            Content::File(file) => {
                let (tail, caption) = parts_of(file);
                (file.kind.media_type().as_str(), tail, caption.to_owned())
            }
            Content::Contact(card) => {
                ("contact", vec![card.phone().digits().to_owned()], card.name().to_owned())
            }
            Content::Forward(forward) => ("forward", Vec::new(), forward.key.to_string()),
        };
        let head = [self.from.to_string(), self.to.to_string(), kind.to_owned()];
        digest.update("carteiro/send-request/1\0");
        for (name, time) in [("send_at", self.schedule.send_at), ("expires_at", self.schedule.expires_at)] {
            // Only where it is said: the hash of a request without times is what it was before there were any. No number begins
            // with a letter, so a time is not taken for one.
            if let Some(time) = time {
                digest.update(format!("{name}={time}\0"));
            }
        }
        for part in head.into_iter().chain(tail) {
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
    use crate::media::{Caption, FileKind, FileName, MediaType, MediaUrl};
    use crate::send::{ContactCard, Forward, Text};
    use std::collections::HashSet;

    fn request(content: Content) -> SendRequest {
        request_to("5511966665555", content)
    }

    fn request_to(to: &str, content: Content) -> SendRequest {
        let (from, to) = ("5511988887777".parse().unwrap(), to.parse().unwrap());
        SendRequest { from, to, content, attached: None, schedule: Schedule::default() }
    }

    fn file(kind: FileKind, source: Source, caption: &str, name: &str) -> Content {
        let (caption, name) = (Caption::parse(caption).unwrap(), FileName::sanitised(name));
        Content::File(File { kind, source, caption, name })
    }

    fn contact(name: &str, phone: &str) -> Content {
        Content::Contact(ContactCard::new(name, phone.parse().unwrap()))
    }

    fn forward(key: &str) -> Content {
        Content::Forward(Forward { key: key.parse().unwrap(), media: MediaType::Text })
    }

    /// A hash that another version of this program stored must still be the same one.
    #[test]
    fn the_hash_of_a_text_is_stable() {
        let text = Content::Text(Text::parse("olá".into()).unwrap());
        let bytes = "carteiro/send-request/1\x005511988887777\x005511966665555\0text\0olá";
        assert_eq!(request(text).hash().0, hex::encode(Sha256::digest(bytes)));
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
            contact("Ana", "5511911112222"),
            contact("Bia", "5511911112222"),
            contact("Ana", "5511911113333"),
            Content::Text(Text::parse("true_5511966665555@c.us_3EB0".into()).unwrap()),
            forward("true_5511966665555@c.us_3EB0"),
            forward("true_5511966665555@c.us_3EB1"),
        ];
        let mut hashes: HashSet<String> =
            contents.iter().map(|content| request(content.clone()).hash().0).collect();
        assert_eq!(hashes.len(), contents.len());
        hashes.insert(request_to("120363000000000001@g.us", contents[0].clone()).hash().0);
        hashes.insert(request_to("120363000000000001@lid", contents[0].clone()).hash().0);
        assert_eq!(hashes.len(), contents.len() + 2);
        assert_eq!(request(contents[1].clone()).hash(), request(contents[1].clone()).hash());
    }

    #[test]
    fn a_file_stays_out_of_debug() {
        assert_eq!(format!("{:?}", Attached(Bytes::from_static(b"segredo"))), "Attached(7 bytes)");
    }
}
