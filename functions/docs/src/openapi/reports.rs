//! `/v2/reports`.

use super::operation::Operation;
use super::schemas::{list, nullable_text, object, partly, reference};
use super::sends::items;
use axum::http::Method;
use carteiro_core::error::Code;
use carteiro_core::send::Status;
use carteiro_core::usecase::ReportRequest;
use serde_json::{Map, Value, json};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/v2/reports/sends", "Relatório de envios")
            .says("Do mais antigo ao mais novo. Datas: `DD/MM/AAAA`, `DD/MM/AAAA HH:MM:SS` ou `AAAA-MM-DD`; sem hora, o dia inteiro no fuso horário da conta. Em páginas (`json`), como arquivo (`format=csv`) ou contado por status e por dia (`summary=true`). Um arquivo ou resumo grande demais para uma resposta é gerado em segundo plano: 202, com o `status_url` a consultar. O mesmo pedido, repetido em dez minutos, é o mesmo relatório.\n\nO CSV abre no Excel em português com um duplo clique: UTF-8 com BOM, colunas separadas por `;` (ou por `,` com `separator=comma`), linhas em CRLF e aspas como na RFC 4180. Um texto que começa com `=`, `+`, `-` ou `@` vem com um apóstrofo antes, para que a planilha não o execute; o texto exato está no `json`. Até 5.000 envios e 4 MB vêm na hora.\n\nO resumo lê cada envio do período (meia unidade de leitura do DynamoDB por envio); até 50.000 vêm na hora.")
            .query("from_number", true, reference("Telefone"), "O número de origem.")
            .query("init_time", false, json!({ "type": "string", "examples": ["01/01/2026"] }), "Data inicial.")
            .query("end_time", false, json!({ "type": "string", "examples": ["31/01/2026"] }), "Data final.")
            .page_limit(ReportRequest::DEFAULT_LIMIT, ReportRequest::MAX_LIMIT, "Envios por página, no máximo; só em `json`.")
            .query("cursor", false, json!({ "type": "string" }), "O `next_cursor` da página anterior, com os mesmos filtros; só em `json`.")
            .query("format", false, json!({ "enum": ["json", "csv"], "default": "json" }), "O formato.")
            .query("separator", false, json!({ "enum": ["semicolon", "comma"], "default": "semicolon" }), "O separador das colunas, só com `format=csv`.")
            .query("summary", false, json!({ "enum": ["true", "false"], "default": "false" }), "Contar, em vez de listar.")
            .answers_with(
                200,
                "Uma página, um resumo ou o arquivo.",
                json!({
                    "description": { "anyOf": [items(), summary()] },
                }),
            )
            .answers_as(200, "", "text/csv", json!({ "type": "string" }))
            .answers(202, "Em segundo plano.", object(export()))
            .fails([Code::InvalidPhone, Code::InvalidDate, Code::InvalidPeriod, Code::InvalidCursor]),
        Operation::new(Method::GET, "/v2/reports/exports/{export_id}", "Consulta um relatório em segundo plano")
            .says("Quando `status` é `pronto`, `url` é um endereço privado que vale por quinze minutos. O arquivo é guardado por sete dias.")
            .in_path("export_id", json!({ "type": "string", "format": "uuid" }), "O export_id da resposta.")
            .answers(200, "O relatório.", object(export()))
            .fails([Code::ExportNotFound]),
    ]
}

fn export() -> Value {
    json!({
        "export_id": { "type": "string", "format": "uuid" },
        "status": { "enum": ["na fila", "processando", "pronto", "falha"] },
        "format": { "enum": ["csv", "json"] },
        "from_number": reference("Digitos"),
        "rows": { "type": "integer", "minimum": 0 },
        "error_code": nullable_text(),
        "reason": nullable_text(),
        "date_time_queue": reference("DataHora"),
        "date_time_expires": reference("DataHora"),
        "status_url": { "type": "string" },
        "url": nullable_text(),
    })
}

fn summary() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    let by_status: Map<String, Value> =
        Status::ALL.iter().map(|status| (status.as_str().to_owned(), count.clone())).collect();
    let by_status = object(Value::Object(by_status));
    let day = object(json!({
        "date": { "type": "string", "pattern": "^\\d{2}/\\d{2}/\\d{4}$" },
        "total": count,
        "by_status": by_status,
    }));
    partly(
        &["from_number", "init_time", "end_time", "total", "by_status", "by_day"],
        json!({
            "from_number": reference("Digitos"),
            "init_time": reference("DataHora"),
            "end_time": reference("DataHora"),
            "total": count,
            "by_status": by_status,
            "by_day": list(day),
        }),
    )
}
