//! The failures of an operation, from the catalogue of codes.

use carteiro_core::error::Code;
use carteiro_http::status_of;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The response of each status that one of these codes has. Its schema names the codes, so that an answer with another one
/// does not match.
pub(crate) fn responses(codes: Vec<Code>) -> Map<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(status_of(code).as_u16()).or_default().push(code);
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), response(status, &codes))).collect()
}

fn response(status: u16, codes: &[Code]) -> Value {
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let lines: Vec<String> =
        codes.iter().map(|code| format!("`{code}`: {} {}", code.message(), code.remedy())).collect();
    let mut headers = headers();
    if status == 429 {
        headers["Retry-After"] = json!({ "$ref": "#/components/headers/Retry-After" });
    }
    json!({
        "description": lines.join("\n\n"),
        "headers": headers,
        "content": { "application/json": { "schema": {
            "allOf": [
                { "$ref": "#/components/schemas/Erro" },
                { "type": "object", "properties": { "code": { "enum": names } } },
            ],
        } } },
    })
}

/// The headers of every answer.
pub(crate) fn headers() -> Value {
    json!({
        "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" },
        "RateLimit-Limit": { "$ref": "#/components/headers/RateLimit-Limit" },
        "RateLimit-Remaining": { "$ref": "#/components/headers/RateLimit-Remaining" },
        "RateLimit-Reset": { "$ref": "#/components/headers/RateLimit-Reset" },
    })
}
