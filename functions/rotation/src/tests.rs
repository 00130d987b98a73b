use crate::handler::{Refused, Wanted, handle};
use carteiro_core::testing::{MemorySecretVersions, SeededRandom};
use carteiro_core::usecase::RotateKey;
use serde_json::{Value, json};
use std::sync::Arc;

const SECRET: &str = "arn:aws:secretsmanager:sa-east-1:123456789012:secret:carteiro/jwt-key-AbCdEf";
const TOKEN: &str = "0f5b1c1e-7d55-4c3e-9c53-0c1d2f3a4b5c";

fn rotation() -> (RotateKey, Arc<MemorySecretVersions>) {
    let versions =
        Arc::new(MemorySecretVersions::new(r#"{"kid":"1","key":"0123456789012345678901234567890123"}"#));
    versions.begin(TOKEN);
    (RotateKey { versions: versions.clone(), random: Arc::new(SeededRandom::default()) }, versions)
}

fn wanted(step: &str, secret: &str) -> Wanted {
    let mut event: Value = serde_json::from_str(include_str!("../../../events/rotation.json")).unwrap();
    event["Step"] = json!(step);
    event["SecretId"] = json!(secret);
    event["ClientRequestToken"] = json!(TOKEN);
    serde_json::from_value(event).unwrap()
}

#[tokio::test]
async fn the_steps_of_secrets_manager_replace_the_key() {
    let (rotate, versions) = rotation();
    let before = versions.current();
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
        assert_eq!(versions.current(), before);
        handle(&rotate, SECRET, &wanted(step, SECRET)).await.unwrap();
    }
    assert_ne!(versions.current(), before);
    assert_eq!(versions.previous(), Some(before));
}

#[tokio::test]
async fn another_secret_is_left_alone() {
    let (rotate, versions) = rotation();
    let refused = handle(&rotate, SECRET, &wanted("createSecret", "arn:another")).await;
    assert!(matches!(refused, Err(Refused::Stranger)));
    versions.switch.fail();
    assert!(matches!(
        handle(&rotate, SECRET, &wanted("createSecret", SECRET)).await,
        Err(Refused::Failed(_))
    ));
}

#[test]
fn an_unknown_step_is_no_event() {
    let event = json!({"Step": "dropSecret", "SecretId": SECRET, "ClientRequestToken": TOKEN});
    assert!(serde_json::from_value::<Wanted>(event).is_err());
}
