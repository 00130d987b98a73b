//! The contract of [`ObjectParts`]: files that are written piece by piece.

use crate::samples::random;
use bytes::Bytes;
use carteiro_core::ids::{ExportId, UserId};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectParts, Objects, PartTag, PartsError, PartsId};
use carteiro_core::testing::{MemoryObjectParts, MemoryObjects};
use std::sync::Arc;

/// Runs each test on S3 and in memory.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod s3 {
            $(#[tokio::test]
            async fn $test() {
                let bucket = crate::support::bucket::Bucket::deploy().await;
                super::$test(&bucket.parts(), &bucket.objects()).await;
            })*
        }
        mod memory {
            $(#[tokio::test]
            async fn $test() {
                let objects = super::Arc::<super::MemoryObjects>::default();
                super::$test(&super::MemoryObjectParts::new(objects.clone()), &*objects).await;
            })*
        }
    };
}

on_both! {
    an_object_is_put_together_in_the_order_of_its_parts,
    nothing_is_seen_of_an_object_that_is_not_put_together,
    a_part_may_be_written_again,
    what_is_put_together_or_given_up_is_gone,
    parts_that_are_not_those_that_were_written_are_refused,
}

const PART: usize = 5 << 20;

fn key() -> ObjectKey {
    ObjectKey::export(UserId::from_random(random()), ExportId::from_random(random()))
}

fn part(fill: u8) -> Bytes {
    vec![fill; PART].into()
}

async fn an_object_is_put_together_in_the_order_of_its_parts(parts: &dyn ObjectParts, objects: &dyn Objects) {
    let key = key();
    let id = parts.begin(&key, "text/csv; charset=utf-8").await.unwrap();
    let end = Bytes::from_static(b"fim");
    // The order of writing does not matter.
    let third = parts.put_part(&key, &id, 3, end.clone()).await.unwrap();
    let first = parts.put_part(&key, &id, 1, part(1)).await.unwrap();
    let second = parts.put_part(&key, &id, 2, part(2)).await.unwrap();
    parts.complete(&key, &id, &[first, second, third]).await.unwrap();
    assert_eq!(objects.find(&key).await.unwrap().unwrap().length, 2 * PART as u64 + 3);
    for (offset, expected) in
        [(0, [1, 1]), (PART - 1, [1, 2]), (2 * PART - 1, [2, b'f']), (2 * PART + 1, *b"im")]
    {
        let read = objects.read(&key, offset as u64, 2).await.unwrap().unwrap();
        assert_eq!(read[..], expected, "at {offset}");
    }
}

async fn nothing_is_seen_of_an_object_that_is_not_put_together(
    parts: &dyn ObjectParts,
    objects: &dyn Objects,
) {
    let key = key();
    let id = parts.begin(&key, "text/csv").await.unwrap();
    let tag = parts.put_part(&key, &id, 1, Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(objects.find(&key).await, Ok(None));
    // A last part may be small, and may be the only one.
    parts.complete(&key, &id, &[tag]).await.unwrap();
    assert_eq!(objects.read(&key, 0, 9).await.unwrap().unwrap(), "x");
}

async fn a_part_may_be_written_again(parts: &dyn ObjectParts, objects: &dyn Objects) {
    let key = key();
    let id = parts.begin(&key, "text/csv").await.unwrap();
    let lost = parts.put_part(&key, &id, 1, Bytes::from_static(b"primeira")).await.unwrap();
    let kept = parts.put_part(&key, &id, 1, Bytes::from_static(b"segunda")).await.unwrap();
    assert_ne!(lost, kept);
    parts.complete(&key, &id, &[kept]).await.unwrap();
    assert_eq!(objects.read(&key, 0, 99).await.unwrap().unwrap(), "segunda");
}

async fn what_is_put_together_or_given_up_is_gone(parts: &dyn ObjectParts, objects: &dyn Objects) {
    for give_up in [true, false] {
        let key = key();
        let id = parts.begin(&key, "text/csv").await.unwrap();
        let tag = parts.put_part(&key, &id, 1, Bytes::from_static(b"x")).await.unwrap();
        match give_up {
            true => parts.abort(&key, &id).await.unwrap(),
            false => parts.complete(&key, &id, std::slice::from_ref(&tag)).await.unwrap(),
        }
        assert_eq!(parts.put_part(&key, &id, 2, Bytes::from_static(b"y")).await, Err(PartsError::Gone));
        let again = parts.complete(&key, &id, &[tag]).await;
        // S3 says yes to the same again for a while.
        assert!(again == Err(PartsError::Gone) || (again.is_ok() && !give_up), "{again:?}");
        assert_eq!(objects.find(&key).await.unwrap().is_some(), !give_up);
        assert_eq!(parts.abort(&key, &id).await, Ok(()), "it may be said again");
    }
    let never = PartsId::from_stored("never-begun");
    assert_eq!(parts.put_part(&key(), &never, 1, Bytes::from_static(b"y")).await, Err(PartsError::Gone));
}

async fn parts_that_are_not_those_that_were_written_are_refused(
    parts: &dyn ObjectParts,
    objects: &dyn Objects,
) {
    let key = key();
    let id = parts.begin(&key, "text/csv").await.unwrap();
    let first = parts.put_part(&key, &id, 1, part(1)).await.unwrap();
    let other = PartTag::from_stored("\"0123456789abcdef0123456789abcdef\"");
    assert_eq!(parts.complete(&key, &id, &[other]).await, Err(PartsError::Gone));
    assert_eq!(parts.complete(&key, &id, &[first.clone(), first.clone()]).await, Err(PartsError::Gone));
    assert_eq!(objects.find(&key).await, Ok(None));
    parts.complete(&key, &id, &[first]).await.unwrap();
    assert_eq!(objects.find(&key).await.unwrap().unwrap().length, PART as u64);
}

#[tokio::test]
async fn an_outage_is_told() {
    let parts = crate::support::bucket::Bucket::nowhere().await.parts();
    let (key, id) = (key(), PartsId::from_stored("x"));
    let told = parts.begin(&key, "text/csv").await.unwrap_err().to_string();
    assert!(told.starts_with("s3 CreateMultipartUpload nenhum: no connection"), "{told}");
    let put = parts.put_part(&key, &id, 1, Bytes::from_static(b"x")).await;
    assert!(matches!(put, Err(PartsError::Unavailable(_))), "{put:?}");
    let complete = parts.complete(&key, &id, &[PartTag::from_stored("x")]).await;
    assert!(matches!(complete, Err(PartsError::Unavailable(_))), "{complete:?}");
    assert!(parts.abort(&key, &id).await.is_err());
}
