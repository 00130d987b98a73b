//! The deployment's secrets, from Secrets Manager.

use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use carteiro_core::ports::{Secret, Unavailable};
use secrecy::SecretString;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a secret is kept before it is read again: only so that requests which arrive together read it once. Who uses a
/// secret decides how often it is asked for, and must be told of a change when it asks: a JWT under a key that was made just
/// now is a reason to.
const FRESH: Duration = Duration::from_secs(5);

/// The version in use.
const CURRENT: &str = "AWSCURRENT";
/// The version before it. There is none until the secret is first changed.
const PREVIOUS: &str = "AWSPREVIOUS";

/// One version as it was read, and when. `None` for a version that does not exist.
type Kept = Mutex<Option<(Instant, Option<SecretString>)>>;

/// One secret of Secrets Manager. It is kept in memory for five seconds; when it cannot be read again then, the old one stays
/// in use. A read costs a request for each version.
#[derive(Debug)]
pub struct SecretsManagerSecret {
    client: Client,
    id: String,
    current: Kept,
    previous: Kept,
}

impl SecretsManagerSecret {
    /// The secret of that ARN or name.
    pub fn new(client: Client, id: impl Into<String>) -> Self {
        Self { client, id: id.into(), current: Kept::default(), previous: Kept::default() }
    }

    async fn version(&self, kept: &Kept, stage: &str) -> Result<Option<SecretString>, Unavailable> {
        // One at a time: ten requests that arrive together read a secret once.
        let mut kept = kept.lock().await;
        if let Some((at, secret)) = kept.as_ref()
            && at.elapsed() < FRESH
        {
            return Ok(secret.clone());
        }
        match (self.read(stage).await, kept.as_ref()) {
            (Ok(secret), _) => {
                *kept = Some((Instant::now(), secret.clone()));
                Ok(secret)
            }
            (Err(error), Some((_, secret))) => {
                tracing::warn!(%error, "the secret was not read again; the one in memory stays in use");
                Ok(secret.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn read(&self, stage: &str) -> Result<Option<SecretString>, Unavailable> {
        let answer = self.client.get_secret_value().secret_id(&self.id).version_stage(stage).send().await;
        match answer {
            Ok(answer) => Ok(answer.secret_string.map(SecretString::from)),
            Err(SdkError::ServiceError(service))
                if matches!(service.err(), GetSecretValueError::ResourceNotFoundException(_)) =>
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
        let current = self.version(&self.current, CURRENT).await?;
        current.ok_or_else(|| Unavailable {
            operation: self.operation(),
            reason: "there is no such secret, or it is not text".to_owned(),
        })
    }

    async fn previous(&self) -> Result<Option<SecretString>, Unavailable> {
        self.version(&self.previous, PREVIOUS).await
    }
}
