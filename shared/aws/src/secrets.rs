//! The deployment's secrets, from Secrets Manager.

use crate::failure::unavailable;
use carteiro_core::ports::Unavailable;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a secret is kept before it is read again, so that a changed one is in use within this time.
const FRESH: Duration = Duration::from_secs(300);

/// Why a secret was not had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager did not answer, or refused.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The secret is not what it should be; its content is not told.
    #[error("the secret {0} is not of the expected form")]
    Malformed(String),
}

/// The key that signs JWTs, under its name.
#[derive(Debug, Clone, Deserialize)]
pub struct JwtKeySecret {
    /// The name of the key, for a JWT's `kid`.
    pub kid: String,
    /// The key: the UTF-8 bytes of this string are the HMAC key.
    #[serde(deserialize_with = "secret")]
    pub key: SecretString,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// Reads secrets and keeps them in memory for five minutes; when they cannot be read again, the old ones stay in use.
#[derive(Debug)]
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
    kept: Mutex<HashMap<String, (Instant, SecretString)>>,
}

impl Secrets {
    /// Secrets read by that client.
    pub fn new(client: aws_sdk_secretsmanager::Client) -> Self {
        Self { client, kept: Mutex::default() }
    }

    /// A secret that is a plain string, by its ARN or name.
    pub async fn text(&self, id: &str) -> Result<SecretString, SecretError> {
        // One at a time: ten requests that arrive together read a secret once.
        let mut kept = self.kept.lock().await;
        let old = kept.get(id).cloned();
        if let Some((at, secret)) = &old
            && at.elapsed() < FRESH
        {
            return Ok(secret.clone());
        }
        match (self.read(id).await, old) {
            (Ok(secret), _) => {
                kept.insert(id.to_owned(), (Instant::now(), secret.clone()));
                Ok(secret)
            }
            (Err(error), Some((_, secret))) => {
                tracing::warn!(%error, "the secret was not read again; the one in memory stays in use");
                Ok(secret)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// The secret that holds the key of the JWTs: JSON with `kid` and `key`.
    pub async fn jwt_key(&self, id: &str) -> Result<JwtKeySecret, SecretError> {
        let text = self.text(id).await?;
        // The parser's error may quote what it read.
        serde_json::from_str(text.expose_secret()).map_err(|_| SecretError::Malformed(id.to_owned()))
    }

    async fn read(&self, id: &str) -> Result<SecretString, SecretError> {
        let answer = self.client.get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(|e| unavailable(format!("secretsmanager GetSecretValue {id}"), &e))?;
        match answer.secret_string {
            Some(text) if !text.is_empty() => Ok(text.into()),
            _ => Err(SecretError::Malformed(id.to_owned())),
        }
    }
}
