//! Forms and links, by which clients reach single objects for a short time.

use super::S3Client;
use super::post_form::{PostForm, Signer};
use crate::clients::AwsClients;
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::presigning::PresigningConfig;
use carteiro_core::media::FileName;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Clock, ObjectLinks, Unavailable, UploadForm};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

/// What needs no escape in an extended parameter of a header (`attr-char` of RFC 8187).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Forms and links to the objects of an S3 bucket, signed with the credentials of this process; they end when those do, should
/// that be sooner.
pub struct S3ObjectLinks {
    client: S3Client,
    credentials: Option<SharedCredentialsProvider>,
    bucket: String,
    clock: Arc<dyn Clock>,
}

impl S3ObjectLinks {
    /// To the objects of that bucket.
    pub fn new(aws: &AwsClients, bucket: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { client: aws.s3(), credentials: aws.credentials(), bucket: bucket.into(), clock }
    }

    fn unsigned(&self, reason: impl Display) -> Unavailable {
        Unavailable::new(format!("s3 sign {}", self.bucket), reason.to_string())
    }

    /// A presigned GET.
    async fn get(
        &self,
        key: &ObjectKey,
        disposition: Option<String>,
        life: Duration,
    ) -> Result<String, Unavailable> {
        let life = PresigningConfig::expires_in(life).map_err(|error| self.unsigned(error))?;
        let get = self.client.get_object().bucket(&self.bucket).key(key.as_str());
        let signed = get.set_response_content_disposition(disposition).presigned(life).await;
        let signed = signed.map_err(|error| unavailable(format!("s3 sign {}", self.bucket), &error))?;
        Ok(signed.uri().to_owned())
    }

    /// Where the bucket is: as the SDK finds it for an object, with the object's key taken off.
    async fn bucket_url(&self, key: &ObjectKey) -> Result<String, Unavailable> {
        let signed = self.get(key, None, Duration::from_secs(1)).await?;
        let address = signed.split('?').next().and_then(|address| address.strip_suffix(key.as_str()));
        address.map(str::to_owned).ok_or_else(|| self.unsigned("the bucket's address is not known"))
    }
}

impl fmt::Debug for S3ObjectLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3ObjectLinks").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

/// Saves a file under that name: for old programs in ASCII, for others as it is.
fn attachment(name: &FileName) -> String {
    let plain: String = name.as_str().chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let plain = plain.replace(['"', '\\'], "_");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name.as_str(), KEPT))
}

#[async_trait]
impl ObjectLinks for S3ObjectLinks {
    async fn upload_form(
        &self,
        key: &ObjectKey,
        content_type: &str,
        name: Option<&FileName>,
        max_bytes: u64,
        life: Duration,
    ) -> Result<UploadForm, Unavailable> {
        let credentials = self.credentials.as_ref().ok_or_else(|| self.unsigned("no credentials"))?;
        let credentials = credentials.provide_credentials().await.map_err(|error| self.unsigned(error))?;
        let region = self.client.config().region().ok_or_else(|| self.unsigned("no region"))?;
        let form = PostForm { bucket: &self.bucket, key, content_type, name, max_bytes, life };
        let signer = Signer { credentials: &credentials, region: region.as_ref() };
        let fields = form.fields(&signer, self.clock.now());
        Ok(UploadForm { url: self.bucket_url(key).await?, fields })
    }

    async fn download_link(
        &self,
        key: &ObjectKey,
        name: &FileName,
        life: Duration,
    ) -> Result<SecretString, Unavailable> {
        Ok(self.get(key, Some(attachment(name)), life).await?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_to_old_and_new_programs() {
        let name = FileName::sanitised("Relatório 'março'; x.csv").unwrap();
        assert_eq!(
            attachment(&name),
            "attachment; filename=\"Relat_rio 'mar_o'; x.csv\"; \
             filename*=UTF-8''Relat%C3%B3rio%20%27mar%C3%A7o%27%3B%20x.csv"
        );
    }
}
