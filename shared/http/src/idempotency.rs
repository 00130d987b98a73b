//! The `Idempotency-Key` header.

use crate::answer::ApiError;
use axum::http::HeaderMap;
use carteiro_core::error::Code;
use carteiro_core::ids::IdempotencyKey;

/// The request's key, if it has one. More than one, or one that is no key, is refused: sending without would send twice.
///
/// # Errors
/// [`Code::InvalidIdempotencyKey`].
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let key = key.to_str().ok().and_then(|text| text.parse().ok());
    match (key, keys.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(Code::InvalidIdempotencyKey.into()),
    }
}
