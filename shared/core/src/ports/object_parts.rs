//! Objects that are written piece by piece, over more than one run of a program.

use super::Unavailable;
use crate::object::ObjectKey;
use async_trait::async_trait;
use bytes::Bytes;

/// Names an object that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartsId(String);

/// Names a part as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartTag(String);

macro_rules! stored_text {
    ($($name:ident),*) => {$(
        impl $name {
            /// As the store named it.
            pub fn from_stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// As it is stored.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

stored_text!(PartsId, PartTag);

/// Why a part was not written, or an object not put together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartsError {
    /// It is not being written: it was put together, given up, or its parts are others than said.
    #[error("the parts are gone")]
    Gone,
    /// The store did not answer, or refused.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Objects written in parts. Until it is put together nobody sees anything of such an object.
#[async_trait]
pub trait ObjectParts: Send + Sync + 'static {
    /// Begins to write an object.
    async fn begin(&self, key: &ObjectKey, content_type: &str) -> Result<PartsId, Unavailable>;

    /// Writes the part of that number (1 to 10,000), in place of an earlier one of the same number. Every part but the last
    /// has 5 MiB or more.
    async fn put_part(
        &self,
        key: &ObjectKey,
        id: &PartsId,
        number: u32,
        bytes: Bytes,
    ) -> Result<PartTag, PartsError>;

    /// Puts the object together of its parts, numbered from 1, at least one.
    async fn complete(&self, key: &ObjectKey, id: &PartsId, parts: &[PartTag]) -> Result<(), PartsError>;

    /// Gives up; what was written is deleted. No error when it is gone already.
    async fn abort(&self, key: &ObjectKey, id: &PartsId) -> Result<(), Unavailable>;
}
