//! What routes answer: the success envelope and the error.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use carteiro_core::error::{Code, Problem};
use carteiro_core::ports::Unavailable;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::status::status_of;

/// A success: `{"success": true, "message": …, "description": …}`.
#[derive(Debug, Clone)]
pub struct Answer {
    status: StatusCode,
    body: Map<String, Value>,
}

impl Answer {
    /// 200 with a message in Portuguese.
    pub fn ok(message: &str) -> Self {
        Self::with_status(StatusCode::OK, message)
    }

    /// 201 with a message in Portuguese.
    pub fn created(message: &str) -> Self {
        Self::with_status(StatusCode::CREATED, message)
    }

    /// 202 with a message in Portuguese: it is under way, ask again.
    pub fn accepted(message: &str) -> Self {
        Self::with_status(StatusCode::ACCEPTED, message)
    }

    fn with_status(status: StatusCode, message: &str) -> Self {
        let body = Map::from_iter([("success".into(), json!(true)), ("message".into(), json!(message))]);
        Self { status, body }
    }

    /// Adds the `description`.
    #[must_use]
    pub fn description(self, value: impl Serialize) -> Self {
        self.field("description", value)
    }

    /// Adds a field beside `message`, where the contract has one there.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Serialize) -> Self {
        // What the routes answer is made of texts, numbers, lists and objects with text keys: it always serialises.
        self.body.insert(name.into(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// A failure. Its body, `{"success": false, "message", "description", "code", "request_id"}`, is written by the edge
/// ([`crate::Api`]), which knows the request's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError(pub Problem);

impl ApiError {
    /// A failure of this code.
    pub fn new(code: Code) -> Self {
        Self(code.into())
    }

    /// A failure of this code, with what is particular to the case, in Portuguese.
    pub fn because(code: Code, detail: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self(Problem::new(code).because(detail))
    }

    /// A required parameter that is not there.
    pub fn missing(name: &str) -> Self {
        Self::because(Code::MissingParameter, format!("O parâmetro {name} é obrigatório."))
    }

    /// A parameter that is there with a value that it cannot have.
    pub fn invalid(code: Code, name: &str) -> Self {
        Self::because(code, format!("O parâmetro {name} é inválido. {}", code.remedy()))
    }

    /// The whole body, for `request_id`.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let code = self.0.code();
        let mut body = json!({
            "success": false,
            "message": code.message(),
            "description": self.0.description(),
            "code": code.as_str(),
            "request_id": request_id,
        });
        let errors = self.0.items().iter().map(
            |item| json!({ "index": item.index, "code": item.code.as_str(), "description": item.detail }),
        );
        let errors: Vec<Value> = errors.collect();
        if !errors.is_empty() {
            body["errors"] = Value::Array(errors);
        }
        body
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<Unavailable> for ApiError {
    fn from(error: Unavailable) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = status_of(self.0.code()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}
