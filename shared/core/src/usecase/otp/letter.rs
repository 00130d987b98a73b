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
        "Use o código desta mensagem para continuar. Ele vale por 5 minutos.",
        &[
            Part::Text("Use este código para continuar:"),
            Part::Code(code),
            Part::Text(
                "Ele vale por <strong>5 minutos</strong> e só pode ser usado uma vez. Não o informe a ninguém.",
            ),
            Part::Note("Se você não pediu este código, ignore esta mensagem."),
        ],
    );
    let sms = format!(
        "Carteiro: digite {code} para continuar. Vale por 5 minutos e serve uma vez. Nunca passe adiante."
    );
    Letter { subject: "Seu código do Carteiro", text, html, sms }
}

/// The message for who asks to register an address that has an account: only its owner learns so.
pub(super) fn account_exists() -> Letter {
    let text = "Alguém, talvez você, pediu para criar uma conta no Carteiro com este endereço, mas ele já tem uma conta.\n\n\
                Para entrar, solicite um código de login. Se não foi você, ignore esta mensagem.\n"
        .to_owned();
    let html = page(
        "Você já tem uma conta no Carteiro",
        "Para entrar, solicite um código de login.",
        &[
            Part::Text(
                "Alguém, talvez você, pediu para criar uma conta no Carteiro com este endereço, mas ele já tem uma conta.",
            ),
            Part::Text("Para entrar, solicite um código de <strong>login</strong>."),
            Part::Note("Se não foi você, ignore esta mensagem."),
        ],
    );
    let sms = "Carteiro: este celular pertence a uma conta que existe. Para entrar, use o login em vez do cadastro."
        .to_owned();
    Letter { subject: "Você já tem uma conta no Carteiro", text, html, sms }
}

/// A part of a mail's body.
enum Part<'a> {
    /// A paragraph.
    Text(&'a str),
    /// The code, large, in one piece to copy.
    Code(&'a str),
    /// What matters less.
    Note(&'a str),
}

impl Part<'_> {
    fn html(&self) -> String {
        match self {
            Part::Text(text) => format!("<p style=\"margin:0 0 16px\">{text}</p>"),
            Part::Note(text) => {
                format!("<p style=\"margin:0;font-size:14px;color:#5f6368\" class=\"note\">{text}</p>")
            }
            // The digits stand together in the markup, so that they are copied, and read aloud, as one number.
            Part::Code(code) => format!(
                "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"margin:0 0 16px\">\
                 <tr><td align=\"center\" bgcolor=\"#eef3f0\" class=\"code\" style=\"padding:16px 8px;border-radius:8px;\
                 font:700 34px/1.2 Menlo,Consolas,monospace;letter-spacing:6px;color:#0b3d2a\">{code}</td></tr></table>"
            ),
        }
    }
}

/// A page of one column that fits a phone. Tables and styles in the elements, since mail readers drop the rest; no picture and
/// no address of anything, so nothing is loaded. It says that it has colours for dark readers too, so that those which keep
/// `<style>` take them, and those which turn colours over by themselves find text and background set together.
fn page(title: &str, preview: &str, parts: &[Part<'_>]) -> String {
    let body: String = parts.iter().map(Part::html).collect();
    format!(
        "<!doctype html><html lang=\"pt-BR\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"supported-color-schemes\" content=\"light dark\">\
         <title>{title}</title><style>:root{{color-scheme:light dark}}\
         @media (prefers-color-scheme:dark){{.around{{background:#15181a!important}}\
         .card{{background:#1f2326!important;color:#e8eaed!important}}.title{{color:#ffffff!important}}\
         .code{{background:#12352a!important;color:#d6f5e5!important}}.note{{color:#a8adb2!important}}}}</style></head>\
         <body class=\"around\" style=\"margin:0;padding:0;background:#f2f4f3\">\
         <div style=\"display:none;max-height:0;overflow:hidden\">{preview}</div>\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" bgcolor=\"#f2f4f3\" class=\"around\">\
         <tr><td align=\"center\" style=\"padding:24px 12px\">\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" bgcolor=\"#ffffff\" class=\"card\" \
         style=\"max-width:480px;border-radius:12px;color:#202124;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif\">\
         <tr><td style=\"padding:28px 24px;text-align:left\">\
         <h1 class=\"title\" style=\"margin:0 0 16px;font-size:22px;line-height:1.3;color:#111111\">{title}</h1>\
         {body}</td></tr></table></td></tr></table></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an SMS of one part holds in the GSM 7-bit default alphabet (3GPP TS 23.038).
    const PART: usize = 160;

    /// The characters of that alphabet that cost one place each, but for control characters.
    const GSM_7: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ\
                         ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    fn letters() -> [Letter; 2] {
        [with_code(&"012345".parse().unwrap()), account_exists()]
    }

    #[test]
    fn an_sms_fits_one_part() {
        for letter in letters() {
            assert!(letter.sms.chars().all(|c| GSM_7.contains(c)), "{}", letter.sms);
            assert!(letter.sms.chars().count() <= PART, "{}", letter.sms);
        }
    }

    #[test]
    fn every_form_has_the_code() {
        let [letter, _] = letters();
        for text in [&letter.text, &letter.html, &letter.sms] {
            assert!(text.contains("012345"));
        }
        assert!(!letter.subject.contains("012345"), "a subject shows on a locked screen");
        let preview = letter.html.split("overflow:hidden\">").nth(1).unwrap().split("</div>").next().unwrap();
        assert!(!preview.contains("012345"), "so does what stands in a list of mails");
    }

    #[test]
    fn a_mail_loads_nothing() {
        for letter in letters() {
            for loaded in ["http", "//", "src=", "href=", "url(", "@import", "<img", "<link", "<script"] {
                assert!(!letter.html.contains(loaded), "{loaded}");
            }
        }
    }
}
