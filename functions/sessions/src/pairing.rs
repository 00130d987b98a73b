//! `autenticacao`, `qrcode`, `sair` and `conexao`.

use crate::asked::Asked;
use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::response::{Html, IntoResponse, Response};
use carteiro_core::error::{Code, Problem};
use carteiro_core::usecase::{Authentication, SessionQr, WantedReceiver};
use carteiro_core::v1;
use carteiro_core::webhook::{ReceiverScope, ReceiverUrl, WebhookFormat};
use carteiro_http::ApiError;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

const FOUND_NONE: &str = "Qrcode não encontrado";
const AUTHENTICATED: &str = "Sessão autenticada";

/// Connects a session, pairing it first if need be, and sets its webhook. The answer to who makes a webhook has its secret, this once.
pub(crate) async fn authenticate(asked: Asked) -> Result<Json<Value>, ApiError> {
    let receiver = receiver(&asked)?;
    let Asked { app, tenant, name, .. } = asked;
    let mut answer = Map::new();
    if let Some(wanted) = receiver {
        let set = app.receivers.set(tenant.id, ReceiverScope::Session(name.clone()), wanted).await?;
        if set.is_new {
            answer.insert("webhookSecret".into(), json!(set.receiver.secrets.current.reveal()));
        }
    }
    let message = match app.pairing.authenticate(&tenant, &name).await? {
        Authentication::Scan(_) => "Autenticando, leia o qrcode.",
        Authentication::Connected => "Autenticado",
        Authentication::Underway => "Autenticado ou em processo de autenticação.",
    };
    answer.insert("message".into(), json!(message));
    Ok(Json(Value::Object(answer)))
}

fn receiver(asked: &Asked) -> Result<Option<WantedReceiver>, ApiError> {
    let Some(url) = asked.optional("webhook")? else { return Ok(None) };
    let url = ReceiverUrl::parse(url.trim())
        .map_err(|error| ApiError::because(Code::InvalidWebhookUrl, format!("webhook: {error}")))?;
    let format = match asked.optional("webhookFormat")? {
        Some(format) => {
            format.parse().map_err(|_| ApiError::invalid(Code::InvalidWebhookFormat, "webhookFormat"))?
        }
        None => WebhookFormat::default(),
    };
    Ok(Some(WantedReceiver { url, format, kinds: None }))
}

/// The QR that waits to be scanned: its text, its picture, or a page that shows it and renews itself.
pub(crate) async fn qrcode(asked: Asked) -> Result<Response, ApiError> {
    let (as_page, as_picture) = (asked.flag("img")?, asked.flag("base64")?);
    let qr = match asked.app.pairing.qr(asked.tenant.id, &asked.name).await? {
        SessionQr::Scan(qr) => qr,
        other => {
            let message = if matches!(other, SessionQr::Connected) { AUTHENTICATED } else { FOUND_NONE };
            return Ok(if as_page {
                page(message)
            } else {
                Json(json!({"message": message})).into_response()
            });
        }
    };
    let text = qr.code.expose_secret();
    if !as_page && !as_picture {
        return Ok(Json(json!({"qrcode": text})).into_response());
    }
    let picture =
        carteiro_qr::png_data_uri(text).map_err(|error| Problem::new(Code::Internal).caused_by(error))?;
    Ok(if as_page {
        page(&format!("<img src=\"{picture}\" alt=\"QR\">"))
    } else {
        Json(json!({"qrcode": picture})).into_response()
    })
}

/// A page that shows this and renews itself. Nothing that a client says stands in it; its address may hold a token, so it is told to nobody.
fn page(shown: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"pt-BR\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">\
         <title>QR</title></head><body>{shown}</body></html>\n"
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static("default-src 'none'; img-src data:; frame-ancestors 'self'");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Logs the session's device out and forgets the session.
pub(crate) async fn log_out(asked: Asked) -> Result<Json<Value>, ApiError> {
    match asked.app.pairing.log_out(asked.tenant.id, &asked.name).await? {
        true => Ok(Json(json!({"retorno": "Saiu com Sucesso"}))),
        false => Err(ApiError::new(Code::SessionNotVerified)),
    }
}

/// The state of the connection.
pub(crate) async fn state(asked: Asked) -> Result<Json<Value>, ApiError> {
    let Asked { app, tenant, name, .. } = &asked;
    let state = match app.pairing.find(tenant.id, name).await? {
        Some(_) => app.pairing.state(tenant.id, name).await?,
        None => {
            let link = asked.paired().await?.link;
            v1::State::of_link(link.state, link.reason.as_deref(), false)
        }
    };
    Ok(Json(json!({"message": state.as_str()})))
}
