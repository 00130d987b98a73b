//! HTTP on loopback: a client of a few lines.

use crate::error::{Error, While};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::time::Duration;

/// What a loopback answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client that keeps its connections.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: hyper::HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    /// A client without connections yet.
    pub fn new() -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()) }
    }

    /// Sends a request as it is and reads the answer to its end, within a minute.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, Error> {
        let to = request.uri().clone();
        let exchange = async {
            let response = self.client.request(request).await.or_cannot(format!("reach {to}"))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.or_cannot(format!("read the answer of {to}"))?.to_bytes();
            Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
        };
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::new(format!("no answer from {to} within {} s", PATIENCE.as_secs()))),
        }
    }

    /// Sends a request with headers and a body.
    pub async fn request(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, Error> {
        let method = Method::from_bytes(method.as_bytes()).or_cannot(format!("send {method}"))?;
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = url.parse().or_cannot(format!("read the URL {url}"))?;
        for (name, value) in headers {
            let name =
                HeaderName::from_bytes(name.as_bytes()).or_cannot(format!("send the header {name}"))?;
            let value = HeaderValue::from_str(value).or_cannot(format!("send the header {name}"))?;
            request.headers_mut().append(name, value);
        }
        self.send(request).await
    }

    /// GET.
    pub async fn get(&self, url: &str) -> Result<Answer, Error> {
        self.request("GET", url, &[], Vec::new()).await
    }

    /// A request whose body is JSON.
    pub async fn json(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<Answer, Error> {
        let mut all = vec![(CONTENT_TYPE.as_str(), "application/json")];
        all.extend_from_slice(headers);
        self.request(method, url, &all, body.to_string().into_bytes()).await
    }
}
