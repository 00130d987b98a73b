//! How single records are written: JSON where the library may add fields, a time and raw bytes where it may not.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wacore::store::error::{Result, StoreError};

/// As JSON. The library's records carry serde defaults for fields they gained, and a self-describing form keeps those working.
pub(crate) fn to_json<T: Serialize>(record: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(record).map_err(|error| StoreError::Serialization(Box::new(error)))
}

/// From JSON.
pub(crate) fn from_json<T: DeserializeOwned>(blob: &[u8]) -> Result<T> {
    serde_json::from_slice(blob).map_err(|error| StoreError::Serialization(Box::new(error)))
}

/// A blob that begins with when it was written, in seconds since 1970.
pub(crate) fn stamp(seconds: i64, payload: &[u8]) -> Vec<u8> {
    let mut blob = Vec::with_capacity(8 + payload.len());
    blob.extend_from_slice(&seconds.to_be_bytes());
    blob.extend_from_slice(payload);
    blob
}

/// The time and the payload of a [`stamp`]ed blob.
pub(crate) fn unstamp(blob: &[u8]) -> Result<(i64, &[u8])> {
    let (seconds, payload) = blob
        .split_first_chunk::<8>()
        .ok_or_else(|| StoreError::Validation("a stamped blob is too short".into()))?;
    Ok((i64::from_be_bytes(*seconds), payload))
}
