//! Objects in memory.

use super::Switch;
use crate::media::FileName;
use crate::object::ObjectKey;
use crate::ports::{ObjectBody, ObjectLinks, Objects, StoredObject, Unavailable, UploadForm};
use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Clone)]
struct Kept {
    bytes: Bytes,
    content_type: String,
    name: Option<FileName>,
}

/// [`Objects`] and [`ObjectLinks`] in memory. The forms and links that it gives lead nowhere; what a client would upload by a
/// form is stored by [`MemoryObjects::upload`].
#[derive(Debug, Default)]
pub struct MemoryObjects {
    /// Whether it answers.
    pub switch: Switch,
    kept: Mutex<BTreeMap<String, Kept>>,
}

impl MemoryObjects {
    /// Stores what a client uploads by a form.
    pub fn upload(&self, key: &ObjectKey, bytes: impl Into<Bytes>, name: Option<FileName>) {
        let kept = Kept { bytes: bytes.into(), content_type: "application/octet-stream".into(), name };
        self.kept().insert(key.as_str().to_owned(), kept);
    }

    /// An object's bytes and content type, for a test to look at.
    pub fn peek(&self, key: &ObjectKey) -> Option<(Bytes, String)> {
        self.kept().get(key.as_str()).map(|kept| (kept.bytes.clone(), kept.content_type.clone()))
    }

    /// The keys of all objects, in order.
    pub fn keys(&self) -> Vec<String> {
        self.kept().keys().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_disk(operation: &str, error: &std::io::Error) -> Unavailable {
    Unavailable::new(operation, error.to_string())
}

#[async_trait]
impl Objects for MemoryObjects {
    async fn put(&self, key: &ObjectKey, body: ObjectBody, content_type: &str) -> Result<(), Unavailable> {
        self.switch.check("put")?;
        let bytes = match body {
            ObjectBody::Bytes(bytes) => bytes,
            ObjectBody::File(path) => std::fs::read(path).map_err(|error| of_disk("put", &error))?.into(),
        };
        let kept = Kept { bytes, content_type: content_type.to_owned(), name: None };
        self.kept().insert(key.as_str().to_owned(), kept);
        Ok(())
    }

    async fn find(&self, key: &ObjectKey) -> Result<Option<StoredObject>, Unavailable> {
        self.switch.check("find")?;
        let stored = |kept: &Kept| StoredObject { length: kept.bytes.len() as u64, name: kept.name.clone() };
        Ok(self.kept().get(key.as_str()).map(stored))
    }

    async fn download(&self, key: &ObjectKey, to: &Path) -> Result<Option<u64>, Unavailable> {
        self.switch.check("download")?;
        let Some((bytes, _)) = self.peek(key) else { return Ok(None) };
        std::fs::write(to, &bytes).map_err(|error| of_disk("download", &error))?;
        Ok(Some(bytes.len() as u64))
    }

    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>, Unavailable> {
        self.switch.check("read")?;
        let within = |at: u64, bytes: &Bytes| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        Ok(self.peek(key).map(|(bytes, _)| {
            bytes.slice(within(offset, &bytes)..within(offset.saturating_add(length), &bytes))
        }))
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Unavailable> {
        self.switch.check("delete")?;
        self.kept().remove(key.as_str());
        Ok(())
    }
}

#[async_trait]
impl ObjectLinks for MemoryObjects {
    async fn upload_form(
        &self,
        key: &ObjectKey,
        content_type: &str,
        _: Option<&FileName>,
        max_bytes: u64,
        life: Duration,
    ) -> Result<UploadForm, Unavailable> {
        self.switch.check("upload_form")?;
        let policy = format!("{max_bytes} bytes, {} s", life.as_secs());
        let fields = [("key", key.as_str()), ("Content-Type", content_type), ("policy", &policy)];
        let fields = fields.map(|(name, value)| (name.to_owned(), SecretString::from(value)));
        Ok(UploadForm { url: "https://objects.example.com/".into(), fields: fields.into() })
    }

    async fn download_link(
        &self,
        key: &ObjectKey,
        _: &FileName,
        life: Duration,
    ) -> Result<SecretString, Unavailable> {
        self.switch.check("download_link")?;
        Ok(format!("https://objects.example.com/{key}?life={}", life.as_secs()).into())
    }
}
