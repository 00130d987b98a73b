//! The contracts of [`Mailer`] and [`TextMessenger`].

use crate::samples::{phone, random};
use crate::support::emulator;
use crate::support::stack::config;
use carteiro_aws::{AwsClients, SesMailer, SnsMessenger};
use carteiro_core::ports::{Mailer, TextMessenger};
use serde_json::Value;

async fn clients() -> AwsClients {
    let endpoint = tokio::task::spawn_blocking(emulator::endpoint).await.unwrap();
    AwsClients::new(config(endpoint).await)
}

/// The objects anywhere in a JSON value that have `name` with this text in it.
fn having<'a>(value: &'a Value, name: &str, text: &str) -> Vec<&'a Value> {
    match value {
        Value::Object(object) => {
            if object.get(name).is_some_and(|v| v.to_string().contains(text)) {
                return vec![value];
            }
            object.values().flat_map(|v| having(v, name, text)).collect()
        }
        Value::Array(array) => array.iter().flat_map(|v| having(v, name, text)).collect(),
        _ => vec![],
    }
}

#[tokio::test]
async fn a_mail_goes_out_in_text_and_html() {
    let clients = clients().await;
    let ses = clients.ses();
    ses.verify_email_identity().email_address("carteiro@exemplo.com.br").send().await.unwrap();
    let mailer = SesMailer::new(ses, "carteiro@exemplo.com.br");
    let to = format!("a{:x}@exemplo.com.br", u32::from_be_bytes(random()));
    let (text, html) = ("Seu código é 123456.", "<p>Seu código é <b>123456</b>.</p>");
    mailer.send(&to.parse().unwrap(), "Seu código de acesso: ção", text, html).await.unwrap();
    let told = tokio::task::spawn_blocking(|| emulator::told("/_ministack/ses/messages")).await.unwrap();
    let mails = having(&told, "To", &to);
    assert_eq!(mails.len(), 1, "{told}");
    assert_eq!(mails[0]["Source"], "carteiro@exemplo.com.br");
    assert_eq!(mails[0]["Subject"], "Seu código de acesso: ção");
    assert_eq!(mails[0]["BodyText"], text);
    assert_eq!(mails[0]["BodyHtml"], html);
}

#[tokio::test]
async fn an_sms_goes_out() {
    let messenger = SnsMessenger::new(clients().await.sns());
    let to = phone(u32::from_be_bytes(random()) % 100_000_000);
    messenger.send(&to, "Carteiro: seu código é 123456").await.unwrap();
    let told = tokio::task::spawn_blocking(|| emulator::told("/_ministack/sns/sms-messages")).await.unwrap();
    let text = told.to_string();
    assert!(text.contains(&format!("+{}", to.digits())), "{text}");
    assert!(text.contains("seu código é 123456"), "{text}");
}

#[tokio::test]
async fn what_cannot_be_delivered_tells_no_secret() {
    let clients = AwsClients::new(config("http://127.0.0.1:1").await);
    let mailer = SesMailer::new(clients.ses(), "carteiro@exemplo.com.br");
    let mail = mailer.send(&"ana@exemplo.com".parse().unwrap(), "Seu código", "123456", "123456").await;
    let sms = SnsMessenger::new(clients.sns()).send(&phone(1), "123456").await;
    for error in [mail.unwrap_err(), sms.unwrap_err()] {
        let text = format!("{error} {error:?}");
        assert!(
            !text.contains("123456") && !text.contains("ana@") && !text.contains(phone(1).digits()),
            "{text}"
        );
    }
}
