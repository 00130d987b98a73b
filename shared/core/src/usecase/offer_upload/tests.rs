//! Tests of offering uploads.

use super::*;
use crate::testing::{ManualClock, MemoryObjects, SeededRandom};
use crate::usecase::fixture::tenant;
use secrecy::ExposeSecret;

const PLANS: &str = r#"{"basico":{"media_types":["text","image"],"workers":1,"default":true}}"#;

fn offering() -> (OfferUpload, Arc<MemoryObjects>) {
    let links: Arc<MemoryObjects> = Arc::default();
    let plans = Arc::new(Plans::from_json(PLANS).unwrap());
    let (clock, random) = (Arc::new(ManualClock::default()), Arc::new(SeededRandom::default()));
    (OfferUpload { links: links.clone(), plans, clock, random }, links)
}

fn content_type(media: MediaType, name: Option<&str>, given: Option<&str>) -> Result<String, Code> {
    UploadRequest::new(media, name, given).map(|request| request.content_type).map_err(|e| e.code())
}

#[tokio::test]
async fn a_form_is_for_one_file_of_the_tenant() {
    let (offering, _) = offering();
    let request = UploadRequest::new(MediaType::Image, None, Some("image/png")).unwrap();
    let ana = tenant(1, "basico");
    let first = offering.offer(&ana, &request).await.unwrap();
    let second = offering.offer(&ana, &request).await.unwrap();
    assert_ne!(first.id, second.id);
    let field = |name: &str| {
        first.form.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.expose_secret()).unwrap()
    };
    assert_eq!(field("key"), ObjectKey::upload(ana.id, first.id).as_str());
    assert_eq!(field("Content-Type"), "image/png");
    assert_eq!(field("policy"), format!("{} bytes, 900 s", 16 * 1024 * 1024));
    assert_eq!(first.max_bytes, FileKind::Image.max_bytes());
    assert_eq!(first.expires_at, offering.clock.now() + SignedDuration::from_mins(15));
    assert!(!format!("{first:?}").contains("uploads/"), "the form is a secret");
}

#[tokio::test]
async fn a_plan_that_forbids_the_type_forbids_its_upload() {
    let (offering, _) = offering();
    let video = UploadRequest::new(MediaType::Video, None, None).unwrap();
    let refused = offering.offer(&tenant(1, "basico"), &video).await.unwrap_err();
    assert_eq!(refused.code(), Code::PlanForbidsMedia);
    assert!(refused.description().contains("basico") && refused.description().contains("video"));
}

#[tokio::test]
async fn an_outage_is_told() {
    let (offering, links) = offering();
    links.switch.fail();
    let image = UploadRequest::new(MediaType::Image, None, None).unwrap();
    let failed = offering.offer(&tenant(1, "basico"), &image).await.unwrap_err();
    assert_eq!(failed.code(), Code::Unavailable);
}

#[test]
fn content_types_fit_what_is_to_be_sent() {
    use MediaType::{Audio, Document, Image, Video};
    for (media, given, read) in [
        (Image, " IMAGE/JPEG ", "image/jpeg"),
        (Audio, "application/ogg", "application/ogg"),
        (Video, "video/3gpp", "video/3gpp"),
        (Document, "image/svg+xml", "image/svg+xml"),
        (Image, ANY, ANY),
    ] {
        assert_eq!(content_type(media, None, Some(given)).as_deref(), Ok(read));
    }
    for (media, given) in [
        (Image, "video/mp4"),
        (Video, "audio/mpeg"),
        (Document, "text"),
        (Document, "text/html; charset=utf-8"),
        (Document, "/"),
        (Document, "text/\"x"),
        (Document, "a/b/c"),
    ] {
        assert_eq!(content_type(media, None, Some(given)), Err(Code::InvalidParameter), "{given}");
    }
    let long = format!("text/{}", "x".repeat(200));
    assert_eq!(content_type(Document, None, Some(&long)), Err(Code::InvalidParameter));
    assert_eq!(content_type(MediaType::Text, None, None), Err(Code::InvalidMediaType));
}

#[test]
fn an_unsaid_content_type_is_guessed_by_the_name() {
    use MediaType::{Document, Image};
    assert_eq!(content_type(Document, Some("nota.PDF"), None).as_deref(), Ok("application/pdf"));
    assert_eq!(content_type(Image, Some("nota.pdf"), None).as_deref(), Ok(ANY));
    assert_eq!(content_type(Image, Some("foto"), None).as_deref(), Ok(ANY));
    assert_eq!(content_type(Image, None, None).as_deref(), Ok(ANY));
}
