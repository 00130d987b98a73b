//! The `{token_id}` of a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use carteiro_core::error::Code;
use carteiro_core::ids::TokenId;
use carteiro_http::ApiError;

/// The token that a path names. What is no id names no token: 404.
pub(crate) struct TokenIdOfPath(pub(crate) TokenId);

impl<S: Send + Sync> FromRequestParts<S> for TokenIdOfPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = path.and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or_else(|| ApiError::new(Code::TokenNotFound))
    }
}
