use super::Store;
use wacore::store::traits::{MsgSecretEntry, MsgSecretStore};

fn entry(id: &str, byte: u8, expires_at: i64, message_ts: i64) -> MsgSecretEntry {
    MsgSecretEntry {
        chat: "1@lid".into(),
        sender: "1@lid".into(),
        msg_id: id.into(),
        secret: [byte; 32],
        expires_at,
        message_ts,
    }
}

#[tokio::test]
async fn a_second_write_never_shortens_a_secrets_life() {
    let store = Store::new();
    let backend = store.backend().await;
    backend
        .put_msg_secrets(vec![entry("A", 1, 50, 9), entry("A", 2, 40, 0), entry("B", 3, 0, 0)])
        .await
        .unwrap();
    backend.put_msg_secrets(vec![entry("B", 3, 10, 0)]).await.unwrap();
    let backend = store.backend().await;
    assert_eq!(backend.get_msg_secret_with_ts("1@lid", "1@lid", "A").await.unwrap(), Some((vec![2; 32], 9)));
    assert_eq!(backend.delete_expired_msg_secrets(49).await.unwrap(), 0);
    assert_eq!(backend.delete_expired_msg_secrets(50).await.unwrap(), 1);
    assert_eq!(backend.get_msg_secret("1@lid", "1@lid", "A").await.unwrap(), None);
    assert_eq!(
        backend.get_msg_secret("1@lid", "1@lid", "B").await.unwrap(),
        Some(vec![3; 32]),
        "it never expires"
    );
}
