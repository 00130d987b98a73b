//! `/v2/users`.

use super::operation::Operation;
use super::schemas::{object, partly, reference, text};
use axum::http::Method;
use carteiro_core::error::Code;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::POST, "/v2/users/register", "Registra um usuário")
            .body(partly(
                &["login", "number", "plan"],
                json!({
                    "login": text("usuario"),
                    "number": reference("Telefone"),
                    "password": { "type": "string", "description": "De 8 a 128 caracteres.", "examples": ["senha-segura-1"] },
                    "plan": text("premium"),
                }),
            ))
            .answers(
                201,
                "Registrado. O token só aparece nesta resposta.",
                object(json!({
                    "user_id": { "type": "string", "format": "uuid" },
                    "login": { "type": "string" },
                    "number": reference("Digitos"),
                    "plan": { "type": "string" },
                    "token": { "type": "string", "description": "O token da API." },
                })),
            )
            .fails([Code::InvalidLogin, Code::InvalidPhone, Code::InvalidPassword, Code::UnknownPlan])
            .fails([Code::LoginTaken, Code::PhoneTaken]),
        Operation::new(Method::POST, "/v2/users/login", "Login com senha")
            .body(object(json!({ "login": text("usuario"), "password": text("senha-segura-1") })))
            .answers_with(
                200,
                "Entrou.",
                json!({ "token": { "type": "string", "description": "O JWT." }, "expires_in": { "const": 86400 } }),
            )
            .fails([Code::WrongCredentials]),
        Operation::new(Method::POST, "/v2/users/remove", "Remove a conta")
            .says("Desconecta os números do WhatsApp e apaga os dados da conta. Uma conta sem senha envia só `login` (seu login, e-mail ou número), com um JWT obtido por código há pouco.")
            .body(partly(&["login"], json!({ "login": text("usuario"), "password": text("senha-segura-1") })))
            .answers(200, "Removida. A exclusão do que era dela segue em segundo plano.", super::privacy::details())
            .fails([Code::RemovalRefused, Code::NumbersChanged]),
    ]
}
