//! Received files from WhatsApp's media servers to the store, and all that can be wrong with them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../fetch/tests/support/mod.rs"]
mod support;

use carteiro_core::chat::{Attachment, AttachmentKind};
use carteiro_core::media::{FileKind, MediaKey};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{CopyError, Lost, MAX_RECEIVED_BYTES, MediaCopier};
use carteiro_core::testing::MemoryObjects;
use carteiro_fetch::{Deadlines, Fetcher, Origins};
use carteiro_prepare::{CopyBudget, FileCopier, MEDIA_HOST};
use sha2::{Digest, Sha256};
use std::fs;
use std::sync::Arc;
use support::{Authority, Server};
use tempfile::TempDir;

const PLAIN: &[u8] = include_bytes!("../../media/tests/fixtures/film.mp4");

struct World {
    copier: FileCopier,
    objects: Arc<MemoryObjects>,
    scratch: TempDir,
    _server: Server,
}

impl World {
    async fn new(status: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
        let authority = Authority::new();
        let server = Server::giving(&authority, &[MEDIA_HOST], [head.as_bytes(), body].concat()).await;
        let hosts = [(MEDIA_HOST.to_owned(), server.address)];
        let origins = Origins::new(hosts, authority.pem().as_bytes()).unwrap();
        let fetcher = Fetcher::with_origins(Deadlines::default(), origins).unwrap();
        let (objects, scratch) = (Arc::<MemoryObjects>::default(), tempfile::tempdir().unwrap());
        let folder = scratch.path().to_owned();
        let copier = FileCopier::new(fetcher, objects.clone(), folder, CopyBudget::WAITED_FOR);
        Self { copier, objects, scratch, _server: server }
    }

    async fn copy(&self, file: &Attachment) -> Result<u64, CopyError> {
        let copied = self.copier.copy(file, &object()).await;
        assert_eq!(fs::read_dir(self.scratch.path()).unwrap().count(), 0, "nothing stays on disk");
        copied
    }
}

fn object() -> ObjectKey {
    ObjectKey::from_stored("received/30/x/y".into())
}

/// The film as WhatsApp's servers keep it, made by the product's own encryption, which is checked against another's elsewhere.
fn sealed() -> (Vec<u8>, Attachment) {
    let (folder, key) = (tempfile::tempdir().unwrap(), MediaKey([9; 32]));
    let plain = folder.path().join("film.mp4");
    fs::write(&plain, PLAIN).unwrap();
    let made = carteiro_media::prepare(FileKind::Video, &plain, None, folder.path(), key.clone()).unwrap();
    let sealed = fs::read(&made.ciphertext).unwrap();
    let file = Attachment {
        kind: AttachmentKind::Video,
        mime: "video/mp4".into(),
        caption: None,
        file_name: None,
        length: Some(PLAIN.len() as u64),
        seconds: None,
        width: None,
        height: None,
        key: Some(key),
        direct_path: Some("/v/t62.7161-24/1_n.enc?ccb=11-4".into()),
        sha256: Some(Sha256::digest(PLAIN).into()),
        encrypted_sha256: None,
        stored: None,
    };
    (sealed, file)
}

fn lost(copied: Result<u64, CopyError>) -> Lost {
    match copied {
        Err(CopyError::Lost(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_is_opened_and_stored() {
    let (body, file) = sealed();
    let world = World::new("200 OK", &body).await;
    assert_eq!(world.copy(&file).await, Ok(PLAIN.len() as u64));
    let (bytes, mime) = world.objects.peek(&object()).unwrap();
    assert!(bytes == PLAIN);
    assert_eq!(mime, "video/mp4");
}

#[tokio::test]
async fn what_is_damaged_or_another_file_is_not_stored() {
    let (mut body, file) = sealed();
    let other = Attachment { sha256: Some([1; 32]), ..file.clone() };
    assert_eq!(lost(World::new("200 OK", &body).await.copy(&other).await), Lost::Damaged);
    let image = Attachment { kind: AttachmentKind::Sticker, ..file.clone() };
    assert_eq!(lost(World::new("200 OK", &body).await.copy(&image).await), Lost::Damaged);
    body[100] ^= 1;
    let world = World::new("200 OK", &body).await;
    assert_eq!(lost(world.copy(&file).await), Lost::Damaged);
    assert!(world.objects.keys().is_empty());
}

#[tokio::test]
async fn what_is_gone_nameless_or_too_large_is_lost_and_an_outage_is_not() {
    let (body, file) = sealed();
    for status in ["403 Forbidden", "404 Not Found", "410 Gone"] {
        assert_eq!(lost(World::new(status, b"").await.copy(&file).await), Lost::Gone, "{status}");
    }
    let world = World::new("200 OK", &body).await;
    for nameless in [
        Attachment { key: None, ..file.clone() },
        Attachment { direct_path: None, ..file.clone() },
        Attachment { direct_path: Some("evil.example/x".into()), ..file.clone() },
    ] {
        assert_eq!(lost(world.copy(&nameless).await), Lost::Nameless);
    }
    let large = Attachment { length: Some(MAX_RECEIVED_BYTES + 1), ..file.clone() };
    assert_eq!(lost(world.copy(&large).await), Lost::TooLarge);
    let outage = World::new("503 Service Unavailable", b"").await.copy(&file).await;
    assert!(matches!(outage, Err(CopyError::Unavailable(_))), "{outage:?}");
    world.objects.switch.fail();
    assert!(matches!(world.copy(&file).await, Err(CopyError::Unavailable(_))));
}
