//! An HTTP API in front of the functions: payload format 2.0 in, payload format 2.0 out.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use super::Environment;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// A gateway on a free loopback port; it ends when it is dropped.
pub(crate) struct Gateway {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    server: AbortHandle,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Functions = Arc<BTreeMap<&'static str, Arc<Environment>>>;

impl Gateway {
    /// Starts one: a path goes to the function of the longest prefix that it has.
    pub(crate) async fn start(
        functions: BTreeMap<&'static str, Arc<Environment>>,
    ) -> std::io::Result<Gateway> {
        let router = axum::Router::new().fallback(serve).with_state(Arc::new(functions));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Ok(Gateway { address, server })
    }
}

async fn serve(State(functions): State<Functions>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let function = functions
        .iter()
        .filter(|(prefix, _)| path.starts_with(**prefix))
        .max_by_key(|(prefix, _)| prefix.len());
    let (Some((_, function)), Ok(body)) = (function, to_bytes(body, 8 << 20).await) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers: BTreeMap<String, String> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let method = head.method.as_str();
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": head.uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000", "apiId": "local", "domainName": "localhost", "domainPrefix": "localhost",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench" },
            "requestId": "bench", "routeKey": "$default", "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_u64
        },
        "body": String::from_utf8_lossy(&body),
        "isBase64Encoded": false
    });
    match function.invoke(event.to_string(), Duration::from_secs(30)).await {
        Ok(answer) => answer_of(&answer),
        Err(failure) => (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()).into_response(),
    }
}

fn answer_of(answer: &[u8]) -> Response {
    let mut answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let status = answer["statusCode"].as_u64().and_then(|s| StatusCode::from_u16(s as u16).ok());
    let body = match answer["body"].take() {
        Value::String(body) => body,
        _ => String::new(),
    };
    let kind = answer["headers"]["content-type"].as_str().unwrap_or("application/json").to_owned();
    (status.unwrap_or(StatusCode::BAD_GATEWAY), [("content-type", kind)], body).into_response()
}
