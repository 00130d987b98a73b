//! The schemas and headers that operations share.

use carteiro_core::media::{Caption, MediaType, MediaUrl};
use carteiro_core::number::LinkState;
use carteiro_core::send::{Status, Text, Waiting};
use serde_json::{Value, json};

pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A text, with an example.
pub(crate) fn text(example: &str) -> Value {
    json!({ "type": "string", "examples": [example] })
}

pub(crate) fn nullable_text() -> Value {
    json!({ "type": ["string", "null"] })
}

/// A list of one schema.
pub(crate) fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// An object whose every property is there.
pub(crate) fn object(properties: Value) -> Value {
    let required: Vec<String> =
        properties.as_object().into_iter().flat_map(|all| all.keys().cloned()).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// An object of which only some properties must be there.
pub(crate) fn partly(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

pub(crate) fn all() -> Value {
    let media_types: Vec<&str> = MediaType::ALL.iter().map(|media| media.as_str()).collect();
    let states: Vec<&str> = LinkState::ALL.iter().map(|state| state.as_str()).collect();
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
    json!({
        "Erro": {
            "type": "object",
            "required": ["success", "message", "description", "code", "request_id"],
            "properties": {
                "success": { "const": false },
                "message": { "type": "string", "description": "O que aconteceu." },
                "description": { "type": "string", "description": "O que há de particular neste caso, e o que fazer." },
                "code": { "type": "string", "description": "Código estável, para programas." },
                "request_id": { "type": "string", "description": "Para informar ao suporte." },
                "errors": {
                    "description": "O que há em cada item inválido de uma lista, quando é esse o erro.",
                    "type": "array",
                    "items": object(json!({
                        "index": { "type": "integer", "description": "O lugar na lista, a partir de 0." },
                        "code": { "type": "string" },
                        "description": { "type": "string" },
                    })),
                },
            },
        },
        "Telefone": {
            "type": "string", "examples": ["5511999999999"],
            "description": "De 10 a 15 dígitos, com código do país. `+`, espaços, hífens, parênteses e os sufixos `@c.us` e `@s.whatsapp.net` são aceitos.",
        },
        "Digitos": { "type": "string", "pattern": "^\\d{10,15}$", "examples": ["5511999999999"] },
        "Destino": {
            "type": "string", "pattern": "^(\\d{10,15}|[\\d-]{1,64}@(g\\.us|lid))$", "examples": ["5511999999999", "120363000000000001@g.us"],
            "description": "Um número; para grupos, e pessoas sem número conhecido, o endereço no WhatsApp.",
        },
        "DataHora": {
            "type": "string", "pattern": "^\\d{2}/\\d{2}/\\d{4}, \\d{2}:\\d{2}:\\d{2}$", "examples": ["01/01/2026, 10:30:00"],
            "description": "`DD/MM/AAAA, HH:MM:SS`, no fuso horário da conta.",
        },
        "Instante": { "type": "string", "format": "date-time", "examples": ["2026-01-01T13:30:00Z"] },
        "EnviarEm": {
            "type": "string", "format": "date-time", "examples": ["2026-12-31T09:00:00-03:00"],
            "description": "Quando enviar, no máximo 90 dias à frente. Sem ele, ou se acabou de passar, agora.",
        },
        "EnviarAte": {
            "type": "string", "format": "date-time", "examples": ["2026-12-31T18:00:00-03:00"],
            "description": "Até quando enviar, no máximo 7 dias depois do momento do envio. Sem ele, um dia depois.",
        },
        "TipoDeMidia": { "enum": media_types },
        "Estado": { "enum": states, "description": "Mais fino que `status`." },
        "Status": { "enum": statuses },
        "Texto": { "type": "string", "minLength": 1, "maxLength": Text::MAX_CHARS },
        // What a gateway lets through in an address.
        "TextoNaUrl": { "type": "string", "minLength": 1, "maxLength": 4_000 },
        "Legenda": { "type": "string", "maxLength": Caption::MAX_CHARS },
        "EnderecoDeMidia": { "type": "string", "format": "uri", "maxLength": MediaUrl::MAX_CHARS, "examples": ["https://exemplo.com/imagem.jpg"] },
        "Numeros": object(json!({ "workers": list(reference("Digitos")), "admins": list(reference("Digitos")) })),
        "Envio": object(envio()),
        "DetalhesDoEnvio": {
            "allOf": [
                reference("Envio"),
                object(json!({
                    "resolved_to": nullable_text(),
                    "date_time_processing": nullable(reference("DataHora")),
                })),
            ],
        },
    })
}

fn envio() -> Value {
    let mut waiting: Vec<Value> = Waiting::ALL.iter().map(|why| json!(why.as_str())).collect();
    waiting.push(Value::Null);
    json!({
        "send_id": { "type": "string", "format": "uuid" },
        "from_number": reference("Digitos"),
        "to_number": reference("Destino"),
        "message": { "type": "string", "description": "O texto; de um arquivo, a legenda ou o nome." },
        "message_type": reference("TipoDeMidia"),
        "status": reference("Status"),
        "error_code": { "type": ["string", "null"], "examples": ["NOT_ON_WHATSAPP"] },
        "reason": nullable_text(),
        "waiting": { "enum": waiting, "description": "Por que espera, enquanto está na fila." },
        "date_time_queue": reference("DataHora"),
        "date_time_send": nullable(reference("DataHora")),
        "date_time_delivered": nullable(reference("DataHora")),
        "date_time_read": nullable(reference("DataHora")),
        "date_time_scheduled": nullable(reference("DataHora")),
        "date_time_expires": reference("DataHora"),
    })
}

/// That schema, or null.
pub(crate) fn nullable(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

pub(crate) fn headers() -> Value {
    let count = |description: &str| json!({ "description": description, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "X-Request-Id": { "description": "O mesmo `request_id` dos erros.", "schema": { "type": "string" } },
        "RateLimit-Limit": count("Quantas requisições podem vir de uma vez."),
        "RateLimit-Remaining": count("Quantas ainda podem vir agora."),
        "RateLimit-Reset": count("Em quantos segundos o limite está inteiro de novo."),
        "X-Error-Code": { "description": "O código do erro, nas rotas da V1.", "schema": { "type": "string" } },
        "X-Next-Cursor": { "description": "Onde a lista continua.", "schema": { "type": "string" } },
        "Retry-After": count("Em quantos segundos tentar de novo."),
    })
}
