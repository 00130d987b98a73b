//! `/v2/sends` and the routes for files.

use super::operation::Operation;
use super::schemas::{list, object, partly, reference, text};
use axum::http::Method;
use carteiro_core::error::Code;
use serde_json::{Value, json};

const ACCEPT: [Code; 15] = [
    Code::InvalidPhone,
    Code::InvalidMediaType,
    Code::InvalidContent,
    Code::InvalidMediaUrl,
    Code::InvalidCaption,
    Code::UploadNotFound,
    Code::NotYourWorker,
    Code::PlanForbidsMedia,
    Code::PlanSendsLimit,
    Code::BacklogFull,
    Code::InvalidSendAt,
    Code::InvalidExpiresAt,
    Code::InvalidIdempotencyKey,
    Code::IdempotencyMismatch,
    Code::InvalidFile,
];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        with_key(Operation::new(Method::POST, "/v2/sends", "Envia texto ou mídia"))
            .says("Responde assim que o envio está guardado e na fila. Um arquivo vem de `media_url`, buscado por nós, ou de `upload_id`; se não puder ser buscado, o envio termina em `falha`, com o motivo. Com `send_at`, o envio espera pelo seu horário e pode ser cancelado até lá. O que não puder sair até `expires_at` termina em `falha`.")
            .body(send())
            .answers(201, "Na fila.", accepted())
            .fails(ACCEPT),
        with_key(Operation::new(Method::POST, "/v2/upload/sends", "Envia um arquivo"))
            .says("Pelo gateway passam arquivos de até cerca de 4,5 MB; para maiores, use `POST /v2/uploads`.")
            .body_as("multipart/form-data", upload())
            .answers(201, "Na fila.", accepted())
            .fails(ACCEPT),
        with_key(Operation::new(Method::POST, "/v1/send/{media_type}", "Envia, como na primeira versão"))
            .says("Para clientes da primeira versão: o texto vem em `message`, o resto é como em `POST /v2/sends`. O token vem em `api-token`.")
            .in_path("media_type", reference("TipoDeMidia"), "O tipo de mídia.")
            .body(partly(
                &["from_number", "to_number"],
                json!({
                    "from_number": reference("Telefone"),
                    "to_number": reference("Telefone"),
                    "message": reference("Texto"),
                    "media_url": reference("EnderecoDeMidia"),
                    "caption": reference("Legenda"),
                    "send_at": reference("EnviarEm"),
                    "expires_at": reference("EnviarAte"),
                }),
            ))
            .answers(201, "Na fila.", accepted())
            .fails(ACCEPT)
            .fails([Code::RouteNotFound]),
        Operation::new(Method::POST, "/v2/uploads", "Prepara o upload de um arquivo grande")
            .says("Responde um formulário com que o arquivo é enviado direto ao armazenamento privado, por `POST` em `url` com os campos de `fields` e o arquivo por último, em `file`. O `upload_id` vale então em `POST /v2/sends`.")
            .body(partly(
                &["media_type"],
                json!({
                    "media_type": { "enum": ["image", "audio", "document", "video"] },
                    "file_name": text("catálogo.pdf"),
                    "content_type": text("application/pdf"),
                }),
            ))
            .answers(
                201,
                "O formulário.",
                object(json!({
                    "upload_id": { "type": "string", "format": "uuid" },
                    "url": { "type": "string", "format": "uri" },
                    "fields": { "type": "object", "additionalProperties": { "type": "string" } },
                    "max_bytes": { "type": "integer" },
                    "expires_at": reference("Instante"),
                })),
            )
            .fails([Code::InvalidMediaType, Code::PlanForbidsMedia]),
        Operation::new(Method::GET, "/v2/sends/{send_id}", "Consulta um envio")
            .in_path("send_id", json!({ "type": "string", "format": "uuid" }), "O send_id da resposta do envio.")
            .answers(200, "O envio.", reference("DetalhesDoEnvio"))
            .fails([Code::SendNotFound]),
        Operation::new(Method::DELETE, "/v2/sends/{send_id}", "Cancela um envio")
            .says("Só enquanto está na fila. Um envio já cancelado é respondido da mesma forma.")
            .in_path("send_id", json!({ "type": "string", "format": "uuid" }), "O send_id da resposta do envio.")
            .answers(200, "Cancelado.", reference("DetalhesDoEnvio"))
            .fails([Code::SendNotFound, Code::SendNotCancellable]),
    ]
}

fn with_key(operation: Operation) -> Operation {
    operation.header(
        "Idempotency-Key",
        json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }),
        "A mesma chave com o mesmo corpo, em 24 horas, repete a primeira resposta e não envia de novo.",
    )
}

fn send() -> Value {
    let mut text = common("text");
    text["properties"]["content"] = reference("Texto");
    require(&mut text, "content");
    let mut file = common("file");
    file["properties"]["media_type"] = json!({ "enum": ["image", "audio", "document", "video"] });
    file["properties"]["media_url"] = reference("EnderecoDeMidia");
    file["properties"]["upload_id"] = json!({ "type": "string", "format": "uuid" });
    file["properties"]["caption"] = reference("Legenda");
    file["properties"]["file_name"] = json!({ "type": "string" });
    file["oneOf"] = json!([{ "required": ["media_url"] }, { "required": ["upload_id"] }]);
    json!({ "oneOf": [text, file] })
}

fn common(media_type: &str) -> Value {
    partly(
        &["from_number", "to_number", "media_type"],
        json!({
            "from_number": reference("Telefone"),
            "to_number": reference("Telefone"),
            "media_type": { "const": media_type },
            "send_at": reference("EnviarEm"),
            "expires_at": reference("EnviarAte"),
        }),
    )
}

fn require(schema: &mut Value, name: &str) {
    if let Some(required) = schema["required"].as_array_mut() {
        required.push(json!(name));
    }
}

fn upload() -> Value {
    partly(
        &["from_number", "to_number", "media_type", "file"],
        json!({
            "from_number": reference("Telefone"),
            "to_number": reference("Telefone"),
            "media_type": { "enum": ["image", "audio", "document", "video"] },
            "file": { "type": "string", "contentMediaType": "application/octet-stream" },
            "caption": reference("Legenda"),
            "send_at": reference("EnviarEm"),
            "expires_at": reference("EnviarAte"),
        }),
    )
}

fn accepted() -> Value {
    partly(
        &["send_id", "status", "from_number", "to_number", "media_type", "date_time_queue"],
        json!({
            "send_id": { "type": "string", "format": "uuid" },
            "status": { "const": "na fila" },
            "from_number": reference("Digitos"),
            "to_number": reference("Digitos"),
            "media_type": reference("TipoDeMidia"),
            "date_time_queue": reference("DataHora"),
            "waiting": { "const": "SCHEDULED" },
            "date_time_scheduled": reference("DataHora"),
        }),
    )
}

/// What a report lists.
pub(super) fn items() -> Value {
    list(reference("Envio"))
}
