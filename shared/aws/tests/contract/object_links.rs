//! The contract of [`ObjectLinks`]: what a client without credentials can do, and what it cannot.

use crate::samples::random;
use crate::support::bucket::Bucket;
use crate::support::http::{Answer, get, post_form};
use carteiro_core::ids::{ExportId, UploadId, UserId};
use carteiro_core::media::FileName;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectBody, ObjectLinks, Objects, StoredObject, UploadForm};
use secrecy::ExposeSecret;
use std::time::Duration;

const LIFE: Duration = Duration::from_secs(900);

fn key() -> ObjectKey {
    ObjectKey::upload(UserId::from_random(random()), UploadId::from_random(random()))
}

/// A form for a PDF of at most 1,000 bytes.
async fn form(bucket: &Bucket, key: &ObjectKey) -> UploadForm {
    let name = FileName::sanitised("Relatório.pdf").unwrap();
    bucket.links().upload_form(key, "application/pdf", Some(&name), 1_000, LIFE).await.unwrap()
}

fn fields(form: &UploadForm) -> Vec<(String, String)> {
    form.fields.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect()
}

async fn post(form: &UploadForm, fields: &[(String, String)], file: &[u8]) -> Answer {
    post_form(&form.url, fields, "qualquer.pdf", file).await
}

#[tokio::test]
async fn a_form_uploads_one_file_with_its_name() {
    let (bucket, key) = (Bucket::deploy().await, key());
    let form = form(&bucket, &key).await;
    let answer = post(&form, &fields(&form), b"%PDF-1.7").await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    let name = FileName::sanitised("Relatório.pdf");
    assert_eq!(bucket.objects().find(&key).await, Ok(Some(StoredObject { length: 8, name })));
    assert_eq!(bucket.objects().read(&key, 0, 9).await.unwrap().unwrap(), "%PDF-1.7");
}

#[tokio::test]
async fn a_form_permits_nothing_else() {
    let (bucket, key) = (Bucket::deploy().await, key());
    let form = form(&bucket, &key).await;
    let with = |name: &str, value: &str| -> Vec<(String, String)> {
        let mut fields = fields(&form);
        fields.iter_mut().filter(|(n, _)| n == name).for_each(|(_, v)| *v = value.to_owned());
        fields
    };
    let extra = [fields(&form), vec![("acl".to_owned(), "public-read".to_owned())]].concat();
    for (what, fields, file) in [
        ("another key", with("key", "exports/alheio"), vec![1]),
        ("another type", with("Content-Type", "text/html"), vec![1]),
        ("another name", with("x-amz-meta-file-name", "eA"), vec![1]),
        ("a field more", extra, vec![1]),
        ("no byte", fields(&form), vec![]),
        ("a byte too many", fields(&form), vec![1; 1_001]),
    ] {
        let answer = post(&form, &fields, &file).await;
        assert!((400..500).contains(&answer.status), "{what}: {}", answer.text);
    }
    assert_eq!(bucket.objects().find(&key).await, Ok(None));
    assert_eq!(post(&form, &fields(&form), &[1; 1_000]).await.status, 204);
}

#[tokio::test]
async fn a_form_has_its_time() {
    let (bucket, key) = (Bucket::deploy().await, key());
    let late = bucket.links_at(jiff::Timestamp::now() - LIFE - Duration::from_secs(5));
    let form = late.upload_form(&key, "text/plain", None, 10, LIFE).await.unwrap();
    assert!((400..500).contains(&post(&form, &fields(&form), b"x").await.status));
    assert_eq!(bucket.objects().find(&key).await, Ok(None));
}

#[tokio::test]
async fn a_link_downloads_under_a_name() {
    let bucket = Bucket::deploy().await;
    let key = ObjectKey::export(UserId::from_random(random()), ExportId::from_random(random()));
    let body = ObjectBody::Bytes("a;b\n".into());
    bucket.objects().put(&key, body, "text/csv").await.unwrap();
    let name = FileName::sanitised("relatório.csv").unwrap();
    let link = bucket.links().download_link(&key, &name, LIFE).await.unwrap();
    let answer = get(link.expose_secret()).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "a;b\n"));
    assert_eq!(answer.header("content-type"), "text/csv");
    let disposition = answer.header("content-disposition");
    assert!(
        disposition.starts_with("attachment;") && disposition.contains("relat%C3%B3rio.csv"),
        "{disposition}"
    );
    assert!(link.expose_secret().contains("X-Amz-Expires=900"));
    let forged = link.expose_secret().replace("exports/", "uploads/");
    assert_ne!(get(&forged).await.status, 200);
    assert!(!format!("{link:?}").contains("X-Amz"));
}
