//! `/v2/tokens`.

use super::operation::Operation;
use super::schemas::{list, nullable, nullable_text, object, partly, reference, text};
use axum::http::Method;
use carteiro_core::error::Code;
use carteiro_core::scope::Scope;
use carteiro_core::usecase::{MAX_LIFE_DAYS, MAX_OVERLAP};
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/v2/tokens", "Lista os tokens")
            .says("O token em si só aparece quando é criado; aqui, o seu começo.")
            .answers(200, "Os tokens.", list(object(key()))),
        Operation::new(Method::POST, "/v2/tokens", "Cria um token")
            .says("Um token não pode mais, nem por mais tempo, do que a credencial que o cria. São no máximo 20 por conta.")
            .body(partly(
                &[],
                json!({
                    "name": { "type": "string", "minLength": 1, "maxLength": 60, "examples": ["relatórios"] },
                    "scopes": scopes(),
                    "expires_in_days": { "type": "integer", "minimum": 1, "maximum": MAX_LIFE_DAYS },
                    "expires_at": reference("Instante"),
                }),
            ))
            .answers(201, "Criado. O token só aparece nesta resposta.", object(made()))
            .fails([Code::InvalidScope, Code::TooManyTokens]),
        Operation::new(Method::POST, "/v2/tokens/{token_id}/rotate", "Troca um token por outro")
            .says("O anterior continua válido por um tempo, para a troca nos sistemas que o usam.")
            .in_path("token_id", id(), "O token_id da lista.")
            .body(partly(
                &[],
                json!({ "overlap_seconds": {
                    "type": "integer", "minimum": 0, "maximum": MAX_OVERLAP.as_secs(), "default": 86_400,
                    "description": "Por quantos segundos o anterior continua válido.",
                } }),
            ))
            .answers(201, "Trocado. O token só aparece nesta resposta.", object(rotated()))
            .fails([Code::TokenNotFound, Code::TooManyTokens]),
        Operation::new(Method::DELETE, "/v2/tokens/{token_id}", "Revoga um token")
            .says("Deixa de valer em menos de um minuto.")
            .in_path("token_id", id(), "O token_id da lista.")
            .answers_with(200, "Revogado.", json!({}))
            .fails([Code::TokenNotFound]),
    ]
}

fn id() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn scopes() -> Value {
    let names: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    json!({ "type": "array", "minItems": 1, "items": { "enum": names } })
}

fn key() -> Value {
    json!({
        "token_id": id(),
        "name": nullable_text(),
        "prefix": text("cart_1a2b3c4d"),
        "scopes": scopes(),
        "created_at": reference("Instante"),
        "expires_at": nullable(reference("Instante")),
    })
}

fn made() -> Value {
    let mut all = key();
    all["token"] = json!({ "type": "string" });
    all
}

fn rotated() -> Value {
    let mut all = made();
    all["replaces"] = id();
    all["old_expires_at"] = nullable(reference("Instante"));
    all
}
