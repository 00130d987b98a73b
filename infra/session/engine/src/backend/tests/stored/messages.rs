//! Messages that are kept for a while: sent ones, ones that were not handed over yet, and the secrets of some.

use super::Store;
use serde_json::{Value, json};
use wacore::store::traits::{MsgSecretEntry, MsgSecretStore, ProtocolStore};
use waproto::buffa::Message as _;
use waproto::whatsapp::Message;

super::stored! {
    messages: messages_are_written, messages_are_read;
}

const GROUP: &str = "120363000000000001@g.us";
const MEMBER: &str = "100000000000071:3@lid";
/// What other people call their messages may hold anything.
const ODD: &str = "50%#1";

fn text(text: &str) -> Message {
    Message { conversation: Some(text.to_owned()), ..Default::default() }
}

async fn messages_are_written(store: &Store) -> Value {
    let backend = store.backend().await;
    let since = wacore::time::now_secs();
    for id in ["3EB0A1", "3EB0A4"] {
        backend.store_sent_message(GROUP, id, &text("sent ✓").encode_to_vec()).await.unwrap();
    }
    let long = "x".repeat(2_000);
    for id in ["3EB0A2", ODD, &long] {
        backend.store_pending_inbound(GROUP, MEMBER, id, &text("come ✓").encode_to_vec()).await.unwrap();
    }
    let secret = MsgSecretEntry {
        chat: GROUP.into(),
        sender: MEMBER.into(),
        msg_id: "3EB0A3".into(),
        secret: std::array::from_fn(|at| at as u8),
        expires_at: 1_795_000_100,
        message_ts: 1_795_000_000,
    };
    backend.put_msg_secrets(vec![secret]).await.unwrap();
    json!({"since": since, "until": wacore::time::now_secs()})
}

async fn messages_are_read(store: &Store, given: &Value) {
    let backend = store.backend().await;
    let read = |blob: Option<Vec<u8>>| Message::decode_from_slice(&blob.unwrap()).unwrap();
    let long = "x".repeat(2_000);
    for id in ["3EB0A2", ODD, &long] {
        let come = backend.get_pending_inbound(GROUP, MEMBER, id).await.unwrap();
        assert_eq!(read(come), text("come ✓"));
    }
    let sent = backend.take_sent_message(GROUP, "3EB0A1").await.unwrap();
    assert_eq!(read(sent), text("sent ✓"));
    // Each is kept since a time. A backend sweeps once.
    let (since, after) = (given["since"].as_i64().unwrap(), given["until"].as_i64().unwrap() + 1);
    for (cutoff, come, sent) in [(since, 0, 0), (after, 3, 1)] {
        let backend = store.backend().await;
        assert_eq!(backend.delete_expired_pending_inbound(cutoff).await.unwrap(), come);
        assert_eq!(backend.delete_expired_sent_messages(cutoff).await.unwrap(), sent);
    }
    let secret = backend.get_msg_secret_with_ts(GROUP, MEMBER, "3EB0A3").await.unwrap();
    assert_eq!(secret, Some(((0..32).collect(), 1_795_000_000)));
    assert_eq!(backend.delete_expired_msg_secrets(1_795_000_099).await.unwrap(), 0);
    assert_eq!(backend.delete_expired_msg_secrets(1_795_000_100).await.unwrap(), 1);
}
