//! The admin API: JSON over HTTP on loopback, for tests and for a person who tries things out.

mod accounts;
mod app_state;
mod faults;
mod groups;
mod history;
mod media;
mod messages;
mod overview;
mod profile;
mod write;

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::SimulatorError;
use crate::world::Server;

/// Serves the API until the task is aborted.
pub(crate) async fn serve(server: Arc<Server>, listener: TcpListener, media_ca: String) {
    let router = axum::Router::new()
        .route("/health", get(|| async { Json(serde_json::json!({"status": "ok"})) }))
        .route("/admin/accounts", get(accounts::list).post(accounts::declare))
        .route("/admin/accounts/{number}/messages", get(messages::messages).post(write::send))
        .route("/admin/accounts/{number}/messages/{id}/media", get(media::file))
        .route("/admin/accounts/{number}/sent", get(messages::sent))
        .route("/admin/accounts/{number}/read", post(messages::read))
        .route("/admin/accounts/{number}/play", post(messages::play))
        .route("/admin/accounts/{number}/receipts", post(messages::receipts))
        .route("/admin/accounts/{number}/app-state", get(app_state::shown).post(app_state::change))
        .route("/admin/accounts/{number}/history", get(history::shown).post(history::seed))
        .route("/admin/accounts/{number}/profile", post(profile::profile))
        .route("/admin/accounts/{number}/picture", post(profile::set_picture).delete(profile::remove_picture))
        .route("/admin/accounts/{number}/presence", get(profile::shown_presence).post(profile::presence))
        .route("/admin/accounts/{number}/chat-states", get(profile::chat_states).post(profile::types))
        .route("/admin/groups/{address}/picture", post(profile::set_picture).delete(profile::remove_picture))
        .route("/admin/groups", get(groups::list).post(groups::create))
        .route("/admin/groups/{address}", get(groups::one).post(groups::change))
        .route("/admin/mock-phone/scan-qr", post(accounts::scan))
        .route("/admin/media/ca", get(async move || media::authority(media_ca)))
        .route("/admin/mock-phone/enter-code", post(accounts::enter_code))
        .route("/admin/mock-phone/refresh-code", post(accounts::refresh_code))
        .route("/admin/devices", get(overview::devices))
        .route("/admin/root-key", get(overview::root_key))
        .route("/admin/stats", get(overview::stats))
        .route("/admin/reset", post(overview::reset))
        .route("/admin/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .with_state(server);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the admin API ended");
    }
}

impl IntoResponse for SimulatorError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(serde_json::json!({"error": self.to_string()}))).into_response()
    }
}
