//! What happens around every request: its id, its log line, the body of an error, and a panic that stays inside.

use crate::answer::ApiError;
use crate::gate::Shown;
use crate::limiter::Standing;
use crate::prefix;
use crate::routes::{self, Style};
use crate::story::Story;
use crate::v1;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use carteiro_core::error::Code;
use futures_util::FutureExt;
use jiff::SignedDuration;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

/// The id that a request has from the gateway, for the answer and the log.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// The header that carries a request's id back.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// Answers a request through the router and writes its log line.
pub(crate) async fn answer(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request.extensions().get::<RequestId>().map_or_else(|| "none".into(), |id| id.0.clone());
    let method = request.method().clone();
    let prefix = prefix::put_back(&mut request);
    let route = request.extensions().get::<MatchedPath>().map(|path| format!("{prefix}{}", path.as_str()));
    let style = routes::style_of(request.uri().path());
    let story = request.extensions_mut().get_or_insert_default::<Story>().clone();
    let shown = request.extensions_mut().get_or_insert_default::<Shown>().clone();

    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| ApiError::new(Code::Internal).into_response());

    let error = response.extensions_mut().remove::<ApiError>();
    if let Some(error) = &error {
        match style {
            Style::V1 => v1::write(error, &method, &mut response),
            Style::V2 => {
                *response.body_mut() = error.body(&id).to_string().into();
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
        }
        let headers = response.headers_mut();
        headers.remove(CONTENT_LENGTH);
        if matches!(error.0.code(), Code::Unavailable | Code::RateLimited | Code::BacklogFull) {
            headers.insert(RETRY_AFTER, seconds(error.0.retry_after().unwrap_or_default()).max(1).into());
        }
    }
    let answer = response.headers_mut();
    // Answers hold what is the tenant's alone: tokens, numbers, QRs.
    answer.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    harden(answer);
    if let Ok(value) = HeaderValue::from_str(&id) {
        answer.insert(REQUEST_ID_HEADER, value);
    }
    if let Some(standing) = shown.standing() {
        show(&standing, answer);
    }

    let status = response.status().as_u16();
    let code = error.as_ref().map(|error| error.0.code().as_str());
    let cause = error.as_ref().and_then(|error| error.0.cause());
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (tenant, number, send) = (story.noted_tenant(), story.noted_number(), story.noted_send());
    macro_rules! tell {
        ($level:ident) => {
            tracing::$level!(
                request_id = id, %method, route, status, code, cause, tenant_id = tenant, number,
                send_id = send, ms, "request"
            )
        };
    }
    if status >= 500 {
        tell!(error)
    } else {
        tell!(info)
    }
    response
}

/// What every answer tells a browser: to take it for what it says that it is, to come over TLS alone for two years, and to tell
/// nobody where it has been. JSON is no page, whatever is in it, so nothing in it is loaded, and no page frames it.
fn harden(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json")) {
        let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}

/// The headers that tell a caller how it stands, as draft-ietf-httpapi-ratelimit-headers-03 names them.
fn show(standing: &Standing, headers: &mut HeaderMap) {
    headers.insert("ratelimit-limit", standing.limit.into());
    headers.insert("ratelimit-remaining", standing.remaining.into());
    headers.insert("ratelimit-reset", seconds(standing.reset).into());
}

/// Whole seconds, rounded up: who waits them has waited long enough.
fn seconds(time: SignedDuration) -> u64 {
    let whole = u64::try_from(time.as_secs()).unwrap_or_default();
    whole + u64::from(time.subsec_nanos() > 0)
}
