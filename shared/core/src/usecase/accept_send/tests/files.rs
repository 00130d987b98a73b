//! Sends with files.

use crate::error::Code;
use crate::ids::UploadId;
use crate::media::{FileKind, FileName};
use crate::object::ObjectKey;
use crate::send::{Content, File, Source};
use crate::usecase::fixture::{World, image, key};
use crate::usecase::{Accepted, FormFile, SendRequest};
use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::{Value, json};

fn file(accepted: &Accepted) -> &File {
    let Content::File(file) = &accepted.send.content else { panic!("a file") };
    file
}

/// The body of a request to send an upload as an image.
fn upload(id: UploadId) -> Value {
    let mut body = image("x");
    body["media_url"] = Value::Null;
    body["upload_id"] = json!(id.to_string());
    body
}

fn form(bytes: &'static [u8]) -> SendRequest {
    let mut fields = image("x");
    fields["caption"] = json!("Olá");
    let file = FormFile { name: Some("foto.jpg".into()), bytes: Bytes::from_static(bytes) };
    SendRequest::parse_form(fields.as_object().unwrap(), Some(file)).unwrap()
}

/// An upload of the tenant.
fn uploaded(world: &World, length: u64, name: Option<&str>) -> UploadId {
    let id = UploadId::from_random([length as u8; 16]);
    let bytes = vec![1; usize::try_from(length).unwrap()];
    world.objects.upload(&ObjectKey::upload(world.tenant.id, id), bytes, name.and_then(FileName::sanitised));
    id
}

#[tokio::test]
async fn an_address_is_stored_with_the_send_and_not_asked() {
    let world = World::new().await;
    let accepted = world.accept_body(&image("https://exemplo.com/a.jpg"), None).await.unwrap();
    assert_eq!(file(&accepted).kind, FileKind::Image);
    assert_eq!(world.sends.peek(accepted.send.id), Some(accepted.send));
    assert!(world.objects.keys().is_empty() && world.preparer.asked().is_empty());
    assert_eq!((world.queue.pushed().len(), world.sends.writes()), (1, 1));
}

#[tokio::test]
async fn an_upload_is_sent_by_its_tenant_under_its_name() {
    let world = World::new().await;
    let id = uploaded(&world, 3, Some("praia.jpg"));
    let accepted = world.accept_body(&upload(id), None).await.unwrap();
    assert_eq!(file(&accepted).source, Source::Upload(id));
    assert_eq!(file(&accepted).name, FileName::sanitised("praia.jpg"));
    let mut renamed = upload(id);
    renamed["file_name"] = json!("serra.jpg");
    let accepted = world.accept_body(&renamed, None).await.unwrap();
    assert_eq!(file(&accepted).name, FileName::sanitised("serra.jpg"));
}

#[tokio::test]
async fn an_upload_that_cannot_be_sent_is_refused_and_not_counted() {
    let world = World::new().await;
    let nobodys = UploadId::from_random([9; 16]);
    let others = UploadId::from_random([8; 16]);
    let other = crate::usecase::fixture::tenant(2, "premium");
    world.objects.upload(&ObjectKey::upload(other.id, others), vec![1], None);
    let (empty, large) = (uploaded(&world, 0, None), uploaded(&world, FileKind::Image.max_bytes() + 1, None));
    for (id, code) in [
        (nobodys, Code::UploadNotFound),
        (others, Code::UploadNotFound),
        (empty, Code::InvalidFile),
        (large, Code::PayloadTooLarge),
    ] {
        for under in [None, Some("pedido-1")] {
            assert_eq!(world.accept_body(&upload(id), under).await.unwrap_err().code(), code);
        }
    }
    assert!(world.sends.all().is_empty());
    assert_eq!(world.usage.total(world.tenant.id), 0);
}

#[tokio::test]
async fn a_file_of_the_request_is_an_upload_before_the_send_is_there() {
    let world = World::new().await;
    let accept = world.accept_send();
    for _ in 0..2 {
        let accepted = accept.accept(&world.tenant, form(b"jpeg"), None).await.unwrap();
        let Source::Upload(id) = file(&accepted).source else { panic!("an upload") };
        let (bytes, _) = world.objects.peek(&ObjectKey::upload(world.tenant.id, id)).unwrap();
        assert_eq!(bytes, "jpeg");
        assert_eq!(file(&accepted).name, FileName::sanitised("foto.jpg"));
    }
    assert_eq!(world.sends.all().len(), 2, "two requests without a key are two sends");
    assert_eq!(world.objects.keys().len(), 1, "of the same file");
    world.objects.switch.fail();
    let failed = accept.accept(&world.tenant, form(b"outro"), None).await.unwrap_err();
    assert_eq!(failed.code(), Code::Unavailable);
    assert_eq!((world.sends.all().len(), world.usage.total(world.tenant.id)), (2, 2));
}

#[tokio::test]
async fn a_refused_file_is_not_stored() {
    let world = World::new().await;
    world.remove_worker().await;
    let refused = world.accept_send().accept(&world.tenant, form(b"jpeg"), None).await.unwrap_err();
    assert_eq!((refused.code(), world.objects.keys().len()), (Code::NotYourWorker, 0));
}

#[tokio::test]
async fn a_key_covers_the_file() {
    let world = World::new().await;
    let (accept, key) = (world.accept_send(), key("pedido-1"));
    let first = accept.accept(&world.tenant, form(b"jpeg"), Some(&key)).await.unwrap();
    let again = accept.accept(&world.tenant, form(b"jpeg"), Some(&key)).await.unwrap();
    assert!(again.replayed && again.send == first.send);
    let other = accept.accept(&world.tenant, form(b"outro"), Some(&key)).await.unwrap_err();
    assert_eq!(other.code(), Code::IdempotencyMismatch);
    assert_eq!((world.sends.all().len(), world.usage.total(world.tenant.id)), (1, 1));
}

#[tokio::test]
async fn a_key_replays_after_its_upload_is_gone() {
    let world = World::new().await;
    let id = uploaded(&world, 3, None);
    let first = world.accept_body(&upload(id), Some("pedido-1")).await.unwrap();
    let key = ObjectKey::upload(world.tenant.id, id);
    crate::ports::Objects::delete(&*world.objects, &key).await.unwrap();
    let again = world.accept_body(&upload(id), Some("pedido-1")).await.unwrap();
    assert!(again.replayed && again.send == first.send);
    let other = world.accept("Olá", Some("pedido-1")).await.unwrap_err();
    assert_eq!(other.code(), Code::IdempotencyMismatch);
    world.clock.advance(SignedDuration::from_hours(24));
    let late = world.accept_body(&upload(id), Some("pedido-1")).await.unwrap_err();
    assert_eq!(late.code(), Code::UploadNotFound, "the key is free again");
    world.accept("Olá", Some("pedido-1")).await.unwrap();
    assert_eq!(
        world.accept_body(&upload(id), Some("pedido-1")).await.unwrap_err().code(),
        Code::IdempotencyMismatch
    );
}
