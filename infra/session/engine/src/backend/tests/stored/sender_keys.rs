//! Sender keys: a member's, with which its messages to a group are read, and the own one.

use super::Store;
use super::form::bytes;
use super::party::{Party, address};
use serde_json::{Value, json};
use wacore::libsignal::protocol::SenderKeyName;
use wacore::types::jid::make_sender_key_name;

super::stored! {
    sender_keys: keys_are_written, keys_are_read;
}

fn key_of(member: &str) -> SenderKeyName {
    make_sender_key_name(&"120363000000000001@g.us".parse().unwrap(), &address(member))
}

fn ours() -> SenderKeyName {
    key_of("100000000000077:5@lid")
}

fn theirs() -> SenderKeyName {
    key_of("100000000000071@lid")
}

async fn keys_are_written(store: &Store) -> Value {
    let (mut own, mut other) = (Party::of(store).await, Party::of(&Store::new()).await);
    own.learn_key(&theirs(), &other.tell_key(&theirs()).await).await;
    let overtaken = other.encrypt_for_group(&theirs(), "overtaken").await;
    let second = other.encrypt_for_group(&theirs(), "second").await;
    assert_eq!(own.decrypt_of_group(&theirs(), second.serialized()).await, "second");
    let told = own.tell_key(&ours()).await;
    let sent = own.encrypt_for_group(&ours(), "sent").await;
    own.flush().await;
    let next = other.encrypt_for_group(&theirs(), "next").await;
    own.named(json!({
        "overtaken": hex::encode(overtaken.serialized()),
        "next": hex::encode(next.serialized()),
        "told": hex::encode(told),
        "sent": sent.iteration(),
    }))
}

async fn keys_are_read(store: &Store, given: &Value) {
    let mut own = Party::again(store, given).await;
    for text in ["overtaken", "next"] {
        assert_eq!(own.decrypt_of_group(&theirs(), &bytes(given, text)).await, text);
    }
    let told_again = own.tell_key(&ours()).await;
    let sent = own.encrypt_for_group(&ours(), "to all").await;
    assert!(u64::from(sent.iteration()) > given["sent"].as_u64().unwrap(), "no message key is used twice");
    for told in [bytes(given, "told"), told_again] {
        let mut member = Party::of(&Store::new()).await;
        member.learn_key(&ours(), &told).await;
        assert_eq!(member.decrypt_of_group(&ours(), sent.serialized()).await, "to all");
    }
}
