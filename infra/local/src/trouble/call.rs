//! Which service a request is for, and how that service refuses.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde_json::json;

/// A request to one of the services that get into trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Dynamo {
        /// Whether it puts one item into a table.
        puts: bool,
    },
    Sqs {
        /// Whether it puts one message into a queue.
        sends: bool,
    },
    S3,
}

/// How a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Throttled,
    Failed,
}

impl Call {
    /// `None` when it is for another service.
    pub(super) fn of(head: &Parts) -> Option<Self> {
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        match text("x-amz-target") {
            Some(target) if target.starts_with("DynamoDB_") => {
                Some(Call::Dynamo { puts: target.ends_with(".PutItem") })
            }
            Some(target) => {
                let action = target.strip_prefix("AmazonSQS.")?;
                Some(Call::Sqs { sends: action == "SendMessage" })
            }
            // Of the services in use only S3 has what is sent named in a header; what clients upload by a form has none.
            None => text("x-amz-content-sha256").map(|_| Call::S3),
        }
    }

    pub(super) fn is_send(self) -> bool {
        self == Call::Sqs { sends: true }
    }

    pub(super) fn is_put(self) -> bool {
        self == Call::Dynamo { puts: true }
    }

    /// What the service says instead of an answer.
    pub(super) fn refused(self, refusal: Refusal) -> Response<Full<Bytes>> {
        let (status, code) = match (self, refusal) {
            (Call::Dynamo { .. }, Refusal::Throttled) => {
                (400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException")
            }
            (Call::Sqs { .. }, Refusal::Throttled) => (400, "com.amazonaws.sqs#RequestThrottled"),
            (Call::S3, Refusal::Throttled) => (503, "SlowDown"),
            (Call::Dynamo { .. }, Refusal::Failed) => {
                (500, "com.amazonaws.dynamodb.v20120810#InternalServerError")
            }
            (Call::Sqs { .. }, Refusal::Failed) => (500, "com.amazonaws.sqs#InternalError"),
            (Call::S3, Refusal::Failed) => (500, "InternalError"),
        };
        let (kind, body) = match self {
            Call::S3 => (
                "application/xml",
                format!("<Error><Code>{code}</Code><Message>in trouble</Message></Error>"),
            ),
            _ => ("application/x-amz-json-1.0", json!({"__type": code, "message": "in trouble"}).to_string()),
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn of(headers: &[(&str, &str)]) -> Option<Call> {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Call::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn services_are_told_apart_and_others_left_alone() {
        assert!(of(&[("x-amz-target", "DynamoDB_20120810.PutItem")]).is_some_and(Call::is_put));
        let query = of(&[("x-amz-target", "DynamoDB_20120810.Query")]);
        assert_eq!(query, Some(Call::Dynamo { puts: false }));
        assert_eq!(of(&[("x-amz-target", "AmazonSQS.ReceiveMessage")]), Some(Call::Sqs { sends: false }));
        assert!(of(&[("x-amz-target", "AmazonSQS.SendMessage")]).is_some_and(Call::is_send));
        assert_eq!(of(&[("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]), Some(Call::S3));
        assert_eq!(of(&[("x-amz-target", "secretsmanager.GetSecretValue")]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn each_refuses_in_its_own_words() {
        let status = |call: Call, refusal| call.refused(refusal).status().as_u16();
        assert_eq!(status(Call::Dynamo { puts: false }, Refusal::Throttled), 400);
        assert_eq!(status(Call::S3, Refusal::Throttled), 503);
        assert_eq!(status(Call::Sqs { sends: false }, Refusal::Failed), 500);
    }
}
