//! `/v2/auth`.

use super::operation::Operation;
use super::schemas::{partly, reference, text};
use axum::http::Method;
use carteiro_core::error::Code;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::POST, "/v2/auth/otp/request", "Solicita um código OTP")
            .says("Envia um código de seis dígitos, válido por cinco minutos e cinco tentativas, por e-mail ou SMS. A resposta é a mesma exista ou não a conta.")
            .body(partly(&[], request()))
            .answers(200, "Solicitado.", json!({ "type": "string" }))
            .fails([Code::InvalidEmail, Code::InvalidPhone, Code::SmsCountry]),
        Operation::new(Method::POST, "/v2/auth/otp/validate", "Valida o código OTP e obtém um JWT")
            .says("Com `otp_type` igual a `register`, cria a conta; os códigos de e-mail e de número podem vir juntos.")
            .body(partly(&[], validate()))
            .answers_with(
                200,
                "Validado.",
                json!({ "token": { "type": "string", "description": "O JWT." }, "expires_in": { "const": 86400 } }),
            )
            .fails([Code::InvalidEmail, Code::InvalidPhone, Code::InvalidOtp, Code::OtpExpired, Code::OtpSpent])
            .fails([Code::AccountExists, Code::PhoneTaken, Code::LoginTaken]),
    ]
}

fn request() -> Value {
    json!({
        "otp_type": { "enum": ["login", "register"], "default": "login" },
        "otp_for": { "enum": ["email", "number"], "default": "email" },
        "email": { "type": "string", "format": "email", "description": "Obrigatório se otp_for for email.", "examples": ["usuario@exemplo.com"] },
        "number": reference("Telefone"),
    })
}

fn validate() -> Value {
    let mut properties = request();
    properties["email_otp_code"] = text("123456");
    properties["number_otp_code"] = text("123456");
    properties
}
