//! Where files are kept.

use super::Unavailable;
use crate::media::FileName;
use crate::object::ObjectKey;
use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is stored as an object.
#[derive(Debug, Clone)]
pub enum ObjectBody {
    /// These bytes.
    Bytes(Bytes),
    /// The content of a file, which is streamed.
    File(PathBuf),
}

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its length in bytes.
    pub length: u64,
    /// What its uploader called it, in the form that it was uploaded by.
    pub name: Option<FileName>,
}

/// Private objects.
#[async_trait]
pub trait Objects: Send + Sync + 'static {
    /// Stores an object in place of any earlier one. At most 5 GB.
    async fn put(&self, key: &ObjectKey, body: ObjectBody, content_type: &str) -> Result<(), Unavailable>;

    /// What is known of an object; `None` when there is none.
    async fn find(&self, key: &ObjectKey) -> Result<Option<StoredObject>, Unavailable>;

    /// Streams an object into a file and answers its length; `None`, with no file written, when there is none.
    async fn download(&self, key: &ObjectKey, to: &Path) -> Result<Option<u64>, Unavailable>;

    /// `length` bytes from `offset`, fewer at the object's end; `None` when there is no such object.
    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>, Unavailable>;

    /// Deletes an object; deleting what is not there is no error.
    async fn delete(&self, key: &ObjectKey) -> Result<(), Unavailable>;
}

/// What lets a client upload one file by itself: an HTML form's address and fields. The file goes last, as `file`.
#[derive(Debug, Clone)]
pub struct UploadForm {
    /// Where the form is posted.
    pub url: String,
    /// Its fields, which are what permits the upload.
    pub fields: Vec<(String, SecretString)>,
}

/// Lets clients reach single objects without credentials of their own, for a short time.
#[async_trait]
pub trait ObjectLinks: Send + Sync + 'static {
    /// A form by which one object of 1 to `max_bytes` bytes with this content type can be uploaded within `life`; it is kept
    /// with its name.
    async fn upload_form(
        &self,
        key: &ObjectKey,
        content_type: &str,
        name: Option<&FileName>,
        max_bytes: u64,
        life: Duration,
    ) -> Result<UploadForm, Unavailable>;

    /// An address by which the object can be read within `life`, saved under `name`.
    async fn download_link(
        &self,
        key: &ObjectKey,
        name: &FileName,
        life: Duration,
    ) -> Result<SecretString, Unavailable>;
}
