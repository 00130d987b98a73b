//! The `{user_id}` of an operator's path.

use crate::answer::ApiError;
use crate::story::Story;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use carteiro_core::error::Code;
use carteiro_core::ids::UserId;

/// The tenant that a path names, noted for the log. What is no id names nobody: 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserIdOfPath(pub UserId);

impl<S: Send + Sync> FromRequestParts<S> for UserIdOfPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await.ok();
        let id: Option<UserId> = path.and_then(|Path(id)| id.parse().ok());
        let id = id.ok_or_else(|| ApiError::new(Code::UserNotFound))?;
        parts.extensions.get_or_insert_default::<Story>().tenant(id);
        Ok(Self(id))
    }
}
