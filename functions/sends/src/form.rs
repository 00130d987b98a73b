//! The form of `POST /v2/upload/sends`.

use axum::extract::{FromRequest, Request};
use carteiro_http::{ApiError, Form};

/// The form, with its file in `file`.
pub(crate) struct UploadedForm(pub(crate) Form);

impl<S: Send + Sync> FromRequest<S> for UploadedForm {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Form::read(request, state, "file").await.map(Self)
    }
}
