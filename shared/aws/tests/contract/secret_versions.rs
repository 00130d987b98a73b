//! The contract of [`SecretVersions`]: on the secrets that infra/secrets.yaml declares, and in memory.

use crate::support::stack::{SECRETS, Stack};
use carteiro_aws::{AwsClients, SecretsManagerSecret, SecretsManagerVersions};
use carteiro_core::ports::{Secret, SecretVersions, VersionStage};
use carteiro_core::testing::MemorySecretVersions;
use secrecy::ExposeSecret;

const TOKEN: &str = "0f5b1c1e-7d55-4c3e-9c53-0c1d2f3a4b5c";
const NEW: &str = "the next one";

/// A secret takes its next version into use; `begin` is what the store does before.
async fn replaces(versions: &dyn SecretVersions) {
    assert_eq!(versions.stage(TOKEN).await.unwrap(), VersionStage::Unknown);
    assert!(versions.pending(TOKEN).await.unwrap().is_none());
    versions.put_pending(TOKEN, NEW.to_owned().into()).await.unwrap();
    assert_eq!(versions.stage(TOKEN).await.unwrap(), VersionStage::Pending);
    assert_eq!(versions.pending(TOKEN).await.unwrap().unwrap().expose_secret(), NEW);
    for _ in 0..2 {
        versions.promote(TOKEN).await.unwrap();
        assert_eq!(versions.stage(TOKEN).await.unwrap(), VersionStage::Current);
    }
}

#[tokio::test]
async fn in_memory() {
    let versions = MemorySecretVersions::new("the first one");
    replaces(&versions).await;
    assert_eq!((versions.current().as_str(), versions.previous().as_deref()), (NEW, Some("the first one")));
}

#[tokio::test]
async fn in_secrets_manager() {
    let stack = Stack::deploy(SECRETS).await;
    let (client, id) =
        (AwsClients::new(stack.config.clone()).secrets(), stack.output("JwtKeyArn").to_owned());
    let secret = SecretsManagerSecret::new(client.clone(), &id);
    let old = secret.current().await.unwrap();
    replaces(&SecretsManagerVersions::new(client.clone(), &id)).await;
    let read = secret.versions().await.unwrap();
    assert_eq!(read.current.expose_secret(), NEW);
    assert_eq!(read.previous.unwrap().expose_secret(), old.expose_secret(), "what it signed stays good");

    let none = SecretsManagerVersions::new(client, format!("{}/nothing", stack.prefix));
    assert!(none.stage(TOKEN).await.is_err());
    assert!(none.put_pending(TOKEN, NEW.to_owned().into()).await.is_err());
}
