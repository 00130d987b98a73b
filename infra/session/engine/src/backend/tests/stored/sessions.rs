//! Signal sessions and the identities of those that they are with.

use super::form::{blobs, bytes, written};
use super::party::{Party, address, first_message, message};
use super::{Store, held, holding};
use serde_json::{Value, json};
use wacore::libsignal::protocol::{CiphertextMessage, ProtocolAddress, SessionRecord};
use wacore::store::traits::SignalStore;

super::stored! {
    sessions: session_is_written, session_is_read;
}

fn us() -> ProtocolAddress {
    address("100000000000077:5@lid")
}

fn them() -> ProtocolAddress {
    address("100000000000071:3@lid")
}

fn sealed(message: &CiphertextMessage) -> String {
    hex::encode(message.serialize())
}

/// The chain index of what is sent in a session that both sides have spoken in.
fn counter(sent: &CiphertextMessage) -> u32 {
    match sent {
        CiphertextMessage::SignalMessage(sent) => sent.counter(),
        _ => panic!("the session was never answered"),
    }
}

async fn session_is_written(store: &Store) -> Value {
    let others = Store::new();
    let (mut own, mut other) = (Party::of(store).await, Party::of(&others).await);
    let one_time = own.new_pre_key(1).await;
    other.start(&us(), &own.bundle(Some(&one_time))).await;
    let first = other.encrypt(&us(), "first").await;
    assert_eq!(own.decrypt(&them(), &first).await, "first");
    let late = other.encrypt(&us(), "late").await;
    let answer = own.encrypt(&them(), "answer").await;
    assert_eq!(other.decrypt(&us(), &answer).await, "answer");
    let overtaken = other.encrypt(&us(), "overtaken").await;
    let second = other.encrypt(&us(), "second").await;
    assert_eq!(own.decrypt(&them(), &second).await, "second");
    let sent = own.encrypt(&them(), "again").await;
    let next = other.encrypt(&us(), "next").await;
    own.flush().await;
    other.flush().await;
    own.named(json!({
        "identity": hex::encode(other.identity()),
        "late": sealed(&late),
        "overtaken": sealed(&overtaken),
        "next": sealed(&next),
        "sent": counter(&sent),
        "other": written(&held(&others).await),
    }))
}

async fn session_is_read(store: &Store, given: &Value) {
    let mut own = Party::again(store, given).await;
    let identity = own.backend.load_identity(them().as_str()).await.unwrap();
    assert_eq!(identity.map(Vec::from), Some(bytes(given, "identity")));
    let mut other = Party::of(&holding(&blobs(&given["other"])).await).await;
    let stored = own.backend.get_session(them().as_str()).await.unwrap().unwrap();
    let record = SessionRecord::deserialize(&stored).unwrap();
    let state = record.session_state().unwrap();
    assert_eq!(
        (state.local_registration_id(), state.remote_registration_id()),
        (own.registration_id(), other.registration_id())
    );
    for text in ["overtaken", "next"] {
        assert_eq!(own.decrypt(&them(), &message(given, text)).await, text);
    }
    // Of the chain before, and as what still begins the session: it is this one, not another.
    assert_eq!(own.decrypt(&them(), &first_message(given, "late")).await, "late");
    let sent = own.encrypt(&them(), "third").await;
    assert!(u64::from(counter(&sent)) > given["sent"].as_u64().unwrap(), "no message key is used twice");
    // And the two go on, from key to key.
    assert_eq!(other.decrypt(&us(), &sent).await, "third");
    let answer = other.encrypt(&us(), "answer to the third").await;
    assert_eq!(own.decrypt(&them(), &answer).await, "answer to the third");
}
