//! `/v2/operator`.

use super::operation::Operation;
use super::privacy::{details, whom};
use super::schemas::{list, nullable, nullable_text, object, partly, reference, text};
use axum::http::Method;
use carteiro_core::audit::AuditAction;
use carteiro_core::error::Code;
use carteiro_core::ports::{MAX_AUDIT_PAGE, MAX_USER_PAGE};
use carteiro_core::usecase::{DEFAULT_AUDIT_PAGE, DEFAULT_USER_PAGE, MAX_USAGE_DAYS};
use serde_json::{Value, json};

const ONE: &str = "/v2/operator/users/{user_id}";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/v2/operator/plans", "Lista os planos")
            .says("Como estão na configuração desta instalação.")
            .answers(200, "Os planos.", list(object(plan()))),
        Operation::new(Method::GET, "/v2/operator/users", "Lista os usuários")
            .page_limit(DEFAULT_USER_PAGE, MAX_USER_PAGE, "Usuários por página.")
            .query("cursor", false, json!({ "type": "string" }), "O `next_cursor` da página anterior.")
            .answers(
                200,
                "Uma página.",
                object(json!({ "users": list(object(user())), "next_cursor": nullable_text() })),
            )
            .fails([Code::InvalidCursor]),
        with_id(Operation::new(Method::GET, ONE, "Consulta um usuário")).answers(200, "O usuário.", object(user())),
        with_id(Operation::new(Method::PUT, ONE, "Altera um usuário"))
            .says("Um plano novo vale em menos de um minuto. Números além do limite de um plano menor continuam; novos não são aceitos.")
            .body(change())
            .answers(200, "O usuário, como ficou.", object(user()))
            .fails([Code::UnknownPlan, Code::InvalidTimeZone]),
        with_id(Operation::new(Method::GET, "/v2/operator/users/{user_id}/numbers", "Lista os números de um usuário"))
            .answers(200, "Os números.", object(numbers())),
        with_id(Operation::new(Method::GET, "/v2/operator/users/{user_id}/usage", "Consulta o uso de um usuário"))
            .says("Os envios de cada dia, no fuso horário da conta; sem datas, os últimos trinta.")
            .query("from", false, json!({ "type": "string", "examples": ["01/01/2026"] }), "Primeiro dia.")
            .query("to", false, json!({ "type": "string", "examples": ["31/01/2026"] }), "Último dia.")
            .answers(200, "O uso.", object(usage()))
            .fails([Code::InvalidDate, Code::InvalidPeriod]),
        with_id(Operation::new(Method::GET, "/v2/operator/users/{user_id}/privacy/export", "Exporta dados pessoais de um usuário"))
            .says("Como `GET /v2/privacy/export`, para quem o pediu ao operador.")
            .query("number", false, text("5511988887777"), "O número da pessoa; sem ele, tudo o que é da conta.")
            .answers(202, "Iniciada. Pergunte em `status_url`.", details())
            .fails([Code::InvalidPhone]),
        with_id(Operation::new(Method::POST, "/v2/operator/users/{user_id}/privacy/erase", "Apaga dados pessoais de um usuário"))
            .says("Como `POST /v2/privacy/erase`. Com `all: true`, remove a conta e apaga tudo o que era dela, sem pedir a senha.")
            .body(partly(&[], whom()))
            .answers(202, "Iniciada. Pergunte em `status_url`.", details())
            .fails([Code::InvalidPhone, Code::OwnNumber, Code::NumbersChanged]),
        Operation::new(Method::GET, "/v2/operator/privacy/operations/{operation_id}", "Consulta uma exportação ou exclusão de qualquer usuário")
            .in_path("operation_id", json!({ "type": "string", "format": "uuid" }), "O operation_id da resposta.")
            .says("Também quando a conta já foi apagada.")
            .answers(200, "A operação.", details())
            .fails([Code::PrivacyNotFound]),
        Operation::new(Method::GET, "/v2/operator/audit", "Lista as ações do operador")
            .says("As mais recentes primeiro. Cada ação é gravada antes de ser feita, fica por cinco anos e não é alterada.")
            .page_limit(DEFAULT_AUDIT_PAGE, MAX_AUDIT_PAGE, "Ações por página.")
            .query("cursor", false, json!({ "type": "string" }), "O `next_cursor` da página anterior.")
            .answers(
                200,
                "Uma página.",
                object(json!({ "entries": list(object(entry())), "next_cursor": nullable_text() })),
            )
            .fails([Code::InvalidCursor]),
    ]
}

fn with_id(operation: Operation) -> Operation {
    let id = json!({ "type": "string", "format": "uuid" });
    operation.in_path("user_id", id, "O user_id da lista.").fails([Code::UserNotFound])
}

fn limits() -> Value {
    json!({
        "media_types": list(reference("TipoDeMidia")),
        "workers": { "type": "integer" },
        "sends_per_day": { "type": ["integer", "null"], "description": "Nulo quando não há limite." },
        "rates": {
            "type": "object",
            "additionalProperties": object(json!({ "per_minute": { "type": "integer" }, "burst": { "type": "integer" } })),
        },
        "retention_days": { "type": "integer" },
    })
}

fn plan() -> Value {
    let mut all = limits();
    all["name"] = text("premium");
    all["default"] = json!({ "type": "boolean", "description": "O plano de quem se registra sozinho." });
    all
}

fn user() -> Value {
    json!({
        "user_id": { "type": "string", "format": "uuid" },
        "login": nullable_text(),
        "email": nullable_text(),
        "email_returned": {
            "type": ["object", "null"],
            "description": "Por que e quando o e-mail com um código voltou de vez; null se não voltou, ou se um código por e-mail foi usado depois.",
            "required": ["reason", "at"],
            "properties": { "reason": { "enum": ["bounce", "complaint"] }, "at": reference("Instante") },
        },
        "number": nullable(reference("Digitos")),
        "plan": text("premium"),
        "time_zone": text("America/Sao_Paulo"),
        "retention_days": { "type": "integer" },
        "created_at": reference("Instante"),
    })
}

fn entry() -> Value {
    json!({
        "entry_id": { "type": "string", "format": "uuid" },
        "at": reference("Instante"),
        "who": { "const": "operator" },
        "what": { "enum": AuditAction::ALL.map(AuditAction::as_str) },
        "user_id": { "type": "string", "format": "uuid" },
        "to": text("plan=premium"),
    })
}

fn change() -> Value {
    let mut body = partly(&[], json!({ "plan": text("premium"), "time_zone": text("America/Sao_Paulo") }));
    body["anyOf"] = json!([{ "required": ["plan"] }, { "required": ["time_zone"] }]);
    body
}

fn numbers() -> Value {
    let worker = object(json!({
        "number": reference("Digitos"),
        "status": { "enum": ["conectado", "desconectado"] },
        "state": reference("Estado"),
        "since": nullable(reference("Instante")),
        "reason": nullable_text(),
        "reason_code": nullable_text(),
    }));
    json!({
        "workers": list(worker),
        "admins": list(object(json!({ "number": reference("Digitos") }))),
    })
}

fn usage() -> Value {
    json!({
        "user_id": { "type": "string", "format": "uuid" },
        "plan": text("premium"),
        "time_zone": text("America/Sao_Paulo"),
        "sends": { "type": "integer", "minimum": 0 },
        "days": {
            "type": "array",
            "maxItems": MAX_USAGE_DAYS,
            "items": object(json!({
                "date": { "type": "string", "format": "date" },
                "sends": { "type": "integer", "minimum": 0 },
            })),
        },
        "workers": { "type": "integer", "minimum": 0 },
        "limits": nullable(object(limits())),
    })
}
