//! What objects there are.

use super::S3Client;
use crate::failure::unavailable;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::Unavailable;

/// The keys of an S3 bucket, by prefix.
#[derive(Debug, Clone)]
pub(crate) struct S3Prefixes {
    client: S3Client,
    bucket: String,
}

impl S3Prefixes {
    pub(crate) fn new(client: S3Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    /// Up to `limit` objects whose keys begin so, in the order of their keys, those after `after`, each with its length.
    pub(crate) async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(ObjectKey, u64)>, Unavailable> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let list =
            list.set_start_after(after.map(str::to_owned)).max_keys(i32::try_from(limit).unwrap_or(1_000));
        let answer = list.send().await;
        let answer = answer.map_err(|e| unavailable(format!("s3 ListObjectsV2 {}", self.bucket), &e))?;
        let key = |object: aws_sdk_s3::types::Object| {
            let length = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
            Some((ObjectKey::from_stored(object.key?), length))
        };
        Ok(answer.contents.unwrap_or_default().into_iter().filter_map(key).collect())
    }
}
