//! `/v2/privacy`.

use super::operation::Operation;
use super::schemas::{nullable_text, object, partly, text};
use axum::http::Method;
use carteiro_core::error::Code;
use carteiro_core::retention::RetentionDays;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/v2/privacy/export", "Exporta dados pessoais")
            .says("Grava em um arquivo tudo o que a conta guarda da pessoa com este número: envios, conversas, mensagens, contato, eventos de webhook. Sem `number`, tudo o que é da própria conta. O arquivo tem um objeto JSON por linha, e fica disponível por sete dias.")
            .query("number", false, text("5511988887777"), "O número da pessoa.")
            .answers(202, "Iniciada. Pergunte em `status_url`.", details())
            .fails([Code::InvalidPhone]),
        Operation::new(Method::POST, "/v2/privacy/erase", "Apaga dados pessoais")
            .says("Com `number`, apaga tudo o que a conta guarda dessa pessoa. Com `all: true`, `login` e `password`, remove a conta, como `POST /v2/users/remove`, e apaga tudo o que era dela. Quando `status` é `pronto`, o que existia no início não existe mais. Veja em docs/explanation/privacy.md o que fica, e por quê.")
            .body(partly(
                &[],
                json!({
                    "number": text("5511988887777"),
                    "all": { "type": "boolean", "default": false },
                    "login": text("usuario"),
                    "password": text("senha-segura-1"),
                }),
            ))
            .answers(202, "Iniciada. Pergunte em `status_url`, a menos que a conta tenha sido removida.", details())
            .fails([Code::InvalidPhone, Code::OwnNumber, Code::RemovalRefused, Code::NumbersChanged]),
        Operation::new(Method::GET, "/v2/privacy/operations/{operation_id}", "Consulta uma exportação ou exclusão")
            .in_path("operation_id", json!({ "type": "string", "format": "uuid" }), "O operation_id da resposta.")
            .says("`records` conta os registros por tipo. Uma exportação pronta tem em `url` o endereço do arquivo, válido por 15 minutos.")
            .answers(200, "A operação.", details())
            .fails([Code::PrivacyNotFound]),
        Operation::new(Method::GET, "/v2/privacy/retention", "Consulta por quanto tempo os dados são guardados")
            .answers(200, "A retenção.", retention()),
        Operation::new(Method::PUT, "/v2/privacy/retention", "Escolhe por quanto tempo os dados são guardados")
            .says("Vale para envios e mensagens a partir de agora, em até cinco minutos; o que já está guardado fica até o fim que tinha. No máximo os dias do plano.")
            .body(partly(&["days"], json!({ "days": days() })))
            .answers(200, "A retenção, como ficou.", retention()),
    ]
}

fn days() -> Value {
    json!({ "type": "integer", "minimum": RetentionDays::MIN.days(), "maximum": RetentionDays::MAX.days() })
}

fn retention() -> Value {
    object(json!({
        "days": days(),
        "file_days": { "type": "integer", "description": "Cópias de arquivos recebidos." },
        "least_days": days(),
        "most_days": days(),
    }))
}

/// The body that says whose erasure is asked for.
pub(super) fn whom() -> Value {
    json!({ "number": text("5511988887777"), "all": { "type": "boolean", "default": false } })
}

/// An operation.
pub(super) fn details() -> Value {
    object(json!({
        "operation_id": { "type": "string", "format": "uuid" },
        "kind": { "enum": ["export", "erase"] },
        "number": { "type": ["string", "null"], "description": "O número da pessoa, mascarado; nulo para a conta." },
        "status": { "enum": ["na fila", "processando", "pronto", "falha"] },
        "records": { "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } },
        "error_code": nullable_text(),
        "reason": nullable_text(),
        "created_at": { "type": "string", "format": "date-time" },
        "ended_at": { "type": ["string", "null"], "format": "date-time" },
        "expires_at": { "type": ["string", "null"], "format": "date-time" },
        "status_url": { "type": "string" },
        "url": nullable_text(),
    }))
}
