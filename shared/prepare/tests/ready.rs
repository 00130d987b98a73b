//! Files from their source to the store: by address, by upload, and all that can be wrong with them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../fetch/tests/support/mod.rs"]
mod support;

use carteiro_core::ids::{SendId, UploadId, UserId};
use carteiro_core::media::{FileKind, FileName, MediaUrl, Prepared, Shape};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{PrepareError, Preparer};
use carteiro_core::send::{Content, Failure, File, Send, Source};
use carteiro_core::testing::{MemoryObjects, SeededRandom};
use carteiro_fetch::{Deadlines, Fetcher, Origins};
use carteiro_prepare::{Budget, FilePreparer};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::{Authority, Server};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

const HOST: &str = "arquivos.exemplo";
const MP3: &[u8] = include_bytes!("../../media/tests/fixtures/tone.mp3");
const MP4: &[u8] = include_bytes!("../../media/tests/fixtures/film.mp4");

struct World {
    preparer: FilePreparer,
    objects: Arc<MemoryObjects>,
    scratch: TempDir,
    _server: Server,
}

/// What a server answers with.
fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

impl World {
    async fn new(answer: Vec<u8>) -> Self {
        let authority = Authority::new();
        let server = Server::giving(&authority, &[HOST], answer).await;
        Self::over(&authority, server)
    }

    fn over(authority: &Authority, server: Server) -> Self {
        let origins = Origins::new([(HOST.to_owned(), server.address)], authority.pem().as_bytes()).unwrap();
        let fetcher = Fetcher::with_origins(Deadlines::default(), origins).unwrap();
        let (objects, scratch) = (Arc::<MemoryObjects>::default(), tempfile::tempdir().unwrap());
        let random = Arc::new(SeededRandom::default());
        let preparer = FilePreparer::new(fetcher, objects.clone(), random, scratch.path().to_owned());
        Self { preparer, objects, scratch, _server: server }
    }

    async fn prepare(&self, kind: FileKind, source: Source) -> Result<Prepared, PrepareError> {
        let send = send(kind, source, Some("Relatório.pdf"));
        let Content::File(file) = &send.content else { panic!("a file") };
        let prepared = self.preparer.prepare(&send, file).await;
        if let Ok(prepared) = &prepared {
            assert_eq!(prepared.object, ObjectKey::outgoing(send.id));
        }
        prepared
    }

    async fn by_url(&self, kind: FileKind, url: &str) -> Result<Prepared, PrepareError> {
        self.prepare(kind, Source::Url(MediaUrl::parse(url).unwrap())).await
    }

    /// Waits until no file is worked on, and sees that nothing of them is left.
    async fn leaves_nothing(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        while fs::read_dir(self.scratch.path()).unwrap().count() > 0 {
            assert!(Instant::now() < until, "a folder stays");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn user() -> UserId {
    UserId::from_random([1; 16])
}

fn send(kind: FileKind, source: Source, name: Option<&str>) -> Send {
    let name = name.and_then(FileName::sanitised);
    let content = Content::File(File { kind, source, caption: None, name });
    let (from, to): (_, carteiro_core::phone::Phone) =
        ("5511988887777".parse().unwrap(), "5511966665555".parse().unwrap());
    Send::new(SendId::from_random([2; 16]), user(), from, to, content, Timestamp::UNIX_EPOCH)
}

fn failure(prepared: Result<Prepared, PrepareError>) -> Failure {
    match prepared.unwrap_err() {
        PrepareError::Failed(failure) => failure,
        PrepareError::Unavailable(error) => panic!("{error}"),
    }
}

const URL: &str = "https://arquivos.exemplo/arquivo";

#[tokio::test]
async fn each_kind_comes_from_its_address_and_is_stored_encrypted() {
    for (kind, bytes) in [
        (FileKind::Document, b"%PDF-1.7 de teste".as_slice()),
        (FileKind::Audio, MP3),
        (FileKind::Video, MP4),
    ] {
        let world = World::new(answer("200 OK", bytes)).await;
        let prepared = world.by_url(kind, URL).await.unwrap();
        let (stored, _) = world.objects.peek(&prepared.object).unwrap();
        assert_eq!(prepared.encrypted_length, stored.len() as u64);
        assert_eq!(prepared.encrypted_sha256, <[u8; 32]>::from(Sha256::digest(&stored)));
        assert!(!stored.windows(8).any(|window| bytes.starts_with(window)), "{kind:?} is in clear");
        match (&prepared.shape, kind) {
            (Shape::Document, FileKind::Document) => assert_eq!(prepared.mime, "application/pdf"),
            (Shape::Voice { seconds, .. }, FileKind::Audio) => assert!(*seconds > 0),
            (Shape::Video { size, .. }, FileKind::Video) => assert!(size.is_some()),
            other => panic!("{other:?}"),
        }
        if kind != FileKind::Audio {
            assert_eq!(prepared.sha256, <[u8; 32]>::from(Sha256::digest(bytes)), "{kind:?} byte for byte");
        }
        world.leaves_nothing().await;
    }
}

#[tokio::test]
async fn a_file_comes_from_the_tenants_upload() {
    let world = World::new(Vec::new()).await;
    let id = UploadId::from_random([3; 16]);
    let from = |id| world.prepare(FileKind::Document, Source::Upload(id));
    assert_eq!(failure(from(id).await), Failure::MediaGone);
    world.objects.upload(&ObjectKey::upload(UserId::from_random([9; 16]), id), b"alheio".as_slice(), None);
    assert_eq!(failure(from(id).await), Failure::MediaGone, "another tenant's");
    world.objects.upload(&ObjectKey::upload(user(), id), b"meu".as_slice(), None);
    let first = from(id).await.unwrap();
    assert_eq!(first.sha256, <[u8; 32]>::from(Sha256::digest(b"meu")));
    let second = from(id).await.unwrap();
    assert!(second.key != first.key && second.object == first.object, "each try has a key of its own");
    let (stored, _) = world.objects.peek(&second.object).unwrap();
    assert_eq!(second.encrypted_sha256, <[u8; 32]>::from(Sha256::digest(&stored)));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn what_is_the_clients_fault_fails_the_send() {
    for (reply, kind, expected) in [
        (answer("404 Not Found", b"nada"), FileKind::Document, Failure::MediaUnreachable),
        (answer("200 OK", b""), FileKind::Document, Failure::MediaSize),
        (answer("200 OK", b"<html>"), FileKind::Image, Failure::MediaFormat),
        (answer("200 OK", b"%PDF-1.7"), FileKind::Audio, Failure::MediaFormat),
        (answer("200 OK", &vec![b'x'; (16 << 20) + 1]), FileKind::Image, Failure::MediaSize),
    ] {
        let world = World::new(reply).await;
        assert_eq!(failure(world.by_url(kind, URL).await), expected);
        assert!(world.objects.keys().is_empty());
        world.leaves_nothing().await;
    }
    let world = World::new(Vec::new()).await;
    for url in
        ["https://127.0.0.1/", "https://169.254.169.254/latest/", "https://[::1]/", "https://10.0.0.1/"]
    {
        assert_eq!(failure(world.by_url(FileKind::Document, url).await), Failure::MediaForbidden, "{url}");
    }
}

#[tokio::test]
async fn a_host_that_breaks_off_gets_a_second_chance() {
    let (authority, tries) = (Authority::new(), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&tries);
    let server = Server::start(&authority, &[HOST], move |_, mut stream| {
        let first = seen.fetch_add(1, Ordering::SeqCst) == 0;
        Box::pin(async move {
            let whole = answer("200 OK", b"%PDF-1.7");
            stream.write_all(if first { &whole[..whole.len() - 3] } else { &whole }).await?;
            stream.shutdown().await
        })
    })
    .await;
    let world = World::over(&authority, server);
    assert_eq!(world.by_url(FileKind::Document, URL).await.unwrap().length, 8);
    assert_eq!(tries.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_store_that_fails_is_no_fault_of_the_client() {
    let world = World::new(answer("200 OK", b"%PDF-1.7")).await;
    world.objects.switch.fail();
    for source in [Source::Url(MediaUrl::parse(URL).unwrap()), Source::Upload(UploadId::from_random([3; 16]))]
    {
        let error = world.prepare(FileKind::Document, source).await.unwrap_err();
        assert!(matches!(error, PrepareError::Unavailable(_)), "{error}");
    }
    world.leaves_nothing().await;
}

#[tokio::test]
async fn a_host_that_never_ends_and_a_file_that_takes_too_long_end_in_time() {
    let authority = Authority::new();
    let server = Server::start(&authority, &[HOST], |_, mut stream| {
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await?;
            loop {
                stream.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
    })
    .await;
    let world = World::over(&authority, server);
    let short = Budget { fetch: Duration::from_millis(400), ..Budget::default() };
    let world = World { preparer: world.preparer.within(short), ..world };
    assert_eq!(failure(world.by_url(FileKind::Document, URL).await), Failure::MediaUnreachable);
    world.leaves_nothing().await;

    let world = World::new(answer("200 OK", MP3)).await;
    let short = Budget { make: Duration::ZERO, ..Budget::default() };
    let world = World { preparer: world.preparer.within(short), ..world };
    assert_eq!(failure(world.by_url(FileKind::Audio, URL).await), Failure::MediaSize);
    world.leaves_nothing().await;
}
