//! Files, on S3: one private bucket. Keys are [`ObjectKey`](carteiro_core::object::ObjectKey)s as they are.
//!
//! | access | request |
//! |---|---|
//! | put | PutObject |
//! | find | HeadObject |
//! | download, read | GetObject |
//! | delete | DeleteObject |
//! | list a prefix | ListObjectsV2 |
//! | in parts | CreateMultipartUpload, UploadPart for each part, CompleteMultipartUpload; or AbortMultipartUpload |
//! | a form to upload by | none: it is signed here |
//! | a link to download by | none: it is signed here |

mod client;
mod links;
mod objects;
mod parts;
mod post_form;
mod prefixes;

pub use client::S3Client;
pub use links::S3ObjectLinks;
pub use objects::S3Objects;
pub use parts::S3ObjectParts;
pub(crate) use prefixes::S3Prefixes;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carteiro_core::media::FileName;

/// Where an object's metadata tells what its uploader called it. In Base64, since metadata are headers, and 2 KB at most.
const NAME: &str = "file-name";

fn encoded(name: &FileName) -> String {
    URL_SAFE_NO_PAD.encode(name.as_str())
}

/// Reads what [`encoded`] wrote; a client that changed it gets a name that is safe, or none.
fn decoded(text: &str) -> Option<FileName> {
    FileName::sanitised(&String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_metadata() {
        let longest = FileName::sanitised(&"👋".repeat(500)).unwrap();
        assert!(encoded(&longest).len() < 2_000);
        assert_eq!(decoded(&encoded(&longest)), Some(longest));
        assert_eq!(decoded("não é Base64"), None);
        assert_eq!(decoded(&URL_SAFE_NO_PAD.encode("../../etc/passwd")), FileName::sanitised("passwd"));
    }
}
