//! Letting a tenant upload a file by itself: `POST /v2/uploads`. The file goes to the store past the API, so it may be as large
//! as WhatsApp takes.

#[cfg(test)]
mod tests;

use super::permitted::permitted;
use crate::error::{Code, Problem};
use crate::ids::UploadId;
use crate::media::{FileKind, FileName, MediaType, mime_of};
use crate::object::ObjectKey;
use crate::plan::Plans;
use crate::ports::{Clock, ObjectLinks, Random, UploadForm};
use crate::user::User;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// For how long a form can be used.
const LIFE: Duration = Duration::from_secs(15 * 60);
/// What a file is uploaded as when nothing better is known. What it is, is looked at when it is sent.
const ANY: &str = "application/octet-stream";

/// Gives tenants forms to upload files by.
pub struct OfferUpload {
    /// Makes the forms.
    pub links: Arc<dyn ObjectLinks>,
    /// The plans that there are.
    pub plans: Arc<Plans>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub random: Arc<dyn Random>,
}

/// The file that a tenant wants to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRequest {
    kind: FileKind,
    name: Option<FileName>,
    content_type: String,
}

/// A form to upload one file by.
#[derive(Debug, Clone)]
pub struct OfferedUpload {
    /// What the file is sent by, once it is uploaded.
    pub id: UploadId,
    /// The form.
    pub form: UploadForm,
    /// The largest file that it takes.
    pub max_bytes: u64,
    /// After when it takes none.
    pub expires_at: Timestamp,
}

impl UploadRequest {
    /// A file that is to be sent as `media_type`, with the name and content type that the client says it has.
    ///
    /// # Errors
    /// [`Code::InvalidMediaType`] for a text; [`Code::InvalidParameter`] for a content type that is none, or none of what is to be
    /// sent as that.
    pub fn new(
        media_type: MediaType,
        name: Option<&str>,
        content_type: Option<&str>,
    ) -> Result<Self, Problem> {
        let kind = FileKind::of(media_type).ok_or_else(|| {
            Problem::new(Code::InvalidMediaType).because("media_type: use image, audio, document ou video.")
        })?;
        let name = name.and_then(FileName::sanitised);
        let content_type = match content_type {
            Some(given) => read(kind, given)?,
            None => guessed(kind, name.as_ref()).to_owned(),
        };
        Ok(Self { kind, name, content_type })
    }
}

/// A content type of two names (RFC 9110), without parameters.
fn read(kind: FileKind, given: &str) -> Result<String, Problem> {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let refuse = |detail: String| Err(Problem::new(Code::InvalidParameter).because(detail));
    let content_type = given.trim().to_ascii_lowercase();
    if content_type.len() > 127 || !content_type.split_once('/').is_some_and(|(a, b)| token(a) && token(b)) {
        return refuse("content_type: use um tipo como image/jpeg, sem parâmetros.".to_owned());
    }
    if !fits(kind, &content_type) {
        return refuse(format!("content_type: não é um tipo de {}.", kind.media_type()));
    }
    Ok(content_type)
}

fn fits(kind: FileKind, content_type: &str) -> bool {
    let of = |family: &str| content_type == ANY || content_type.starts_with(family);
    match kind {
        FileKind::Image => of("image/"),
        FileKind::Audio => of("audio/") || content_type == "application/ogg",
        FileKind::Video => of("video/"),
        FileKind::Document => true,
    }
}

fn guessed(kind: FileKind, name: Option<&FileName>) -> &'static str {
    let by_name = name.and_then(FileName::extension).and_then(|extension| mime_of(&extension));
    by_name.filter(|content_type| fits(kind, content_type)).unwrap_or(ANY)
}

impl OfferUpload {
    /// Gives a tenant a form for one file. Nothing is stored before the file is.
    ///
    /// # Errors
    /// [`Code::PlanForbidsMedia`]; [`Code::Unavailable`] when the form cannot be signed.
    pub async fn offer(&self, tenant: &User, request: &UploadRequest) -> Result<OfferedUpload, Problem> {
        permitted(&self.plans, tenant, request.kind.media_type())?;
        let id = UploadId::from_random(self.random.bytes());
        let (key, max_bytes) = (ObjectKey::upload(tenant.id, id), request.kind.max_bytes());
        let expires_at = self.clock.now() + SignedDuration::from_secs(LIFE.as_secs() as i64);
        let form =
            self.links.upload_form(&key, &request.content_type, request.name.as_ref(), max_bytes, LIFE);
        Ok(OfferedUpload { id, form: form.await?, max_bytes, expires_at })
    }
}
