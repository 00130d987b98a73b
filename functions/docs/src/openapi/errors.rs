//! The failures of an operation, from the catalogue of codes.

use carteiro_core::error::Code;
use carteiro_http::{status_of, v1_status_of};
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

/// The same of V1's shapes: the codes stand in a header. A session that is not connected is among the successes.
pub(crate) fn responses_of_v1(codes: Vec<Code>) -> Map<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(v1_status_of(code).as_u16()).or_default().push(code);
    }
    let responses = by_status.into_iter().map(|(status, codes)| {
        let lines: Vec<String> = codes.iter().map(|code| format!("`{code}`: {}", code.message())).collect();
        let mut headers = headers();
        headers["X-Error-Code"] = json!({ "$ref": "#/components/headers/X-Error-Code" });
        if status == 429 {
            headers["Retry-After"] = json!({ "$ref": "#/components/headers/Retry-After" });
        }
        let shape = json!({ "type": "object", "required": ["message"], "properties": { "message": { "type": "string" } } });
        let mut content = json!({});
        if codes.iter().any(|code| *code != Code::RouteNotFound) {
            content["application/json"] = json!({ "schema": shape });
        }
        if codes.contains(&Code::RouteNotFound) {
            content["text/plain"] = json!({ "schema": { "type": "string" } });
        }
        let response = json!({ "description": lines.join("\n\n"), "headers": headers, "content": content });
        (status.to_string(), response)
    });
    responses.collect()
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
