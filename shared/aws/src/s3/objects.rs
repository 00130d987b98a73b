//! Objects: stored, found, read and deleted.

use super::{NAME, S3Client, decoded};
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{ObjectBody, Objects, StoredObject, Unavailable};
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// How long storing an object may take: 100 MB at 3 MB a second, which is far less than S3 gives.
const PUT: Duration = Duration::from_secs(35);

/// Objects in an S3 bucket.
#[derive(Debug, Clone)]
pub struct S3Objects {
    client: S3Client,
    bucket: String,
}

impl S3Objects {
    /// The objects of that bucket.
    pub fn new(client: S3Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    fn operation(&self, name: &str) -> String {
        format!("s3 {name} {}", self.bucket)
    }

    fn broken(&self, name: &str, reason: impl Display) -> Unavailable {
        Unavailable::new(self.operation(name), reason.to_string())
    }

    /// An object's answer, the bytes of which are still to come; `None` when there is none.
    async fn get(
        &self,
        key: &ObjectKey,
        range: Option<String>,
    ) -> Result<Option<GetObjectOutput>, Unavailable> {
        let get = self.client.get_object().bucket(&self.bucket).key(key.as_str()).set_range(range);
        match get.send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => Ok(None),
            Err(error) => Err(unavailable(self.operation("GetObject"), &error)),
        }
    }

    /// Streams an answer into a file.
    async fn write(&self, answer: GetObjectOutput, to: &Path) -> Result<u64, Unavailable> {
        let broken = |reason: &dyn Display| self.broken("GetObject", reason);
        let expected = answer.content_length().and_then(|length| u64::try_from(length).ok());
        let mut file = File::create(to).await.map_err(|error| broken(&error))?;
        let (mut body, mut length) = (answer.body, 0);
        while let Some(chunk) = body.try_next().await.map_err(|error| broken(&error))? {
            file.write_all(&chunk).await.map_err(|error| broken(&error))?;
            length += chunk.len() as u64;
        }
        file.flush().await.map_err(|error| broken(&error))?;
        match expected {
            Some(expected) if expected != length => Err(broken(&"the object was cut short")),
            _ => Ok(length),
        }
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

#[async_trait]
impl Objects for S3Objects {
    async fn put(&self, key: &ObjectKey, body: ObjectBody, content_type: &str) -> Result<(), Unavailable> {
        let body = match body {
            ObjectBody::Bytes(bytes) => ByteStream::from(bytes),
            ObjectBody::File(path) => {
                ByteStream::from_path(path).await.map_err(|error| self.broken("PutObject", error))?
            }
        };
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(PUT).operation_timeout(PUT).build();
        let put = self.client.put_object().bucket(&self.bucket).key(key.as_str()).body(body);
        let patient = aws_sdk_s3::config::Config::builder().timeout_config(timeouts);
        let put = put.content_type(content_type).customize().config_override(patient);
        put.send().await.map_err(|error| unavailable(self.operation("PutObject"), &error))?;
        Ok(())
    }

    async fn find(&self, key: &ObjectKey) -> Result<Option<StoredObject>, Unavailable> {
        let answer = match self.client.head_object().bucket(&self.bucket).key(key.as_str()).send().await {
            Ok(answer) => answer,
            // The answer to HEAD has no body that would name the error.
            Err(error) if status(&error) == Some(404) => return Ok(None),
            Err(error) => return Err(unavailable(self.operation("HeadObject"), &error)),
        };
        let length = answer.content_length().and_then(|length| u64::try_from(length).ok());
        let length = length.ok_or_else(|| self.broken("HeadObject", "an answer without a length"))?;
        let name = answer.metadata().and_then(|metadata| metadata.get(NAME)).and_then(|name| decoded(name));
        Ok(Some(StoredObject { length, name }))
    }

    async fn download(&self, key: &ObjectKey, to: &Path) -> Result<Option<u64>, Unavailable> {
        let Some(answer) = self.get(key, None).await? else { return Ok(None) };
        let written = self.write(answer, to).await;
        if written.is_err() {
            // Half a file is worth nothing; that it may stay is no worse than what is told already.
            let _ = tokio::fs::remove_file(to).await;
        }
        written.map(Some)
    }

    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>, Unavailable> {
        let Some(last) = length.checked_sub(1).map(|more| offset.saturating_add(more)) else {
            return Ok(self.find(key).await?.map(|_| Bytes::new()));
        };
        let range = format!("bytes={offset}-{last}");
        let get = self.client.get_object().bucket(&self.bucket).key(key.as_str()).range(range);
        let answer = match get.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let service = error.as_service_error();
                if service.is_some_and(|e| e.is_no_such_key()) {
                    return Ok(None);
                }
                // The object ends before the first byte that was asked for.
                if service.is_some_and(|e| e.code() == Some("InvalidRange")) {
                    return Ok(Some(Bytes::new()));
                }
                return Err(unavailable(self.operation("GetObject"), &error));
            }
        };
        let bytes = answer.body.collect().await.map_err(|error| self.broken("GetObject", error))?;
        Ok(Some(bytes.into_bytes()))
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Unavailable> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(key.as_str());
        delete.send().await.map_err(|error| unavailable(self.operation("DeleteObject"), &error))?;
        Ok(())
    }
}
