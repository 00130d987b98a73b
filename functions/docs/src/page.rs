//! The page that shows the document: Swagger UI, from this function alone.

use axum::extract::Path;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use carteiro_core::error::Code;
use carteiro_core::error::Problem;
use carteiro_http::ApiError;
use std::sync::Arc;
use utoipa_swagger_ui::Config;

const INDEX: &str = include_str!("index.html");
const START: &str = include_str!("start.js");

/// The page loads nothing from elsewhere and talks to this API alone. Swagger UI writes styles and small images into the
/// page, which the policy has to let it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(crate) async fn index() -> Response {
    (
        [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (CACHE_CONTROL, "no-cache"),
        ],
        INDEX,
    )
        .into_response()
}

/// A file that the page loads. Its names come without versions, so browsers keep them for an hour only.
pub(crate) async fn file(Path(name): Path<String>) -> Result<Response, ApiError> {
    let (content_type, bytes) = match name.as_str() {
        "start.js" => ("text/javascript; charset=utf-8".to_owned(), START.as_bytes().to_vec()),
        "swagger-ui.css" | "swagger-ui-bundle.js" | "favicon-32x32.png" => {
            let found = utoipa_swagger_ui::serve(&name, Arc::new(Config::from("/openapi.json")));
            let found = found.map_err(|error| Problem::new(Code::Internal).caused_by(error))?;
            let found = found.ok_or(Code::RouteNotFound)?;
            (found.content_type, found.bytes.into_owned())
        }
        _ => return Err(Code::RouteNotFound.into()),
    };
    let headers: [(HeaderName, String); 3] = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "public, max-age=3600".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
