//! V1: `/rotas`, `/sessions` and what stands below a session's name.

use super::operation::Operation;
use super::schemas::{list, nullable_text, object, partly, reference, text};
use axum::http::Method;
use carteiro_core::error::Code;
use carteiro_core::v1::State;
use serde_json::{Value, json};

const PARTS: &str = "Sem `limit`, responde tudo o que couber em 6 MB. Quando há mais, o cabeçalho `X-Next-Cursor` traz o `cursor` da próxima parte.";
const OFFLINE: &str = "Responde também com a sessão desconectada.";

pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::new(Method::GET, "/rotas", "Todas as rotas da API")
            .says("Uma página; com `Accept: application/json`, JSON.")
            .answers_as(200, "As rotas.", "text/html", json!({ "type": "string" }))
            .answers_as(
                200,
                "As rotas.",
                "application/json",
                object(json!({
                    "rotas": list(object(json!({ "metodo": text("GET"), "rota": text("/{sessao}/me") }))),
                })),
            ),
        Operation::new(Method::GET, "/sessions", "As sessões").answers_v1(
            "Os nomes, ou que ainda não há sessões.",
            json!({
                "oneOf": [object(json!({ "sessions": list(text("Minha Loja")) })), message()],
            }),
        ),
    ];
    all.extend(connection());
    all.extend(reads());
    all.extend(live());
    all.extend(sends());
    all
}

fn connection() -> Vec<Operation> {
    let states: Vec<&str> = State::ALL.into_iter().map(State::as_str).collect();
    vec![
        get("autenticacao", "Conecta a sessão")
            .says("Com `webhook`, define para onde vão os eventos da sessão; a resposta a quem o cria traz o segredo das assinaturas, só desta vez.")
            .query("webhook", false, text("https://exemplo.com/gancho"), "Endereço https que recebe os eventos.")
            .query("webhookFormat", false, json!({ "enum": ["json", "form"], "default": "json" }), "Como o corpo vai.")
            .answers_v1("Em que pé está.", partly(&["message"], json!({ "message": { "type": "string" }, "webhookSecret": { "type": "string" } })))
            .fails([Code::InvalidWebhookUrl, Code::InvalidWebhookFormat, Code::WorkerTaken, Code::PlanWorkerLimit, Code::LinkFailed, Code::NumbersChanged]),
        get("qrcode", "O QR a ler")
            .says("Quem lê o QR controla a conta: nunca o exponha.")
            .query("base64", false, flag(), "Responde a imagem, como data URI.")
            .query("img", false, flag(), "Responde uma página com a imagem, que se renova.")
            .answers_v1("O QR, ou que não há.", json!({ "oneOf": [object(json!({ "qrcode": { "type": "string" } })), message()] }))
            .answers_as(200, "O QR.", "text/html", json!({ "type": "string" })),
        get("sair", "Desconecta e esquece a sessão")
            .says("O dispositivo é desconectado no WhatsApp, suas chaves são apagadas e o número deixa de ser worker.")
            .answers_v1("Saiu.", or_not_verified(object(json!({ "retorno": text("Saiu com Sucesso") }))))
            .fails([Code::NumbersChanged]),
        get("me", "O número da sessão").answers_v1("O número.", or_not_verified(object(json!({
            "wid": reference("V1Id"), "connected": { "type": "boolean" }, "me": reference("V1Id"),
            "platform": nullable_text(), "pushname": nullable_text(),
            "phone": object(json!({ "wa_version": nullable_text() })),
            "battery": { "type": "null" }, "plugged": { "type": "null" },
        })))),
        get("conexao", "O estado da conexão").answers_v1(
            "O estado.",
            or_not_verified(object(json!({ "message": { "enum": states } }))),
        ),
    ]
}

fn reads() -> Vec<Operation> {
    let chats = |route, summary| {
        parts(get(route, summary).answers_v1("As conversas.", or_not_verified(list(reference("V1Chat")))))
    };
    let messages = |route, summary, says| {
        parts(get(route, summary).query("numero", true, numero(), "A conversa.").query(
            "tipo",
            false,
            kind(),
            "Se é um grupo.",
        ))
        .says(says)
        .answers_v1(
            "As mensagens, da mais antiga à mais nova.",
            or_not_verified(list(reference("V1Message"))),
        )
        .fails([Code::InvalidPhone])
    };
    vec![
        chats("conversas", "As conversas"),
        chats("conversascommsgs", "As conversas, com algumas mensagens"),
        chats("conversasnlidas", "As conversas não lidas"),
        parts(
            get("todoscontatos", "Os contatos")
                .answers_v1("Os contatos.", or_not_verified(list(reference("V1Contact")))),
        ),
        chats("grupos", "Os grupos"),
        get("grupointegrantes", "Os integrantes de um grupo")
            .query("numero", true, numero(), "O grupo.")
            .says(OFFLINE)
            .answers_v1("Os integrantes.", or_not_verified(list(reference("V1Contact"))))
            .fails([Code::InvalidPhone]),
        messages(
            "mensagens",
            "As últimas mensagens de uma conversa",
            "A conversa fica como lida. Sem `limit`, as últimas 50.",
        ),
        messages(
            "mensagensgroup",
            "As últimas mensagens de um grupo",
            "O grupo fica como lido. Sem `limit`, as últimas 50.",
        ),
        messages(
            "carregarmaismensagens",
            "As mensagens de uma conversa, e mais um pouco",
            "Pede ao celular mensagens mais antigas e responde todas as conhecidas.",
        ),
        messages("todasmensagens", "Todas as mensagens conhecidas de uma conversa", PARTS),
    ]
}

fn live() -> Vec<Operation> {
    let ask = |route, summary| {
        get(route, summary).query("numero", true, numero(), "Quem.").fails([Code::InvalidPhone])
    };
    let of_kind = |operation: Operation| operation.query("tipo", false, kind(), "Se é um grupo.");
    vec![
        ask("novocontatovalidar", "Se um número está no WhatsApp").answers_v1("Se está.", or_not_verified(object(json!({
            "id": reference("V1Id"), "status": { "enum": [200, 404] }, "isBusiness": { "type": "boolean" },
            "canReceiveMessage": { "type": "boolean" }, "numberExists": { "type": "boolean" },
        })))),
        ask("chatonline", "Se alguém está online").answers_v1("Se está.", or_not_verified(json!({ "type": "boolean" }))),
        ask("status", "O recado de um contato").answers_v1("O recado.", or_not_verified(object(json!({
            "id": { "type": "string" }, "status": nullable_text(),
        })))),
        of_kind(ask("visualizar", "Marca uma conversa como lida")).answers_v1("Feito.", or_not_verified(json!({ "const": "ok" }))),
        of_kind(ask("marcarnlido", "Marca uma conversa como não lida")).answers_v1("A conversa.", or_not_verified(reference("V1Chat"))),
        of_kind(ask("foto", "A foto de um perfil ou grupo")).answers_v1("A foto.", or_not_verified(object(json!({
            "eurl": nullable_text(), "id": reference("V1Id"), "img": nullable_text(), "imgFull": nullable_text(),
            "raw": { "type": "null" }, "tag": nullable_text(),
        })))),
        get("grupoentrar", "Entra em um grupo")
            .query("link", true, text("https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"), "O convite, ou só o código.")
            .answers_v1("O grupo, ou que um administrador precisa aprovar.", or_not_verified(reference("V1Chat"))),
        ask("gruposair", "Sai de um grupo").answers_v1("O grupo.", or_not_verified(reference("V1Chat"))),
    ]
}

fn sends() -> Vec<Operation> {
    let send = |route, summary| {
        sending(get(route, summary).query("numero", true, numero(), "Para quem.").query(
            "tipo",
            false,
            kind(),
            "Se é um grupo.",
        ))
    };
    let file = |route, summary| {
        let form = json!({ "type": "object", "required": ["numero", "doc"], "properties": {
            "numero": numero(), "tipo": kind(), "caption": reference("Legenda"),
            "doc": { "type": "string", "contentMediaType": "application/octet-stream" },
        } });
        sending(post(route, summary).body_as("multipart/form-data", form).answers_v1(
            "Na fila.",
            or_not_verified(object(json!({
                "success": { "const": true }, "message": { "type": "string" },
                "file": object(json!({
                    "fieldname": { "const": "doc" }, "originalname": nullable_text(),
                    "mimetype": { "type": "string" }, "size": { "type": "integer" },
                })),
                "numero": { "type": "string" }, "resp": reference("V1Message"),
            }))),
        ))
        .fails([Code::InvalidFile, Code::InvalidCaption])
    };
    let br = "`<br>` vira uma nova linha.";
    let text_of = |route, summary| {
        send(route, summary)
            .query("msg", true, reference("TextoNaUrl"), "O texto.")
            .says(br)
            .answers_v1("A mensagem, na fila.", or_not_verified(reference("V1Message")))
            .fails([Code::InvalidContent])
    };
    vec![
        text_of("novocontato", "Inicia uma conversa"),
        text_of("enviarmsg", "Envia um texto"),
        send("encaminharmsg", "Encaminha uma mensagem")
            .query("msgid", true, text("false_5511999999999@c.us_3EB0"), "O `id` da mensagem.")
            .answers_v1("Os novos ids.", or_not_verified(list(json!({ "type": "string" }))))
            .fails([Code::InvalidContent]),
        send("enviarcontato", "Envia um contato")
            .query("contato", true, numero(), "De quem.")
            .answers_v1("A mensagem, na fila.", or_not_verified(reference("V1Message"))),
        file("enviarimagem", "Envia uma imagem"),
        file("enviardoc", "Envia um documento"),
        sending(post("enviaraudio", "Envia uma mensagem de voz").body(partly(&["numero", "audio_data"], json!({
            "numero": numero(), "tipo": kind(),
            "audio_data": text("data:audio/ogg;base64,T2dnUw=="),
        }))))
        .answers_v1("Na fila.", or_not_verified(object(json!({ "success": { "const": true }, "message": { "type": "string" } }))))
        .fails([Code::InvalidFile]),
        post("desfile", "O arquivo de uma mensagem")
            .says("O endereço vale por 15 minutos. De uma mensagem que a sessão não tem, envie também `type`, `mimetype`, `mediaKey` e `directPath`.")
            .body(partly(&["id"], json!({ "id": { "type": ["string", "object"] } })))
            .answers_v1("O arquivo.", or_not_verified(object(json!({
                "name": { "type": "string" }, "url": { "type": "string" }, "mimetype": { "type": "string" }, "size": { "type": "integer" },
            }))))
            .fails([Code::UploadNotFound]),
    ]
}

/// What any send can fail with.
fn sending(operation: Operation) -> Operation {
    operation.fails([Code::InvalidPhone, Code::NotYourWorker, Code::PlanForbidsMedia, Code::PlanSendsLimit])
}

fn get(route: &str, summary: &'static str) -> Operation {
    below(Method::GET, route, summary)
}

fn post(route: &str, summary: &'static str) -> Operation {
    below(Method::POST, route, summary)
}

/// A route below a session, found in the table by its last segment.
fn below(method: Method, last: &str, summary: &'static str) -> Operation {
    let path = carteiro_http::routes::ROUTES
        .iter()
        .map(|route| route.path)
        .find(|path| path.strip_prefix("/{sessao}/") == Some(last))
        .unwrap_or_default();
    Operation::new(method, path, summary)
        .in_path("sessao", text("Minha Loja"), "O nome da sessão, ou o número dela.")
        .fails([Code::RouteNotFound])
}

/// A list that comes in parts.
fn parts(operation: Operation) -> Operation {
    operation
        .says(PARTS)
        .query("limit", false, json!({ "type": "integer", "minimum": 1 }), "No máximo quantos.")
        .query(
            "cursor",
            false,
            json!({ "type": "string" }),
            "De onde continuar: o `X-Next-Cursor` da parte anterior.",
        )
        .fails([Code::InvalidCursor])
}

fn numero() -> Value {
    json!({
        "type": "string", "examples": ["5511999999999", "120363000000000001@g.us"],
        "description": "Um número, ou um endereço `@c.us`, `@lid` ou `@g.us`. Com `tipo=group`, o id de um grupo.",
    })
}

fn kind() -> Value {
    json!({ "type": "string", "examples": ["group"] })
}

fn flag() -> Value {
    json!({ "type": "string", "examples": ["true"] })
}

fn message() -> Value {
    object(json!({ "message": { "type": "string" } }))
}

/// What is answered, or that the session is not connected, which V1 answers with 200 too.
fn or_not_verified(schema: Value) -> Value {
    json!({ "anyOf": [schema, message()] })
}
