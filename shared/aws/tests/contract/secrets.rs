//! The contract of [`Secret`]: on the secrets that infra/secrets.yaml declares.

use crate::support::stack::{SECRETS, Stack};
use carteiro_aws::{AwsClients, SecretsManagerSecret, SystemClock};
use carteiro_core::ports::{Clock, Secret};
use jiff::SignedDuration;
use secrecy::ExposeSecret;

#[tokio::test]
async fn the_deployments_secrets_have_the_expected_form() {
    let stack = Stack::deploy(SECRETS).await;
    let client = AwsClients::new(stack.config.clone()).secrets();
    let operator = SecretsManagerSecret::new(client.clone(), stack.output("OperatorTokenArn"));
    assert_eq!(operator.current().await.unwrap().expose_secret().len(), 48);
    assert!(operator.previous().await.unwrap().is_none(), "it was never changed");
    let jwt = SecretsManagerSecret::new(client, stack.output("JwtKeyArn")).current().await.unwrap();
    let jwt: serde_json::Value = serde_json::from_str(jwt.expose_secret()).unwrap();
    assert_eq!(jwt["kid"], "1");
    assert_eq!(jwt["key"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn a_changed_secret_has_a_former_version() {
    let stack = Stack::deploy(SECRETS).await;
    let client = AwsClients::new(stack.config.clone()).secrets();
    let id = stack.output("OperatorTokenArn");
    let secret = SecretsManagerSecret::new(client.clone(), id);
    let old = secret.current().await.unwrap();
    client.put_secret_value().secret_id(id).secret_string("new").send().await.unwrap();
    assert_eq!(secret.current().await.unwrap().expose_secret(), "new");
    assert_eq!(secret.previous().await.unwrap().unwrap().expose_secret(), old.expose_secret());
    let versions = secret.versions().await.unwrap();
    assert_eq!(versions.current.expose_secret(), "new");
    assert_eq!(versions.previous.unwrap().expose_secret(), old.expose_secret());
    let age = SystemClock.now().duration_since(versions.changed_at.unwrap());
    assert!(age.abs() < SignedDuration::from_mins(1), "{age}");
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_unavailable() {
    let stack = Stack::deploy(SECRETS).await;
    let client = AwsClients::new(stack.config.clone()).secrets();
    let secret = SecretsManagerSecret::new(client, format!("{}/nothing", stack.prefix));
    assert!(secret.current().await.is_err());
    assert!(secret.previous().await.unwrap().is_none());
}
