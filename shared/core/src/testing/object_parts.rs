//! Objects written in parts, in memory.

use super::{MemoryObjects, Switch};
use crate::object::ObjectKey;
use crate::ports::{ObjectBody, ObjectParts, Objects, PartTag, PartsError, PartsId, Unavailable};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The fewest bytes of a part that is not the last one, as S3 has it.
const MIN_PART: usize = 5 << 20;

#[derive(Debug)]
struct Upload {
    key: ObjectKey,
    content_type: String,
    parts: BTreeMap<u32, (PartTag, Bytes)>,
}

#[derive(Debug, Default)]
struct Stored {
    uploads: HashMap<String, Upload>,
    count: usize,
}

/// [`ObjectParts`] in memory: what is put together becomes an object of [`MemoryObjects`].
#[derive(Debug)]
pub struct MemoryObjectParts {
    /// Whether it answers.
    pub switch: Switch,
    min_part: usize,
    objects: Arc<MemoryObjects>,
    stored: Mutex<Stored>,
}

impl MemoryObjectParts {
    /// Puts objects together there.
    pub fn new(objects: Arc<MemoryObjects>) -> Self {
        Self { switch: Switch::default(), min_part: MIN_PART, objects, stored: Mutex::default() }
    }

    /// Takes parts of any size.
    #[must_use]
    pub fn with_small_parts(self) -> Self {
        Self { min_part: 0, ..self }
    }

    /// How many objects are being written.
    pub fn under_way(&self) -> usize {
        self.stored().uploads.len()
    }

    /// Forgets every object that is being written, as a bucket's lifecycle does after a while.
    pub fn lose(&self) {
        self.stored().uploads.clear();
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ObjectParts for MemoryObjectParts {
    async fn begin(&self, key: &ObjectKey, content_type: &str) -> Result<PartsId, Unavailable> {
        self.switch.check("begin")?;
        let mut stored = self.stored();
        stored.count += 1;
        let id = format!("upload-{}", stored.count);
        let upload =
            Upload { key: key.clone(), content_type: content_type.to_owned(), parts: BTreeMap::new() };
        stored.uploads.insert(id.clone(), upload);
        Ok(PartsId::from_stored(id))
    }

    async fn put_part(
        &self,
        key: &ObjectKey,
        id: &PartsId,
        number: u32,
        bytes: Bytes,
    ) -> Result<PartTag, PartsError> {
        self.switch.check("put_part")?;
        let mut stored = self.stored();
        stored.count += 1;
        let tag = PartTag::from_stored(format!("tag-{}", stored.count));
        let upload = stored.uploads.get_mut(id.as_str()).filter(|upload| upload.key == *key);
        upload.ok_or(PartsError::Gone)?.parts.insert(number, (tag.clone(), bytes));
        Ok(tag)
    }

    async fn complete(&self, key: &ObjectKey, id: &PartsId, parts: &[PartTag]) -> Result<(), PartsError> {
        self.switch.check("complete")?;
        let (body, content_type) = {
            let mut stored = self.stored();
            let upload = stored.uploads.get(id.as_str()).filter(|upload| upload.key == *key);
            let upload = upload.ok_or(PartsError::Gone)?;
            let mut body = Vec::new();
            for (number, tag) in (1..).zip(parts) {
                let (_, bytes) =
                    upload.parts.get(&number).filter(|(stored, _)| stored == tag).ok_or(PartsError::Gone)?;
                if bytes.len() < self.min_part && usize::try_from(number) != Ok(parts.len()) {
                    return Err(PartsError::Gone);
                }
                body.extend_from_slice(bytes);
            }
            if parts.is_empty() {
                return Err(PartsError::Gone);
            }
            let content_type = upload.content_type.clone();
            stored.uploads.remove(id.as_str());
            (body, content_type)
        };
        Ok(self.objects.put(key, ObjectBody::Bytes(body.into()), &content_type).await?)
    }

    async fn abort(&self, _: &ObjectKey, id: &PartsId) -> Result<(), Unavailable> {
        self.switch.check("abort")?;
        self.stored().uploads.remove(id.as_str());
        Ok(())
    }
}
