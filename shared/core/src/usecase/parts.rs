//! Files that runs write in parts and one of them puts together.

use crate::object::ObjectKey;
use crate::ports::{ObjectParts, Objects, PartTag, PartsError, PartsId};

/// From how many bytes on a part is written: above the 5 MiB that every part but the last must have.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
pub(super) const PART: usize = 8 << 20;
/// The most parts. Their names are kept with the job, which must stay well below the 400 KB of an item.
pub(super) const MAX_PARTS: usize = 5_000;

/// Puts a file together, unless an earlier run did so and could not say it.
pub(super) async fn put_together(
    parts: &dyn ObjectParts,
    objects: &dyn Objects,
    object: &ObjectKey,
    upload: &PartsId,
    tags: &[PartTag],
) -> Result<(), PartsError> {
    match parts.complete(object, upload, tags).await {
        Err(PartsError::Gone) if objects.find(object).await?.is_some() => Ok(()),
        other => other,
    }
}
