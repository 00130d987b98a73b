//! The way in from API Gateway: an HTTP API's event (payload format 2.0) to the router, and its answer back.

use crate::edge::RequestId;
use axum::Router;
use axum::response::Response;
use carteiro_core::source::Source;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Request, RequestExt, Service, service_fn};
use serde_json::{Map, Value};
use std::convert::Infallible;
use std::fmt::Write;
use std::task::{Context, Poll};

/// Answers events by `router` until the runtime ends the process.
pub async fn run(router: Router) -> Result<(), lambda_runtime::Error> {
    lambda_runtime::run(service_fn(move |event| respond(router.clone(), event))).await
}

/// Answers one event of API Gateway, as [`run`] does.
pub async fn respond(router: Router, event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
    let LambdaEvent { mut payload, context } = event;
    tame(&mut payload);
    let request: LambdaRequest = serde_json::from_str(&payload.to_string())?;
    let answer = Adapter::from(Named(router)).call(LambdaEvent::new(request, context)).await?;
    Ok(serde_json::to_value(answer)?)
}

/// Takes out of an event what a client may send and `lambda_http` would panic or give up on: a header that is not visible
/// ASCII, and a query or path with characters that no URI has. The first is left empty, so that what reads it refuses it rather
/// than take it for absent; the others are percent-encoded.
fn tame(event: &mut Value) {
    let Some(event) = event.as_object_mut() else { return };
    if let Some(Value::Object(headers)) = event.get_mut("headers") {
        headers.retain(|name, value| {
            axum::http::HeaderName::try_from(name.as_str()).is_ok() && value.is_string()
        });
        for value in headers.values_mut() {
            let visible = |text: &str| text.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b));
            if !value.as_str().is_some_and(visible) {
                *value = Value::String(String::new());
            }
        }
        // `lambda_http` writes them into the request's URI, which nothing here reads.
        headers.retain(|name, _| !["host", "x-forwarded-proto"].iter().any(|n| name.eq_ignore_ascii_case(n)));
    }
    encode(event, "rawQueryString", false);
    encode(event, "rawPath", true);
    if let Some(Value::Object(context)) = event.get_mut("requestContext") {
        context.remove("domainName");
    }
    // Both are read anew from the raw query string.
    event.remove("queryStringParameters");
    event.remove("cookies");
}

fn encode(event: &mut Map<String, Value>, name: &str, is_path: bool) {
    let Some(Value::String(text)) = event.get_mut(name) else { return };
    let fine =
        |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&b) || (b == b'?' && !is_path);
    if text.bytes().all(fine) && (!is_path || text.starts_with('/')) {
        return;
    }
    let mut encoded = String::with_capacity(text.len() + 16);
    if is_path && !text.starts_with('/') {
        encoded.push('/');
    }
    for byte in text.bytes() {
        if fine(byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    *text = encoded;
}

/// Gives the router the id that the gateway gave the request, and the address it came from: the gateway's own word, since
/// anyone can write an `X-Forwarded-For`.
#[derive(Clone)]
struct Named(Router);

impl Service<Request> for Named {
    type Response = Response;
    type Error = Infallible;
    type Future = <Router as Service<Request>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let (from_gateway, address) = match request.request_context_ref() {
            Some(lambda_http::request::RequestContext::ApiGatewayV2(context)) => {
                (context.request_id.clone(), context.http.source_ip.clone())
            }
            _ => (None, None),
        };
        request.extensions_mut().insert(Source::parse(&address.unwrap_or_default()));
        let id =
            from_gateway.or_else(|| request.lambda_context_ref().map(|context| context.request_id.clone()));
        if let Some(id) = id {
            request.extensions_mut().insert(RequestId(id));
        }
        self.0.call(request)
    }
}
