//! Mail by SES.

use crate::failure::reason;
use async_trait::async_trait;
use aws_sdk_ses::types::{Body, Content, Destination, Message};
use carteiro_core::identity::Email;
use carteiro_core::ports::{DeliveryFailed, Mailer};

/// Sends mail through SES from one address, which the deployment has verified.
#[derive(Debug, Clone)]
pub struct SesMailer {
    client: aws_sdk_ses::Client,
    from: String,
    configuration: Option<String>,
}

impl SesMailer {
    /// A mailer that sends from `from`.
    pub fn new(client: aws_sdk_ses::Client, from: impl Into<String>) -> Self {
        Self { client, from: from.into(), configuration: None }
    }

    /// With a configuration set, if there is one: it wants TLS, and tells what bounced and who complained.
    #[must_use]
    pub fn configured_by(self, set: Option<String>) -> Self {
        Self { configuration: set.filter(|set| !set.is_empty()), ..self }
    }
}

fn utf8(text: &str) -> Result<Content, DeliveryFailed> {
    Content::builder()
        .data(text)
        .charset("UTF-8")
        .build()
        .map_err(|_| DeliveryFailed("ses: no text".to_owned()))
}

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, to: &Email, subject: &str, text: &str, html: &str) -> Result<(), DeliveryFailed> {
        let body = Body::builder().text(utf8(text)?).html(utf8(html)?).build();
        let message = Message::builder().subject(utf8(subject)?).body(body).build();
        let destination = Destination::builder().to_addresses(to.as_str()).build();
        let request = self.client.send_email().source(&self.from).destination(destination).message(message);
        let request = request.set_configuration_set_name(self.configuration.clone());
        // Only the code: SES quotes addresses in its texts.
        request.send().await.map_err(|e| DeliveryFailed(format!("ses SendEmail: {}", reason(&e))))?;
        Ok(())
    }
}
