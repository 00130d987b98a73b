//! `/v2/webhooks`.

use super::operation::Operation;
use super::schemas::{list, nullable, nullable_text, object, partly, reference, text};
use axum::http::Method;
use carteiro_core::error::Code;
use carteiro_core::media::MediaUrl;
use carteiro_core::usecase::{DEFAULT_DELIVERY_PAGE, MAX_DELIVERY_PAGE, MAX_REDRIVE};
use carteiro_core::webhook::{EventKind, Status};
use serde_json::{Value, json};

const SET: &str = "Recebe um POST por evento, com o corpo `{tipo, sessao, json}`, como JSON (`format=json`, o padrão) ou como formulário com colchetes (`format=form`). `tipo` é um dos valores de `events`; `sessao` é o nome da sessão da V1, ou o número. O endereço é público, em https, na porta 443; redirecionamentos não são seguidos.\n\nCabeçalhos: `X-Event-Id`, o mesmo em toda tentativa (o mesmo evento pode chegar mais de uma vez); `X-Event-Kind`, o `tipo`; e `X-Signature: t=<segundos>,v1=<hex>`, o HMAC-SHA-256 de `<t>.<corpo>` com o segredo inteiro (`whsec_…`) como chave. Durante a troca do segredo há um `v1` para cada um. Compare em tempo constante e recuse um `t` com mais de cinco minutos.\n\nQualquer 2xx é sucesso. O resto é tentado de novo por 24 horas, com espera crescente de segundos a meia hora; `Retry-After` é respeitado até uma hora. Os eventos de um número, ou de uma sessão, chegam em ordem: enquanto um não é aceito, os seguintes esperam. 410 para o webhook. O que não foi entregue fica guardado por uma semana e pode ser reenviado.\n\nNa primeira vez a resposta é 201, com o segredo, que não é mostrado de novo. Nas seguintes, 200: o segredo continua o mesmo, um webhook parado volta a receber, e o que esperava é tentado na hora. Para mensagens e recibos, uma mudança vale em até 15 segundos.";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::PUT, "/v2/webhooks", "Cadastra o webhook, ou o altera")
            .says(SET)
            .body(partly(
                &["url"],
                json!({
                    "url": url(),
                    "format": format(),
                    "events": { "type": "array", "minItems": 1, "items": kind(), "description": "Os que interessam; sem este parâmetro, todos." },
                }),
            ))
            .answers(201, "Cadastrado. O segredo só aparece nesta resposta.", with_secret(receiver()))
            .answers(200, "Alterado.", object(receiver()))
            .fails([Code::InvalidWebhookUrl, Code::InvalidWebhookFormat, Code::InvalidEventKind]),
        Operation::new(Method::GET, "/v2/webhooks", "Mostra os webhooks")
            .says("O da conta, e os das sessões da V1, cadastrados em `/{sessao}/autenticacao?webhook=`. Sem os segredos.")
            .answers(
                200,
                "Os webhooks.",
                object(json!({
                    "webhook": nullable(object(receiver())),
                    "sessions": list(object(receiver())),
                })),
            ),
        Operation::new(Method::DELETE, "/v2/webhooks", "Remove o webhook")
            .says("O que ainda não foi entregue a ele é descartado.")
            .query("session", false, session(), SESSION)
            .answers_with(200, "Removido.", json!({}))
            .fails([Code::WebhookNotFound]),
        Operation::new(Method::POST, "/v2/webhooks/secret", "Troca o segredo")
            .says("Por 24 horas as entregas são assinadas com os dois. É também como se obtém o segredo do webhook de uma sessão da V1, com `session`.")
            .query("session", false, session(), SESSION)
            .answers(201, "Trocado. O segredo só aparece nesta resposta.", with_secret(rotated()))
            .fails([Code::WebhookNotFound]),
        Operation::new(Method::POST, "/v2/webhooks/test", "Envia um evento de teste")
            .says("Na hora, à frente do que espera, mesmo a um webhook parado: `statusMudou` com `{\"message\": \"teste\"}`. A resposta conta o que o webhook respondeu; só é tentado uma vez.")
            .query("session", false, session(), SESSION)
            .answers(200, "O que o webhook respondeu.", object(tested()))
            .fails([Code::WebhookNotFound]),
        Operation::new(Method::GET, "/v2/webhooks/deliveries", "Lista as entregas da última semana")
            .says("Da mais nova à mais antiga, cada uma com suas tentativas; nunca com o que dizia.")
            .query("status", false, status(), "Só as que estão assim.")
            .page_limit(DEFAULT_DELIVERY_PAGE, MAX_DELIVERY_PAGE, "Entregas por página, no máximo.")
            .query("cursor", false, json!({ "type": "string" }), "O `next_cursor` da página anterior, com o mesmo `status`.")
            .answers(
                200,
                "Uma página.",
                object(json!({ "items": list(object(delivery())), "next_cursor": nullable_text() })),
            )
            .fails([Code::InvalidDeliveryStatus, Code::InvalidCursor]),
        Operation::new(Method::POST, "/v2/webhooks/deliveries/redrive", "Reenvia todas as entregas que falharam")
            .says("Cada número, ou sessão, em ordem, por mais 24 horas. Até quinhentas por requisição: repita enquanto `more` for verdadeiro.")
            .answers(202, "Serão tentadas de novo.", object(redriven()))
            .fails([Code::WebhookStopped]),
        Operation::new(Method::POST, "/v2/webhooks/deliveries/{event_id}/redrive", "Reenvia uma entrega que falhou")
            .in_path("event_id", id(), "O event_id da lista.")
            .answers(202, "Será tentada de novo.", object(redriven()))
            .fails([Code::DeliveryNotFound, Code::WebhookStopped]),
    ]
}

const SESSION: &str = "O nome da sessão da V1; sem este parâmetro, o webhook da conta.";

fn id() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn session() -> Value {
    text("NOME DA SUA SESSAO")
}

fn url() -> Value {
    json!({ "type": "string", "format": "uri", "maxLength": MediaUrl::MAX_CHARS, "examples": ["https://exemplo.com/webhook"] })
}

fn format() -> Value {
    json!({ "enum": ["json", "form"], "default": "json" })
}

fn kind() -> Value {
    let kinds: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    json!({ "enum": kinds })
}

fn status() -> Value {
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
    json!({ "enum": statuses })
}

fn receiver() -> Value {
    json!({
        "webhook_id": id(),
        "session": nullable_text(),
        "url": url(),
        "format": format(),
        "events": list(kind()),
        "status": { "enum": ["ativo", "parado"] },
        "stopped_at": nullable(reference("Instante")),
        "stopped_reason": { "type": ["string", "null"], "examples": ["GONE"] },
        "created_at": reference("Instante"),
    })
}

fn with_secret(mut receiver: Value) -> Value {
    receiver["secret"] = json!({ "type": "string", "pattern": "^whsec_[0-9a-f]{64}$" });
    object(receiver)
}

fn rotated() -> Value {
    let mut all = receiver();
    all["old_secret_expires_at"] = nullable(reference("Instante"));
    all
}

fn one_try() -> Value {
    json!({
        "at": reference("Instante"),
        "status": { "type": ["integer", "null"], "description": "O status HTTP que o webhook respondeu." },
        "error_code": { "type": ["string", "null"], "examples": ["TIMEOUT", "UNREACHABLE", "TLS", "FORBIDDEN_ADDRESS"], "description": "Por que não respondeu." },
        "duration_ms": { "type": "integer", "minimum": 0 },
    })
}

fn tested() -> Value {
    let mut all = one_try();
    all["event_id"] = id();
    all["delivered"] = json!({ "type": "boolean" });
    all["response"] = json!({ "type": "string", "description": "O começo do corpo da resposta." });
    all
}

fn delivery() -> Value {
    json!({
        "event_id": id(),
        "tipo": kind(),
        "sessao": { "type": "string" },
        "webhook_id": id(),
        "session": nullable_text(),
        "status": status(),
        "error_code": { "type": ["string", "null"], "examples": ["EXPIRED", "RECEIVER_STOPPED"], "description": "Por que não se tenta mais." },
        "created_at": reference("Instante"),
        "expires_at": reference("Instante"),
        "tries": list(object(one_try())),
    })
}

fn redriven() -> Value {
    json!({
        "redriven": { "type": "integer", "minimum": 0, "maximum": MAX_REDRIVE + MAX_DELIVERY_PAGE },
        "more": { "type": "boolean" },
    })
}
