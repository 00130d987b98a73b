//! SMS by SNS.

use crate::failure::reason;
use async_trait::async_trait;
use aws_sdk_sns::types::MessageAttributeValue;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{DeliveryFailed, TextMessenger};

/// Sends SMS through SNS, as transactional messages: delivered with priority over promotional ones.
#[derive(Debug, Clone)]
pub struct SnsMessenger {
    client: aws_sdk_sns::Client,
}

impl SnsMessenger {
    /// A messenger of that client.
    pub fn new(client: aws_sdk_sns::Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl TextMessenger for SnsMessenger {
    async fn send(&self, to: &Phone, text: &str) -> Result<(), DeliveryFailed> {
        let kind = MessageAttributeValue::builder().data_type("String").string_value("Transactional").build();
        let kind = kind.map_err(|_| DeliveryFailed("sns: no attribute".to_owned()))?;
        let request = self
            .client
            .publish()
            .phone_number(format!("+{}", to.digits()))
            .message(text)
            .message_attributes("AWS.SNS.SMS.SMSType", kind);
        // Only the code: SNS quotes numbers in its texts.
        request.send().await.map_err(|e| DeliveryFailed(format!("sns Publish: {}", reason(&e))))?;
        Ok(())
    }
}
