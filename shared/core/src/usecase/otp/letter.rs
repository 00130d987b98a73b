//! What the mails and the SMS say.

use crate::otp::Code;

/// A message, as mail and as SMS.
pub(super) struct Letter {
    pub(super) subject: &'static str,
    pub(super) text: String,
    pub(super) html: String,
    pub(super) sms: String,
}

/// The message that carries a code.
pub(super) fn with_code(code: &Code) -> Letter {
    let code = code.reveal();
    let text = format!(
        "Seu código do Carteiro é: {code}\n\n\
         Ele vale por 5 minutos e só pode ser usado uma vez. Não o informe a ninguém.\n\n\
         Se você não pediu este código, ignore esta mensagem.\n"
    );
    let html = page(
        "Seu código do Carteiro",
        &format!(
            "<p>Use este código para continuar:</p>\
             <p style=\"font:700 32px/1.2 monospace;letter-spacing:6px;margin:24px 0;color:#111\">{code}</p>\
             <p>Ele vale por <strong>5 minutos</strong> e só pode ser usado uma vez. Não o informe a ninguém.</p>\
             <p style=\"color:#666\">Se você não pediu este código, ignore esta mensagem.</p>"
        ),
    );
    let sms = format!("Carteiro: seu código é {code}. Vale 5 minutos. Não o repasse.");
    Letter { subject: "Seu código do Carteiro", text, html, sms }
}

/// The message for who asks to register an address that has an account: only its owner learns so.
pub(super) fn account_exists() -> Letter {
    let text = "Alguém, talvez você, pediu para criar uma conta no Carteiro com este endereço, mas ele já tem uma conta.\n\n\
                Para entrar, solicite um código de login. Se não foi você, ignore esta mensagem.\n"
        .to_owned();
    let html = page(
        "Você já tem uma conta no Carteiro",
        "<p>Alguém, talvez você, pediu para criar uma conta no Carteiro com este endereço, mas ele já tem uma conta.</p>\
         <p>Para entrar, solicite um código de <strong>login</strong>.</p>\
         <p style=\"color:#666\">Se não foi você, ignore esta mensagem.</p>",
    );
    let sms = "Carteiro: este número já tem conta. Solicite um código de login.".to_owned();
    Letter { subject: "Você já tem uma conta no Carteiro", text, html, sms }
}

/// A page of one column that fits a phone; styles stand in the elements, since mail readers drop the rest.
fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"pt-BR\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title></head>\
         <body style=\"margin:0;padding:16px;background:#f4f4f4\">\
         <div style=\"max-width:480px;margin:0 auto;padding:24px;background:#fff;border-radius:8px;\
         font:16px/1.5 sans-serif;color:#333\"><h1 style=\"font-size:20px;margin:0 0 16px;color:#111\">{title}</h1>\
         {body}</div></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an SMS may have in one message once it holds a character that GSM 03.38 lacks, as `ó` and `ã` are.
    const UCS2_CHARS: usize = 70;

    #[test]
    fn an_sms_fits_one_message() {
        for letter in [with_code(&"123456".parse().unwrap()), account_exists()] {
            assert!(letter.sms.chars().count() <= UCS2_CHARS, "{}", letter.sms);
        }
    }

    #[test]
    fn every_form_has_the_code() {
        let letter = with_code(&"012345".parse().unwrap());
        for text in [&letter.text, &letter.html, &letter.sms] {
            assert!(text.contains("012345"));
        }
        assert!(!letter.subject.contains("012345"), "a subject shows on a locked screen");
    }
}
