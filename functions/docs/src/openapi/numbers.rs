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
        Operation::new(Method::GET, "/v2/numbers/pace", "Consulta o ritmo de um número")
            .says("O ritmo com que o número envia: vale o mais cauteloso entre o do plano e o do próprio número.")
            .query("number", true, reference("Telefone"), "O número.")
            .answers(200, "O ritmo.", pace())
            .fails([Code::InvalidPhone, Code::NotYourWorker]),
        Operation::new(Method::PUT, "/v2/numbers/pace", "Define o ritmo de um número")
            .says("Substitui o ritmo do próprio número; o que não é enviado fica como no plano. Envios que esperam por ele continuam `na fila`, e `waiting` diz por quê: `PACED`, `QUIET_HOURS` ou `NEW_CHATS`.")
            .body(own_pace(true))
            .answers(200, "O ritmo, como ficou.", pace())
            .fails([Code::InvalidPhone, Code::NotYourWorker, Code::InvalidPace, Code::PlanPaceLimit]),
    ]
}

fn new_chats() -> Value {
    let whole = json!({ "type": "integer", "minimum": 1 });
    let mut new_chats = partly(
        &["per_day"],
        json!({
            "per_day": { "type": "integer", "minimum": 1, "maximum": 100_000 },
            "warm_up": object(json!({ "first_day": whole, "days": { "type": "integer", "minimum": 1, "maximum": 365 } })),
        }),
    );
    new_chats["description"] = json!(
        "Quantas conversas novas o número inicia por dia; com `warm_up`, começa com `first_day` e chega a `per_day` depois de `days` dias."
    );
    new_chats
}

fn quiet_hours() -> Value {
    let time = json!({ "type": "string", "pattern": "^([01]\\d|2[0-3]):[0-5]\\d$", "examples": ["21:00"] });
    let mut quiet = object(json!({ "from": time, "to": time }));
    quiet["description"] =
        json!("Quando nada é enviado, no fuso horário do número ou do usuário; pode passar da meia-noite.");
    quiet
}

fn fields() -> Value {
    json!({
        "per_minute": { "type": "integer", "minimum": 1, "maximum": 600_000, "description": "Mensagens por minuto." },
        "burst": { "type": "integer", "minimum": 1, "maximum": 100_000, "description": "Mensagens seguidas depois de uma pausa." },
        "jitter_ms": { "type": "integer", "minimum": 0, "maximum": 10_000, "description": "Até quantos milissegundos, sorteados, cada mensagem espera além disso." },
        "typing": { "type": "boolean", "description": "Se o destinatário vê que alguém digita antes de um texto." },
        "new_chats": nullable(new_chats()),
        "quiet_hours": nullable(quiet_hours()),
    })
}

fn own_pace(request: bool) -> Value {
    let mut properties = fields();
    properties["time_zone"] = json!({ "type": "string", "examples": ["America/Manaus"] });
    if request {
        properties["number"] = reference("Telefone");
        let mut body = partly(&["number"], properties);
        body["additionalProperties"] = json!(false);
        return body;
    }
    partly(&[], properties)
}

fn pace() -> Value {
    let count = |what: &str| json!({ "type": ["integer", "null"], "minimum": 0, "description": what });
    object(json!({
        "number": reference("Digitos"),
        "plan": object(fields()),
        "own": own_pace(false),
        "new_chats_today": count("Conversas iniciadas hoje; nulo se o número ainda não foi conectado."),
        "new_chats_left": count("Quantas ainda pode iniciar hoje; nulo se não há limite."),
    }))
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
