//! `POST /v2/upload/sends`: sends with a file, which are not taken yet.

use carteiro_core::error::Code;
use carteiro_http::{ApiError, Tenant};

pub(crate) async fn upload(_: Tenant) -> ApiError {
    ApiError::because(
        Code::MediaNotSupportedYet,
        "O envio de arquivos ainda não é suportado; envie text em /v2/sends.",
    )
}
