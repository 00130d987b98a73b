//! The `{send_id}` of a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use carteiro_core::error::Code;
use carteiro_core::ids::SendId;
use carteiro_http::ApiError;

/// The send that a path names. What is no id names no send: 404.
pub(crate) struct SendIdOfPath(pub(crate) SendId);

impl<S: Send + Sync> FromRequestParts<S> for SendIdOfPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id =
            Path::<String>::from_request_parts(parts, state).await.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or_else(|| ApiError::new(Code::SendNotFound))
    }
}
