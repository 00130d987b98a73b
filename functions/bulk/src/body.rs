//! The body of `POST /v2/sends/bulk`.

use axum::extract::{FromRequest, Request};
use carteiro_core::error::Code;
use carteiro_http::{ApiError, JsonBody};

/// The largest body, in bytes. Lambda takes events of 6 MB, in which the body is a JSON string whose quotes and new lines are
/// escaped: 4.5 MB of them fit with a third to spare. Ten thousand recipients may then have 450 bytes each.
pub(crate) const MAX_BODY_BYTES: usize = 4_500_000;

/// The body, as other routes read theirs, but larger.
pub(crate) struct LargeBody(pub(crate) JsonBody);

impl<S: Send + Sync> FromRequest<S> for LargeBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = axum::body::to_bytes(request.into_body(), MAX_BODY_BYTES).await.map_err(|_| {
            let detail = "O corpo passa de 4,5 MB. Divida os destinatários em mais requisições.";
            ApiError::because(Code::PayloadTooLarge, detail)
        })?;
        JsonBody::from_bytes(&bytes).map(Self)
    }
}
