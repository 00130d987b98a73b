//! CloudFront in front of the API: a request shows that it came through it, and whose it is.

use crate::answer::ApiError;
use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use carteiro_core::error::Code;
use carteiro_core::front::FrontKeys;
use carteiro_core::source::Source;

/// The header in which CloudFront shows its key, in the place of whatever a caller wrote there.
const KEY: HeaderName = HeaderName::from_static("x-carteiro-front-key");

/// The header in which CloudFront tells the caller's address, in the place of whatever a caller wrote there.
const CALLER: HeaderName = HeaderName::from_static("x-carteiro-caller");

/// Where a request comes from that came through the front. The key stays here: it is taken out of the headers.
///
/// # Errors
/// 403 for what did not come through it.
pub(crate) fn enter(keys: &FrontKeys, headers: &mut HeaderMap) -> Result<Source, ApiError> {
    let shown = headers.remove(KEY).filter(|key| keys.has(key.as_bytes()));
    shown.ok_or_else(|| ApiError::new(Code::FrontOnly))?;
    let caller = headers.get(CALLER).and_then(|caller| caller.to_str().ok());
    Ok(caller.map_or(Source::Unknown, Source::parse))
}
