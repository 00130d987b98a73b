//! `rotas` and `sessions`.

use crate::routes::App;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{Html, IntoResponse, Response};
use carteiro_core::error::Code;
use carteiro_http::routes::ROUTES;
use carteiro_http::{ApiError, Tenant};
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::Arc;

/// Every route of the API: a page, or JSON for who asks for it.
pub(crate) async fn routes(headers: HeaderMap) -> Result<Response, ApiError> {
    let accepts = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepts.contains("application/json") {
        let rotas: Vec<Value> =
            ROUTES.iter().map(|route| json!({"metodo": route.method.as_str(), "rota": route.path})).collect();
        return Ok(Json(json!({"rotas": rotas})).into_response());
    }
    let mut page =
        "<!doctype html>\n<html lang=\"pt-BR\"><head><meta charset=\"utf-8\"><title>Rotas</title></head><body>\n<ul>\n"
            .to_owned();
    for route in ROUTES {
        writeln!(page, "<li><code>{} {}</code></li>", route.method, route.path)
            .map_err(|_| ApiError::new(Code::Internal))?;
    }
    page.push_str("</ul>\n</body></html>\n");
    Ok(Html(page).into_response())
}

/// The names of the tenant's sessions.
pub(crate) async fn sessions(State(app): State<Arc<App>>, tenant: Tenant) -> Result<Json<Value>, ApiError> {
    let sessions = app.names.list(tenant.id).await?;
    if sessions.is_empty() {
        return Ok(Json(json!({"message": "Ainda não foi sincronizado algum numero"})));
    }
    let names: Vec<&str> = sessions.iter().map(|session| session.name.as_str()).collect();
    Ok(Json(json!({"sessions": names})))
}
