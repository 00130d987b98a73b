//! Mail and SMS.

use crate::identity::Email;
use crate::phone::Phone;
use async_trait::async_trait;

/// A message could not be handed over. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not delivered: {0}")]
pub struct DeliveryFailed(pub String);

/// Sends e-mail.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Hands over one message with a text and an HTML body.
    async fn send(&self, to: &Email, subject: &str, text: &str, html: &str) -> Result<(), DeliveryFailed>;
}

/// Sends SMS.
#[async_trait]
pub trait TextMessenger: Send + Sync + 'static {
    /// Hands over one message of at most 160 characters.
    async fn send(&self, to: &Phone, text: &str) -> Result<(), DeliveryFailed>;
}
