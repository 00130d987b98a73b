//! Objects written in parts: S3's multipart upload.

use super::S3Client;
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectParts, PartTag, PartsError, PartsId, Unavailable};
use std::fmt::Debug;
use std::time::Duration;

/// How long writing a part, or putting parts together, may take, each try of it half as long. S3 may take minutes to put
/// together thousands of parts; it goes on with that although nobody waits.
const PATIENCE: Duration = Duration::from_secs(50);

/// What S3 calls parts that are gone, or not those that it was told.
const GONE: [&str; 4] = ["NoSuchUpload", "InvalidPart", "InvalidPartOrder", "EntityTooSmall"];

/// Objects in an S3 bucket, written in parts.
#[derive(Debug, Clone)]
pub struct S3ObjectParts {
    client: S3Client,
    bucket: String,
}

impl S3ObjectParts {
    /// The objects of that bucket.
    pub fn new(client: S3Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    fn operation(&self, name: &str) -> String {
        format!("s3 {name} {}", self.bucket)
    }

    fn broken(&self, name: &str, reason: &str) -> Unavailable {
        Unavailable::new(self.operation(name), reason.to_owned())
    }

    fn failed<E, R>(&self, name: &str, error: &SdkError<E, R>) -> PartsError
    where
        E: ProvideErrorMetadata,
        R: Debug,
    {
        match error.as_service_error().and_then(E::code) {
            Some(code) if GONE.contains(&code) => PartsError::Gone,
            _ => unavailable(self.operation(name), error).into(),
        }
    }
}

/// How these requests are made. Without checksums beside the SHA-256 that the signature holds: S3 wants those of parts said again
/// when they are put together, and of the kind that was said at the beginning.
fn patient() -> aws_sdk_s3::config::Builder {
    let timeouts =
        TimeoutConfig::builder().operation_attempt_timeout(PATIENCE / 2).operation_timeout(PATIENCE).build();
    aws_sdk_s3::config::Config::builder()
        .timeout_config(timeouts)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
}

#[async_trait]
impl ObjectParts for S3ObjectParts {
    async fn begin(&self, key: &ObjectKey, content_type: &str) -> Result<PartsId, Unavailable> {
        let begin = self.client.create_multipart_upload().bucket(&self.bucket).key(key.as_str());
        let answer = begin.content_type(content_type).send().await;
        let answer = answer.map_err(|e| unavailable(self.operation("CreateMultipartUpload"), &e))?;
        let id = answer
            .upload_id
            .ok_or_else(|| self.broken("CreateMultipartUpload", "an answer without an id"))?;
        Ok(PartsId::from_stored(id))
    }

    async fn put_part(
        &self,
        key: &ObjectKey,
        id: &PartsId,
        number: u32,
        bytes: Bytes,
    ) -> Result<PartTag, PartsError> {
        let put = self.client.upload_part().bucket(&self.bucket).key(key.as_str()).upload_id(id.as_str());
        let put = put.part_number(i32::try_from(number).unwrap_or(i32::MAX)).body(ByteStream::from(bytes));
        let answer = put.customize().config_override(patient()).send().await;
        let answer = answer.map_err(|e| self.failed("UploadPart", &e))?;
        let tag = answer.e_tag.ok_or_else(|| self.broken("UploadPart", "an answer without a tag"))?;
        Ok(PartTag::from_stored(tag))
    }

    async fn complete(&self, key: &ObjectKey, id: &PartsId, parts: &[PartTag]) -> Result<(), PartsError> {
        let part = |(number, tag): (i32, &PartTag)| {
            CompletedPart::builder().part_number(number).e_tag(tag.as_str()).build()
        };
        let parts = (1..).zip(parts).map(part).collect();
        let complete = self
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(key.as_str())
            .upload_id(id.as_str())
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build());
        let answer = complete.customize().config_override(patient()).send().await;
        answer.map_err(|e| self.failed("CompleteMultipartUpload", &e))?;
        Ok(())
    }

    async fn abort(&self, key: &ObjectKey, id: &PartsId) -> Result<(), Unavailable> {
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(key.as_str());
        match abort.upload_id(id.as_str()).send().await {
            Err(error) => match self.failed("AbortMultipartUpload", &error) {
                PartsError::Gone => Ok(()),
                PartsError::Unavailable(error) => Err(error),
            },
            Ok(_) => Ok(()),
        }
    }
}
