//! The `{event_id}` of a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use carteiro_core::error::Code;
use carteiro_core::ids::EventId;
use carteiro_http::ApiError;

/// The event that a path names. What is no id names no event: 404.
pub(crate) struct EventIdOfPath(pub(crate) EventId);

impl<S: Send + Sync> FromRequestParts<S> for EventIdOfPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = path.and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or_else(|| ApiError::new(Code::DeliveryNotFound))
    }
}
