//! Failures as V1's clients read them. V1 has a few fixed shapes and no codes, so the code stands in a header.

use crate::answer::ApiError;
use crate::status::status_of;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use carteiro_core::error::Code;
use serde_json::json;

/// The header that tells the code of a failure whose shape has no place for it.
pub const CODE_HEADER: HeaderName = HeaderName::from_static("x-error-code");

const INCOMPLETE_REQUEST: &str = "Request incompleto, necessita revisão!";
const INCOMPLETE_POST: &str = "Post incompleto, necessita revisão!";
const MALFORMED: &str = "Requisição mal formada";
const BAD_TOKEN: &str = "Token não correspondente";
const FAILED: &str = "Algo deu errado!";
const NOT_CONNECTED: &str = "Esta sessão não está verificada.";

/// The status that a code is answered with in V1, which has fewer than V2.
pub fn v1_status_of(code: Code) -> StatusCode {
    let status = status_of(code);
    match code {
        Code::SessionNotVerified => StatusCode::OK,
        _ if status == StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
        _ if status.is_server_error() => StatusCode::INTERNAL_SERVER_ERROR,
        _ => status,
    }
}

/// Writes a failure into its answer.
pub(crate) fn write(error: &ApiError, method: &Method, response: &mut Response) {
    let code = error.0.code();
    let status = v1_status_of(code);
    let body = match code {
        Code::SessionNotVerified => json!({"message": NOT_CONNECTED}),
        Code::MissingParameter => {
            let message = if method == Method::POST { INCOMPLETE_POST } else { INCOMPLETE_REQUEST };
            json!({"success": false, "message": message})
        }
        Code::Unauthenticated => json!({"message": BAD_TOKEN}),
        Code::RouteNotFound | Code::MethodNotAllowed => {
            put(response, status, code, "text/plain; charset=utf-8", code.message().to_owned());
            return;
        }
        _ if status == StatusCode::INTERNAL_SERVER_ERROR => json!({"message": FAILED}),
        _ if status == StatusCode::BAD_REQUEST => {
            json!({"message": MALFORMED, "description": error.0.description()})
        }
        _ => json!({"message": error.0.description()}),
    };
    put(response, status, code, "application/json", body.to_string());
}

fn put(response: &mut Response, status: StatusCode, code: Code, content_type: &'static str, body: String) {
    *response.status_mut() = status;
    *response.body_mut() = body.into();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CODE_HEADER, HeaderValue::from_static(code.as_str()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::error::Problem;

    async fn written(code: Code, method: Method) -> (u16, String, String) {
        let mut response = Response::default();
        write(&ApiError(Problem::new(code).because("detalhe").caused_by("a secret")), &method, &mut response);
        let header = response.headers()[CODE_HEADER].to_str().unwrap().to_owned();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap(), header)
    }

    #[tokio::test]
    async fn failures_have_the_old_shapes() {
        for (code, method, status, body) in [
            (Code::SessionNotVerified, Method::GET, 200, r#"{"message":"Esta sessão não está verificada."}"#),
            (
                Code::MissingParameter,
                Method::GET,
                400,
                r#"{"message":"Request incompleto, necessita revisão!","success":false}"#,
            ),
            (
                Code::MissingParameter,
                Method::POST,
                400,
                r#"{"message":"Post incompleto, necessita revisão!","success":false}"#,
            ),
            (Code::Unauthenticated, Method::GET, 401, r#"{"message":"Token não correspondente"}"#),
            (
                Code::MalformedQuery,
                Method::GET,
                400,
                r#"{"description":"detalhe","message":"Requisição mal formada"}"#,
            ),
            (
                Code::InvalidPhone,
                Method::GET,
                400,
                r#"{"description":"detalhe","message":"Requisição mal formada"}"#,
            ),
            (Code::Internal, Method::GET, 500, r#"{"message":"Algo deu errado!"}"#),
            (Code::Unavailable, Method::GET, 500, r#"{"message":"Algo deu errado!"}"#),
            (Code::RouteNotFound, Method::GET, 404, "Rota não encontrada."),
            (Code::PlanForbidsMedia, Method::GET, 403, r#"{"message":"detalhe"}"#),
        ] {
            let shown = written(code, method).await;
            assert_eq!(shown, (status, body.to_owned(), code.as_str().to_owned()));
        }
    }

    #[tokio::test]
    async fn no_code_tells_its_cause() {
        for code in Code::ALL {
            let (_, body, header) = written(*code, Method::GET).await;
            assert!(!body.contains("secret"));
            assert_eq!(header, code.as_str());
        }
    }
}
