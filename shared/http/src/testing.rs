//! Calling a function in its process, as API Gateway would: for tests, behind the feature `test-support`.

use crate::gateway::respond;
use axum::Router;
use lambda_http::Context;
use lambda_http::lambda_runtime::LambdaEvent;
use serde_json::{Map, Value, json};

/// One request to a function.
#[derive(Debug, Clone)]
pub struct Call {
    method: String,
    path: String,
    query: String,
    headers: Map<String, Value>,
    body: Option<String>,
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
        }
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
                    "sourceIp": "127.0.0.1", "userAgent": "test"
                },
                "requestId": "request-1",
                "routeKey": "$default",
                "stage": "$default",
                "time": "14/Nov/2023:22:13:20 +0000",
                "timeEpoch": 1_700_000_000_000_u64
            },
            "body": self.body,
            "isBase64Encoded": false
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
