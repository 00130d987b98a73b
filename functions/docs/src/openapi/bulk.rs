//! `/v2/sends/bulk`.

use super::operation::Operation;
use super::schemas::{list, nullable_text, object, partly, reference, text};
use axum::http::Method;
use carteiro_core::bulk::MAX_RECIPIENTS;
use carteiro_core::error::Code;
use carteiro_core::send::Status;
use carteiro_core::usecase::{DEFAULT_BULK_LIST, DEFAULT_BULK_PAGE, MAX_BULK_LIST, MAX_BULK_PAGE};
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let id = |operation: Operation| {
        let schema = json!({ "type": "string", "format": "uuid" });
        operation.in_path("operation_id", schema, "O operation_id da resposta do envio em massa.")
    };
    let wish = |path, summary, says, status| {
        id(Operation::new(Method::POST, path, summary))
            .says(says)
            .answers(status, "A operação.", details())
            .fails([Code::BulkNotFound, Code::BulkIsOver])
    };
    vec![
        Operation::new(Method::POST, "/v2/sends/bulk", "Envia um texto a muitos")
            .says("Um texto, com variáveis como `{{nome}}`, a até 10.000 destinatários. Tudo é conferido antes: se houver destinatários inválidos, nada é enviado, e `errors` diz quais são, pelo índice na lista. Um corpo pode ter até 4,5 MB. Os envios são feitos aos poucos, na fila por vez só os que o número envia em cerca de 20 segundos, para que a campanha não segure os demais envios do número. `send_at` agenda o início; depois de `expires_at` nada mais é enviado.")
            .required_header(
                "Idempotency-Key",
                json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }),
                "Obrigatória. A mesma chave com o mesmo corpo, em 24 horas, responde com a mesma operação e não envia de novo.",
            )
            .body(body())
            .answers(202, "Aceita.", details())
            .fails([
                Code::InvalidPhone,
                Code::InvalidMediaType,
                Code::InvalidContent,
                Code::InvalidRecipients,
                Code::TooManyRecipients,
                Code::InvalidSendAt,
                Code::InvalidExpiresAt,
                Code::NotYourWorker,
                Code::PlanForbidsMedia,
                Code::InvalidIdempotencyKey,
                Code::IdempotencyMismatch,
            ]),
        Operation::new(Method::GET, "/v2/sends/bulk", "Lista os envios em massa")
            .says("Os mais recentes primeiro, com `counts` nulo. Um que acabou de ser aceito pode faltar por um instante.")
            .query("cursor", false, json!({ "type": "string" }), "O next_cursor da página anterior.")
            .page_limit(DEFAULT_BULK_LIST, MAX_BULK_LIST, "Quantos por página.")
            .answers_with(
                200,
                "As operações.",
                json!({ "description": list(details()), "next_cursor": nullable_text() }),
            )
            .fails([Code::InvalidCursor]),
        id(Operation::new(Method::GET, "/v2/sends/bulk/{operation_id}", "Consulta um envio em massa"))
            .says("`counts` diz quantos destinatários estão em cada status, com alguns segundos de atraso.")
            .answers(200, "A operação.", details())
            .fails([Code::BulkNotFound]),
        id(Operation::new(Method::GET, "/v2/sends/bulk/{operation_id}/sends", "Lista os envios de um envio em massa"))
            .says("Na ordem dos destinatários. `index` é o lugar na lista; o que ainda não é um envio está `pendente`.")
            .query("cursor", false, text("100"), "O next_cursor da página anterior.")
            .page_limit(DEFAULT_BULK_PAGE, MAX_BULK_PAGE, "Quantos por página.")
            .answers_with(
                200,
                "Os envios.",
                json!({ "description": list(json!({ "oneOf": [row_made(), row_unmade()] })), "next_cursor": nullable_text() }),
            )
            .fails([Code::BulkNotFound, Code::InvalidCursor]),
        wish(
            "/v2/sends/bulk/{operation_id}/pause",
            "Pausa um envio em massa",
            "Nenhum envio novo é feito até que seja retomado. O que já está na fila do número, o que ele envia em cerca de 20 segundos, ainda sai.",
            200,
        ),
        wish("/v2/sends/bulk/{operation_id}/resume", "Retoma um envio em massa", "", 200),
        wish(
            "/v2/sends/bulk/{operation_id}/cancel",
            "Cancela um envio em massa",
            "O que ainda não saiu não sairá: nenhum envio novo é feito, e os que estão na fila são cancelados em seguida.",
            202,
        ),
    ]
}

fn body() -> Value {
    let recipient = partly(
        &["to_number"],
        json!({
            "to_number": reference("Telefone"),
            "variables": {
                "type": "object", "examples": [{ "nome": "Ana" }],
                "description": "O valor de cada variável do texto. As que o texto não usa são ignoradas.",
            },
        }),
    );
    partly(
        &["from_number", "media_type", "content", "recipients"],
        json!({
            "from_number": reference("Telefone"),
            "media_type": { "const": "text" },
            "content": {
                "allOf": [reference("Texto")], "examples": ["Olá, {{nome}}!"],
                "description": "O texto, com até 100 variáveis. O nome de uma variável tem letras, dígitos, `_`, `-` ou pontos.",
            },
            "recipients": { "type": "array", "items": recipient, "minItems": 1, "maxItems": MAX_RECIPIENTS },
            "send_at": reference("Instante"),
            "expires_at": reference("Instante"),
        }),
    )
}

fn details() -> Value {
    let counted = Status::ALL.iter().map(|status| status.as_str()).chain(["pendente"]);
    let counts = counted.map(|name| (name.to_owned(), json!({ "type": "integer" }))).collect();
    let mut counts = object(Value::Object(counts));
    counts["type"] = json!(["object", "null"]);
    object(json!({
        "operation_id": { "type": "string", "format": "uuid" },
        "status": { "enum": ["na fila", "processando", "pausado", "cancelando", "cancelado", "pronto", "falha"] },
        "waiting": { "enum": ["SCHEDULED", "PLAN_SENDS_LIMIT", "BACKLOG_FULL", null] },
        "error_code": nullable_text(),
        "reason": nullable_text(),
        "from_number": reference("Digitos"),
        "total": { "type": "integer" },
        "made": { "type": "integer", "description": "Quantos destinatários já têm um envio." },
        "counts": counts,
        "date_time_queue": reference("DataHora"),
        "date_time_begin": reference("DataHora"),
        "date_time_expires": reference("DataHora"),
        "date_time_end": { "oneOf": [reference("DataHora"), { "type": "null" }] },
        "status_url": text("/v2/sends/bulk/8b0f6a1e-52c4-4d7f-9a3b-61c0d2e4f597"),
    }))
}

fn row_made() -> Value {
    json!({ "allOf": [reference("Envio"), object(json!({ "index": { "type": "integer" } }))] })
}

fn row_unmade() -> Value {
    let mut row = object(json!({
        "index": { "type": "integer" },
        "status": { "enum": ["pendente", "cancelado", "falha"] },
        "error_code": nullable_text(),
    }));
    row["additionalProperties"] = json!(false);
    row
}
