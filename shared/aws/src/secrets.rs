//! The deployment's secrets, from Secrets Manager.

use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use carteiro_core::ports::{Secret, Unavailable, Versions};
use jiff::Timestamp;
use secrecy::SecretString;

/// A version, and when it was made.
type Version = (SecretString, Option<Timestamp>);

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

    /// The version with a staging label, and when it was made; `None` when there is none, or it is not text.
    async fn staged(&self, label: &str) -> Result<Option<Version>, Unavailable> {
        let answer = self.client.get_secret_value().secret_id(&self.id).version_stage(label).send().await;
        match answer {
            Ok(answer) => {
                let made_at = answer.created_date.and_then(|time| Timestamp::from_second(time.secs()).ok());
                Ok(answer.secret_string.map(|text| (text.into(), made_at)))
            }
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

    async fn in_use(&self) -> Result<Version, Unavailable> {
        self.staged("AWSCURRENT")
            .await?
            .ok_or_else(|| Unavailable::new(self.operation(), "there is no such secret, or it is not text"))
    }

    fn operation(&self) -> String {
        format!("secretsmanager GetSecretValue {}", self.id)
    }
}

#[async_trait]
impl Secret for SecretsManagerSecret {
    async fn current(&self) -> Result<SecretString, Unavailable> {
        Ok(self.in_use().await?.0)
    }

    /// There is none until the secret is first changed.
    async fn previous(&self) -> Result<Option<SecretString>, Unavailable> {
        Ok(self.staged("AWSPREVIOUS").await?.map(|(text, _)| text))
    }

    async fn versions(&self) -> Result<Versions, Unavailable> {
        let (current, changed_at) = self.in_use().await?;
        Ok(Versions { current, previous: self.previous().await?, changed_at })
    }
}
