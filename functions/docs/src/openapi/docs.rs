//! The document and its page themselves.

use super::operation::Operation;
use axum::http::Method;
use carteiro_core::error::Code;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/openapi.json", "Este documento").answers_as(
            200,
            "OpenAPI 3.1.",
            "application/json",
            json!({ "type": "object" }),
        ),
        Operation::new(Method::GET, "/docs", "A documentação como página").answers_as(
            200,
            "HTML.",
            "text/html",
            json!({ "type": "string" }),
        ),
        Operation::new(Method::GET, "/docs/{file}", "O que a página carrega")
            .in_path("file", json!({ "type": "string" }), "Nome do arquivo.")
            .answers_as(200, "O arquivo.", "*/*", json!({}))
            .fails([Code::RouteNotFound]),
    ]
}
