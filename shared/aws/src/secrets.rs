//! The deployment's secrets, from Secrets Manager.

use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use carteiro_core::ports::{Secret, Unavailable};
use secrecy::SecretString;

/// One secret of Secrets Manager. Each call reads it, which is a request; the caller keeps what it needs.
#[derive(Debug, Clone)]
pub struct SecretsManagerSecret {
    client: Client,
    id: String,
}

impl SecretsManagerSecret {
    /// The secret of that ARN or name.
    pub fn new(client: Client, id: impl Into<String>) -> Self {
        Self { client, id: id.into() }
    }

    /// The version with a staging label; `None` when there is none, or it is not text.
    async fn staged(&self, label: &str) -> Result<Option<SecretString>, Unavailable> {
        let answer = self.client.get_secret_value().secret_id(&self.id).version_stage(label).send().await;
        match answer {
            Ok(answer) => Ok(answer.secret_string.map(SecretString::from)),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(unavailable(self.operation(), &error)),
        }
    }

    fn operation(&self) -> String {
        format!("secretsmanager GetSecretValue {}", self.id)
    }
}

#[async_trait]
impl Secret for SecretsManagerSecret {
    async fn current(&self) -> Result<SecretString, Unavailable> {
        self.staged("AWSCURRENT").await?.ok_or_else(|| Unavailable {
            operation: self.operation(),
            reason: "there is no such secret, or it is not text".to_owned(),
        })
    }

    /// There is none until the secret is first changed.
    async fn previous(&self) -> Result<Option<SecretString>, Unavailable> {
        self.staged("AWSPREVIOUS").await
    }
}
