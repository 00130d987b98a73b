//! Calling a function in its process, as API Gateway would: for tests, behind the feature `test-support`.

use crate::credentials::Authenticator;
use crate::gate::Gate;
use crate::gateway::respond;
use crate::limiter::Limiter;
use crate::limits::Limits;
use crate::operator::OperatorToken;
use crate::routes::ROUTES;
use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carteiro_core::ids::UserId;
use carteiro_core::plan::Plans;
use carteiro_core::rate::Rate;
use carteiro_core::testing::{ManualClock, MemoryRates, MemorySecret};
use jiff::SignedDuration;
use lambda_http::Context;
use lambda_http::lambda_runtime::LambdaEvent;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// One request to a function.
#[derive(Debug, Clone)]
pub struct Call {
    method: String,
    path: String,
    query: String,
    headers: Map<String, Value>,
    body: Option<String>,
    is_base64: bool,
    source: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u64,
    /// The headers, by their names in lower case.
    pub headers: Map<String, Value>,
    /// The body, if it is JSON; else null.
    pub body: Value,
    /// The body as text.
    pub text: String,
}

impl Call {
    /// A request to a path, which may have a query.
    pub fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: Map::from_iter([
                ("host".into(), json!("api.example.com")),
                ("x-forwarded-proto".into(), json!("https")),
            ]),
            body: None,
            is_base64: false,
            source: "127.0.0.1".into(),
        }
    }

    /// Comes from another address than 127.0.0.1.
    #[must_use]
    pub fn from_address(mut self, address: &str) -> Self {
        self.source = address.into();
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.into(), json!(value));
        self
    }

    /// Adds a JSON body and its content type.
    #[must_use]
    pub fn json(self, body: Value) -> Self {
        self.header("content-type", "application/json").raw(&body.to_string())
    }

    /// Adds a body as it is.
    #[must_use]
    pub fn raw(mut self, body: &str) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Adds a body of any bytes, which API Gateway hands over in Base64.
    #[must_use]
    pub fn bytes(mut self, body: &[u8]) -> Self {
        self.body = Some(STANDARD.encode(body));
        self.is_base64 = true;
        self
    }

    /// The event that API Gateway would make of it: payload format 2.0.
    pub fn event(&self) -> Value {
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.headers,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "api",
                "domainName": "api.example.com",
                "http": {
                    "method": self.method, "path": self.path, "protocol": "HTTP/1.1",
                    "sourceIp": self.source, "userAgent": "test"
                },
                "requestId": "request-1",
                "routeKey": "$default",
                "stage": "$default",
                "time": "14/Nov/2023:22:13:20 +0000",
                "timeEpoch": 1_700_000_000_000_u64
            },
            "body": self.body,
            "isBase64Encoded": self.is_base64
        })
    }

    /// Sends it.
    pub async fn send(&self, router: &Router) -> Reply {
        send_event(router, self.event()).await
    }
}

/// Sends an event as it is, such as one of `events/*.json`.
#[allow(clippy::panic, reason = "a test must end where the function itself fails")]
pub async fn send_event(router: &Router, event: Value) -> Reply {
    match respond(router.clone(), LambdaEvent::new(event, Context::default())).await {
        Ok(answer) => {
            let text = answer["body"].as_str().unwrap_or_default().to_owned();
            Reply {
                status: answer["statusCode"].as_u64().unwrap_or_default(),
                headers: answer["headers"].as_object().cloned().unwrap_or_default(),
                body: serde_json::from_str(&text).unwrap_or(Value::Null),
                text,
            }
        }
        Err(error) => panic!("the function failed: {error}"),
    }
}

impl Reply {
    /// The body's `code`.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The operator's token that [`wide_gate`] knows.
pub const OPERATOR: &str = "token-de-administracao-dos-testes";

/// The same rate for every group.
#[allow(clippy::panic, reason = "a rate always reads back")]
pub fn limits(rate: Rate) -> Limits {
    let groups = ROUTES.iter().map(|route| route.function.group()).chain(["public"]);
    let json: Map<String, Value> = groups.map(|group| (group.to_owned(), json!(rate))).collect();
    match Limits::from_json(&Value::Object(json).to_string()) {
        Ok(limits) => limits,
        Err(error) => panic!("the limits of a test: {error}"),
    }
}

/// A gate that knows the authenticator's tenants and the [`OPERATOR`], with a rate for every group, counted in `rates` by `clock`.
#[allow(clippy::panic, reason = "what it is made of is fixed")]
pub fn gate(
    authenticator: Arc<Authenticator>,
    rates: Arc<MemoryRates>,
    clock: Arc<ManualClock>,
    rate: Rate,
) -> Arc<Gate> {
    let plans = Plans::from_json(r#"{"basico":{"media_types":[],"workers":0,"default":true}}"#);
    let Ok(plans) = plans else { panic!("the plans of a test") };
    let operator = OperatorToken::new(Arc::new(MemorySecret::new(OPERATOR)), clock.clone());
    match Limiter::new(rates, clock, Arc::new(plans), limits(rate)) {
        Ok(limiter) => Arc::new(Gate::new(limiter).tenants(authenticator).operator(operator)),
        Err(error) => panic!("the limiter of a test: {error}"),
    }
}

/// As [`wide_gate`], and V1's sessions of one tenant are open.
#[allow(clippy::panic, reason = "nobody else has the gate yet")]
pub fn open_gate(authenticator: Arc<Authenticator>, tenant: UserId) -> Arc<Gate> {
    match Arc::try_unwrap(wide_gate(authenticator)) {
        Ok(gate) => Arc::new(gate.open(tenant)),
        Err(_) => panic!("a gate of its own"),
    }
}

/// A gate that knows the authenticator's tenants and the [`OPERATOR`], and whose rates no test reaches.
pub fn wide_gate(authenticator: Arc<Authenticator>) -> Arc<Gate> {
    let rate = Rate::every(SignedDuration::from_millis(1), 100_000);
    gate(authenticator, Arc::default(), Arc::default(), rate)
}
