//! One secret in Secrets Manager, with the version before it.

use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use carteiro_core::ports::{Secret, Unavailable};
use secrecy::SecretString;

/// A secret by its ARN or name. Each call reads it; the caller keeps what it needs.
#[derive(Debug, Clone)]
pub struct StoredSecret {
    client: aws_sdk_secretsmanager::Client,
    id: String,
}

impl StoredSecret {
    /// The secret of that ARN or name.
    pub fn new(client: aws_sdk_secretsmanager::Client, id: impl Into<String>) -> Self {
        Self { client, id: id.into() }
    }

    /// The version that carries a staging label; `None` when none does.
    async fn staged(&self, label: &str) -> Result<Option<SecretString>, Unavailable> {
        let request = self.client.get_secret_value().secret_id(&self.id).version_stage(label);
        match request.send().await {
            Ok(answer) => Ok(answer.secret_string.map(SecretString::from)),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => {
                Err(unavailable(format!("secretsmanager GetSecretValue {} {label}", self.id), &error))
            }
        }
    }
}

#[async_trait]
impl Secret for StoredSecret {
    async fn current(&self) -> Result<SecretString, Unavailable> {
        self.staged("AWSCURRENT").await?.ok_or_else(|| Unavailable {
            operation: format!("secretsmanager GetSecretValue {}", self.id),
            reason: "there is no such secret".to_owned(),
        })
    }

    async fn previous(&self) -> Result<Option<SecretString>, Unavailable> {
        self.staged("AWSPREVIOUS").await
    }
}
