use crate::desk::{CONTACT, Desk, PATIENCE, contact};
use async_trait::async_trait;
use bytes::Bytes;
use carteiro_core::ids::SendId;
use carteiro_core::lease::Epoch;
use carteiro_core::media::{Caption, FileName, MediaKey, Prepared, Shape};
use carteiro_core::object::ObjectKey;
use carteiro_engine::{FileSource, Outgoing, OutgoingFile, SourceError, UploadError};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use wacore::download::MediaType;
use wacore::upload::encrypt_media;

struct InMemory(Bytes);

#[async_trait]
impl FileSource for InMemory {
    async fn read(&self, offset: u64, length: u64) -> Result<Bytes, SourceError> {
        let end = (offset + length).min(self.0.len() as u64) as usize;
        Ok(self.0.slice(offset as usize..end))
    }
}

/// A source that fails.
struct Failing(SourceError);

#[async_trait]
impl FileSource for Failing {
    async fn read(&self, _: u64, _: u64) -> Result<Bytes, SourceError> {
        Err(self.0)
    }
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

fn file(content: &[u8], mime: &str, shape: Shape) -> OutgoingFile {
    let kind = match shape {
        Shape::Image { .. } => MediaType::Image,
        Shape::Voice { .. } => MediaType::Audio,
        Shape::Video { .. } => MediaType::Video,
        Shape::Document => MediaType::Document,
    };
    let encrypted = encrypt_media(content, kind).unwrap();
    let prepared = Prepared {
        object: ObjectKey::outgoing(SendId::from_random([1; 16])),
        encrypted_length: encrypted.data_to_upload.len() as u64,
        mime: mime.into(),
        key: MediaKey(encrypted.media_key),
        sha256: encrypted.file_sha256,
        encrypted_sha256: encrypted.file_enc_sha256,
        length: content.len() as u64,
        sidecar: encrypted.streaming_sidecar,
        shape,
        thumbnail: Some(vec![5; 20]),
    };
    let source = Arc::new(InMemory(encrypted.data_to_upload.into()));
    OutgoingFile { prepared, source, caption: None, name: None }
}

/// The media of what the contact received under an id, once it was checked, and its bytes.
async fn received(desk: &Desk, id: &str) -> (Value, Bytes) {
    let url = format!("{}/admin/accounts/{CONTACT}/messages/{id}/media", desk.simulator.admin_url());
    let answer = reqwest::get(url).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    let bytes = answer.bytes().await.unwrap();
    let body = desk.get(&format!("/admin/accounts/{CONTACT}/messages")).await;
    let message = body["messages"].as_array().unwrap().iter().find(|m| m["id"] == id).unwrap().clone();
    assert_eq!(message["undecryptable"], json!(0));
    (message["media"].clone(), bytes)
}

#[tokio::test]
async fn each_kind_arrives_byte_for_byte_with_what_belongs_to_it() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let caption = Caption::parse("olá, Ana").unwrap();
    let name = FileName::sanitised("relatório.pdf");
    let voice = Shape::Voice { seconds: 3, waveform: [50; 64] };
    let video = Shape::Video { seconds: Some(9), size: Some((320, 240)) };
    let cases = [
        ("3EB0AABBCCDE0001", content(70_000), "image/jpeg", Shape::Image { width: 640, height: 480 }),
        ("3EB0AABBCCDE0002", content(9_000), "audio/ogg; codecs=opus", voice),
        ("3EB0AABBCCDE0003", content(200_000), "video/mp4", video),
        ("3EB0AABBCCDE0004", content(33), "application/pdf", Shape::Document),
    ];
    for (id, content, mime, shape) in &cases {
        let file = OutgoingFile {
            caption: caption.clone(),
            name: name.clone(),
            ..file(content, mime, shape.clone())
        };
        let uploaded = running.session.upload(file).await.unwrap();
        running.send(&contact(), id, Outgoing::File(&uploaded)).await.unwrap();
        running.ack(id).await;
        desk.until(&format!("{id} is there"), &format!("/admin/accounts/{CONTACT}/messages"), |body| {
            body["messages"].as_array().unwrap().iter().any(|message| message["id"] == *id)
        })
        .await;
        let (media, bytes) = received(&desk, id).await;
        assert_eq!(bytes, *content, "{mime}");
        assert_eq!((&media["state"], &media["mime"]), (&json!("good"), &json!(mime)));
        match shape {
            Shape::Image { .. } => {
                assert_eq!((&media["width"], &media["height"]), (&json!(640), &json!(480)));
                assert_eq!(media["caption"], json!("olá, Ana"));
                assert!(media["thumbnail"].is_string());
            }
            Shape::Voice { .. } => {
                assert_eq!((&media["voice"], &media["seconds"]), (&json!(true), &json!(3)));
                assert!(media["waveform"].is_string());
            }
            Shape::Video { .. } => {
                assert_eq!((&media["width"], &media["seconds"]), (&json!(320), &json!(9)));
                assert_eq!(media["caption"], json!("olá, Ana"));
            }
            Shape::Document => {
                assert_eq!(
                    (&media["file_name"], &media["title"]),
                    (&json!("relatório.pdf"), &json!("relatório.pdf"))
                );
                assert_eq!(media["caption"], json!("olá, Ana"));
            }
        }
    }
}

#[tokio::test]
async fn a_large_upload_that_breaks_off_is_resumed() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    desk.fault(json!({"kind": "drop_media", "after_bytes": 6_000_000})).await;
    let file = file(&content(9_000_000), "application/zip", Shape::Document);
    assert_eq!(running.session.upload(file.clone()).await.err(), Some(UploadError::Failed));
    let uploaded = running.session.upload(file).await.unwrap();
    running.send(&contact(), "3EB0AABBCCDE0101", Outgoing::File(&uploaded)).await.unwrap();
    desk.received(1).await;
    let (media, bytes) = received(&desk, "3EB0AABBCCDE0101").await;
    assert_eq!((bytes.len(), &media["state"]), (9_000_000, &json!("good")));
    let media = desk.get("/admin/stats").await["stats"]["media"].clone();
    assert!(media["resumed"].as_u64() >= Some(1), "{media}");
}

#[tokio::test]
async fn leave_that_has_expired_is_renewed_and_a_refusal_is_told() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    let file = file(&content(1_000), "image/png", Shape::Image { width: 1, height: 1 });
    desk.fault(json!({"kind": "refuse_media", "code": 401, "times": 1})).await;
    assert!(running.session.upload(file.clone()).await.is_ok());
    for code in [413, 500] {
        desk.fault(json!({"kind": "refuse_media", "code": code, "times": 1})).await;
        assert_eq!(running.session.upload(file.clone()).await.err(), Some(UploadError::Refused(code)));
    }
    assert!(running.session.upload(file).await.is_ok());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_not_uploaded() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    for error in [SourceError::Gone, SourceError::Unavailable] {
        let whole = file(&content(1_000), "image/png", Shape::Image { width: 1, height: 1 });
        let broken = OutgoingFile { source: Arc::new(Failing(error)), ..whole };
        assert_eq!(running.session.upload(broken).await.err(), Some(UploadError::Source(error)));
    }
    let short = file(&content(1_000), "image/png", Shape::Image { width: 1, height: 1 });
    let short = OutgoingFile { source: Arc::new(InMemory(Bytes::from_static(&[1; 500]))), ..short };
    assert_eq!(running.session.upload(short).await.err(), Some(UploadError::Source(SourceError::Gone)));
}

#[tokio::test]
async fn an_upload_beside_the_session_holds_nothing_up_and_ends_when_it_is_dropped() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    desk.fault(json!({"kind": "slow_media", "bytes_per_second": 50_000})).await;
    let file = file(&content(4_000_000), "video/mp4", Shape::Video { seconds: None, size: None });
    let upload = tokio::spawn(running.session.upload(file));
    sleep(Duration::from_millis(300)).await;
    running.send_text(&contact(), "3EB0AABBCCDE0201", "oi").await.unwrap();
    running.ack("3EB0AABBCCDE0201").await;
    assert!(!upload.is_finished());
    upload.abort();
    assert!(upload.await.is_err());
    timeout(PATIENCE, running.session.shutdown()).await.unwrap();
}

#[tokio::test]
async fn sent_again_after_a_crash_a_file_is_one_message() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    let (id, content) = ("3EB0AABBCCDE0301", content(5_000));
    let file = file(&content, "image/jpeg", Shape::Image { width: 2, height: 2 });
    desk.fault(json!({"kind": "hold_acks"})).await;
    let uploaded = running.session.upload(file.clone()).await.unwrap();
    running.send(&contact(), id, Outgoing::File(&uploaded)).await.unwrap();
    desk.received(1).await;
    drop(running);
    desk.delete_faults().await;
    let mut running = desk.start(Epoch::FIRST.next()).await;
    running.connected().await;
    let uploaded = running.session.upload(file).await.unwrap();
    running.send(&contact(), id, Outgoing::File(&uploaded)).await.unwrap();
    running.ack(id).await;
    running.send_text(&contact(), "3EB0AABBCCDE0302", "fim").await.unwrap();
    running.ack("3EB0AABBCCDE0302").await;
    let received = desk.received(2).await;
    assert_eq!(received.len(), 2);
}

#[tokio::test]
async fn nothing_is_uploaded_without_a_connection() {
    let desk = Desk::new().await;
    let running = desk.start(Epoch::FIRST).await;
    let file = file(&content(10), "image/png", Shape::Image { width: 1, height: 1 });
    assert!(running.session.upload(file).await.is_err());
}
