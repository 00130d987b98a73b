//! The `{sessao}` of a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use carteiro_core::error::Code;
use carteiro_core::session::SessionName;
use carteiro_http::ApiError;

/// The name of the session that a path is about. What no session can be called names no route.
pub(crate) struct Named(pub(crate) SessionName);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let name = Path::<String>::from_request_parts(parts, state).await.ok();
        let name = name.and_then(|Path(name)| name.parse().ok());
        name.map(Self).ok_or_else(|| ApiError::new(Code::RouteNotFound))
    }
}
