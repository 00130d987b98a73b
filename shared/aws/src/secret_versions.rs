//! A secret of Secrets Manager on its way from one version to the next: the store names each by a token, and says by staging labels
//! which is in use and which is to be.

use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use carteiro_core::ports::{SecretVersions, Unavailable, VersionStage};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";

/// The versions of one secret.
#[derive(Debug, Clone)]
pub struct SecretsManagerVersions {
    client: Client,
    id: String,
}

impl SecretsManagerVersions {
    /// The versions of the secret of that ARN or name.
    pub fn new(client: Client, id: impl Into<String>) -> Self {
        Self { client, id: id.into() }
    }

    fn operation(&self, name: &str) -> String {
        format!("secretsmanager {name} {}", self.id)
    }

    /// The staging labels of each version.
    async fn labels(&self) -> Result<HashMap<String, Vec<String>>, Unavailable> {
        let answer = self.client.describe_secret().secret_id(&self.id).send().await;
        let answer = answer.map_err(|error| unavailable(self.operation("DescribeSecret"), &error))?;
        Ok(answer.version_ids_to_stages.unwrap_or_default())
    }
}

fn has(labels: &[String], label: &str) -> bool {
    labels.iter().any(|found| found == label)
}

#[async_trait]
impl SecretVersions for SecretsManagerVersions {
    async fn stage(&self, token: &str) -> Result<VersionStage, Unavailable> {
        Ok(match self.labels().await?.get(token) {
            Some(labels) if has(labels, CURRENT) => VersionStage::Current,
            Some(labels) if has(labels, PENDING) => VersionStage::Pending,
            _ => VersionStage::Unknown,
        })
    }

    async fn pending(&self, token: &str) -> Result<Option<SecretString>, Unavailable> {
        let read = self.client.get_secret_value().secret_id(&self.id);
        match read.version_id(token).version_stage(PENDING).send().await {
            Ok(answer) => Ok(answer.secret_string.map(SecretString::from)),
            // A version without a text is one that is not there.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(unavailable(self.operation("GetSecretValue"), &error)),
        }
    }

    async fn put_pending(&self, token: &str, text: SecretString) -> Result<(), Unavailable> {
        let put = self.client.put_secret_value().secret_id(&self.id).client_request_token(token);
        let put = put.secret_string(text.expose_secret()).version_stages(PENDING).send().await;
        put.map_err(|error| unavailable(self.operation("PutSecretValue"), &error))?;
        Ok(())
    }

    async fn promote(&self, token: &str) -> Result<(), Unavailable> {
        let labels = self.labels().await?;
        let in_use = labels.iter().find(|(_, labels)| has(labels, CURRENT)).map(|(version, _)| version);
        if in_use.is_some_and(|version| version == token) {
            return Ok(());
        }
        let promote = self.client.update_secret_version_stage().secret_id(&self.id).version_stage(CURRENT);
        let promote = promote.move_to_version_id(token).set_remove_from_version_id(in_use.cloned());
        promote
            .send()
            .await
            .map_err(|error| unavailable(self.operation("UpdateSecretVersionStage"), &error))?;
        Ok(())
    }
}
