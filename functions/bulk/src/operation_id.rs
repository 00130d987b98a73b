//! The `{operation_id}` of a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use carteiro_core::error::Code;
use carteiro_core::ids::BulkId;
use carteiro_http::ApiError;

/// The operation that a path names. What is no id names no operation: 404.
pub(crate) struct OperationId(pub(crate) BulkId);

impl<S: Send + Sync> FromRequestParts<S> for OperationId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id =
            Path::<String>::from_request_parts(parts, state).await.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or_else(|| ApiError::new(Code::BulkNotFound))
    }
}
