//! Pre-keys, by the messages that begin a session with them: some come days after the server handed them out.

use super::Store;
use super::party::{Party, address, first_message};
use serde_json::{Value, json};
use wacore::libsignal::protocol::{KeyPair, PreKeyBundle};
use wacore::libsignal::store::record_helpers::new_signed_pre_key_record;
use wacore::store::traits::SignalStore;
use waproto::buffa::Message as _;

super::stored! {
    first_messages: keys_are_written, keys_are_read;
}

const US: &str = "100000000000077:5@lid";
/// Who begins a session, and with which keys.
const FROM: [(&str, &str); 3] = [
    ("100000000000071@lid", "with_pre_key_99"),
    ("100000000000072@lid", "with_pre_key_101"),
    ("5511900000073@s.whatsapp.net", "with_the_signed_pre_key_of_before"),
];

/// A first message of somebody new.
async fn begun(bundle: &PreKeyBundle, text: &str) -> Value {
    let mut other = Party::of(&Store::new()).await;
    other.start(&address(US), bundle).await;
    json!(hex::encode(other.encrypt(&address(US), text).await.serialize()))
}

/// As the library changes the signed pre-key, once a month or so: the one before is kept.
async fn rotate(own: &Party) {
    let before = own.library.get_device_snapshot();
    let record = new_signed_pre_key_record(
        before.signed_pre_key_id,
        &before.signed_pre_key,
        before.signed_pre_key_signature,
        wacore::time::now_utc(),
    );
    own.backend.store_signed_prekey(before.signed_pre_key_id, &record.encode_to_vec()).await.unwrap();
    let keys = KeyPair::generate(&mut rand::rng());
    let public = keys.public_key.serialize();
    let signature = before.identity_key.private_key.calculate_signature(&public, &mut rand::rng()).unwrap();
    own.library
        .modify_device(|device| {
            device.signed_pre_key = keys;
            device.signed_pre_key_id += 1;
            device.signed_pre_key_signature = signature;
        })
        .await;
}

async fn keys_are_written(store: &Store) -> Value {
    let own = Party::of(store).await;
    let (of_a_block, of_the_next) = (own.new_pre_key(99).await, own.new_pre_key(101).await);
    let last = begun(&own.bundle(None), FROM[2].1).await;
    rotate(&own).await;
    own.flush().await;
    own.named(json!({
        (FROM[0].1): begun(&own.bundle(Some(&of_a_block)), FROM[0].1).await,
        (FROM[1].1): begun(&own.bundle(Some(&of_the_next)), FROM[1].1).await,
        (FROM[2].1): last,
    }))
}

async fn keys_are_read(store: &Store, given: &Value) {
    let mut own = Party::again(store, given).await;
    assert_eq!(own.backend.get_max_prekey_id().await.unwrap(), 101);
    assert_eq!(own.backend.load_all_signed_prekeys().await.unwrap().len(), 1);
    for id in [99, 101] {
        own.check_pre_key(id).await;
    }
    own.check_signed_pre_key(1).await;
    for (from, text) in FROM {
        assert_eq!(own.decrypt(&address(from), &first_message(given, text)).await, text);
    }
    own.flush().await;
    assert_eq!(own.backend.get_max_prekey_id().await.unwrap(), 0, "each is used once");
}
