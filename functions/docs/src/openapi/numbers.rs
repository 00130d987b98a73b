//! `/v2/numbers`.

use super::operation::Operation;
use super::schemas::{list, nullable, nullable_text, object, partly, reference};
use axum::http::Method;
use carteiro_core::error::Code;
use serde_json::{Value, json};

const CHANGE: [Code; 5] = [
    Code::InvalidPhone,
    Code::WorkerTaken,
    Code::PlanWorkerLimit,
    Code::TooManyNumbers,
    Code::NumbersChanged,
];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/v2/numbers", "Lista os números")
            .answers(200, "Os números.", reference("Numeros")),
        Operation::new(Method::POST, "/v2/numbers", "Registra os números")
            .says("Define as listas enviadas; um worker que fica de fora é desconectado do WhatsApp.")
            .body(lists())
            .answers(201, "Os números, como ficaram.", reference("Numeros"))
            .fails(CHANGE),
        Operation::new(Method::PUT, "/v2/numbers", "Atualiza os números")
            .says("Substitui as listas enviadas; um worker que fica de fora é desconectado do WhatsApp.")
            .body(lists())
            .answers(200, "Os números, como ficaram.", reference("Numeros"))
            .fails(CHANGE),
        Operation::new(Method::DELETE, "/v2/numbers", "Remove um número")
            .says("Um worker removido é desconectado do WhatsApp e seus dados de sessão são apagados.")
            .body(one())
            .answers(200, "Os números, como ficaram.", reference("Numeros"))
            .fails(CHANGE)
            .fails([Code::InvalidRole, Code::NumberNotFound]),
        Operation::new(Method::POST, "/v2/numbers/add", "Adiciona um número")
            .body(one())
            .answers(201, "Os números, como ficaram.", reference("Numeros"))
            .fails(CHANGE)
            .fails([Code::InvalidRole]),
        Operation::new(Method::GET, "/v2/numbers/status", "Consulta o status de um número")
            .query("number", true, reference("Telefone"), "O número.")
            .answers(200, "O status.", object(status()))
            .fails([Code::InvalidPhone, Code::NumberNotFound, Code::NotYourWorker]),
        Operation::new(Method::GET, "/v2/numbers/connect", "Conecta um número ao WhatsApp")
            .says("Responde um QR para ser lido pelo WhatsApp do número, ou com `method=code` um código para ser digitado nele. Consulte de novo a cada cinco segundos, até que responda conectado. Quem lê o QR ou o código controla a conta: nunca o exponha.")
            .query("number", true, reference("Telefone"), "O número.")
            .query("method", false, json!({ "enum": ["qr", "code"], "default": "qr" }), "Como conectar.")
            .answers(200, "Conectado, ou o QR ou código a usar.", connection())
            .answers(202, "Em andamento: consulte de novo.", connection())
            .fails([Code::InvalidPhone, Code::NumberNotFound, Code::NotYourWorker, Code::NumberBusy, Code::LinkFailed]),
        Operation::new(Method::POST, "/v2/numbers/disconnect", "Desconecta um número")
            .says("O número continua pareado: para conectar de novo não é preciso ler outro QR.")
            .query("number", false, reference("Telefone"), "O número, se não vier no corpo.")
            .body(partly(&[], json!({ "number": reference("Telefone") })))
            .answers(200, "Solicitado.", object(status()))
            .fails([Code::InvalidPhone, Code::NumberNotFound, Code::NotYourWorker, Code::NumberBusy]),
    ]
}

fn lists() -> Value {
    let numbers = list(reference("Telefone"));
    let mut body = partly(&[], json!({ "numbers_admins": numbers, "numbers_workers": numbers }));
    body["anyOf"] = json!([{ "required": ["numbers_admins"] }, { "required": ["numbers_workers"] }]);
    body
}

fn one() -> Value {
    object(json!({
        "number": reference("Telefone"),
        "role": { "enum": ["admin", "worker", "admins", "workers"] },
    }))
}

fn status() -> Value {
    json!({
        "status": { "enum": ["conectado", "desconectado"] },
        "state": reference("Estado"),
        "since": nullable(reference("Instante")),
        "reason": nullable_text(),
        "reason_code": nullable_text(),
    })
}

fn connection() -> Value {
    let mut all = status();
    all["qr"] = json!({ "type": "string", "description": "O texto do QR." });
    all["qr_base64"] = json!({ "type": "string", "description": "O QR como imagem PNG, em uma data URI." });
    all["pairing_code"] = json!({ "type": "string", "description": "O código a digitar no WhatsApp.", "examples": ["ABCD-1234"] });
    all["expires_at"] = reference("Instante");
    all["expires_in"] = json!({ "type": "integer", "minimum": 0, "description": "Em segundos." });
    partly(&["status", "state", "since", "reason", "reason_code"], all)
}
