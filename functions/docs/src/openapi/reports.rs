//! `/v2/reports`.

use super::operation::Operation;
use super::schemas::reference;
use super::sends::items;
use axum::http::Method;
use carteiro_core::error::Code;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/v2/reports/sends", "Relatório de envios")
            .says("Do mais antigo ao mais novo. Datas: `DD/MM/AAAA`, `DD/MM/AAAA HH:MM:SS` ou `AAAA-MM-DD`; sem hora, o dia inteiro no fuso horário da conta.")
            .query("from_number", true, reference("Telefone"), "O número de origem.")
            .query("init_time", false, json!({ "type": "string", "examples": ["01/01/2026"] }), "Data inicial.")
            .query("end_time", false, json!({ "type": "string", "examples": ["31/01/2026"] }), "Data final.")
            .query("limit", false, json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 100 }), "Envios por página.")
            .query("cursor", false, json!({ "type": "string" }), "O `next_cursor` da página anterior, com os mesmos filtros.")
            .answers_with(
                200,
                "Uma página.",
                json!({ "description": items(), "next_cursor": { "type": ["string", "null"] } }),
            )
            .fails([Code::InvalidPhone, Code::InvalidDate, Code::InvalidPeriod, Code::InvalidCursor, Code::NotYourWorker]),
    ]
}
