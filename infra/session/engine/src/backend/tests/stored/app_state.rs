//! Keys, versions and mutation MACs of WhatsApp's app state.

use super::Store;
use serde_json::{Value, json};
use std::collections::HashMap;
use wacore::appstate::hash::HashState;
use wacore::appstate::processor::AppStateMutationMAC;
use wacore::store::traits::{AppStateSyncKey, AppSyncStore};

super::stored! {
    app_state: state_is_written, state_is_read;
}

const OLDER: [u8; 6] = [0, 0, 0, 0, 1, 9];
const LATEST: [u8; 6] = [0, 0, 0, 0, 2, 255];

fn key(byte: u8) -> AppStateSyncKey {
    AppStateSyncKey {
        key_data: vec![byte; 32],
        fingerprint: vec![byte, 1, 2],
        timestamp: 1_795_000_000_000 + i64::from(byte),
    }
}

fn hash() -> [u8; 128] {
    std::array::from_fn(|at| at as u8)
}

fn mac(byte: u8) -> AppStateMutationMAC {
    AppStateMutationMAC { index_mac: vec![byte; 32], value_mac: vec![!byte; 32] }
}

async fn state_is_written(store: &Store) -> Value {
    let backend = store.backend().await;
    backend.set_sync_key(&OLDER, key(1)).await.unwrap();
    backend.set_sync_key(&LATEST, key(2)).await.unwrap();
    let state = HashState {
        version: 12,
        hash: hash(),
        index_value_map: HashMap::from([("index".to_owned(), vec![5, 6])]),
        mac_mismatch_fatal: true,
    };
    backend.set_version("regular_high", state).await.unwrap();
    backend.put_mutation_macs("regular_high", 12, &[mac(0x20), mac(0x2f), mac(0xc1)]).await.unwrap();
    json!({})
}

async fn state_is_read(store: &Store, _: &Value) {
    let backend = store.backend().await;
    for (id, expected) in [(OLDER, key(1)), (LATEST, key(2))] {
        let AppStateSyncKey { key_data, fingerprint, timestamp } =
            backend.get_sync_key(&id).await.unwrap().unwrap();
        assert_eq!(
            (key_data, fingerprint, timestamp),
            (expected.key_data, expected.fingerprint, expected.timestamp)
        );
    }
    assert_eq!(backend.get_latest_sync_key_id().await.unwrap(), Some(LATEST.to_vec()));
    let HashState { version, hash: read, index_value_map, mac_mismatch_fatal } =
        backend.get_version("regular_high").await.unwrap();
    assert_eq!((version, read, mac_mismatch_fatal), (12, hash(), true));
    assert_eq!(index_value_map, HashMap::from([("index".to_owned(), vec![5, 6])]));
    let macs =
        backend.get_mutation_macs("regular_high", &[[0x20; 32], [0x2f; 32], [0xc1; 32]]).await.unwrap();
    let expected = [0x20, 0x2f, 0xc1].map(|byte: u8| ([byte; 32], vec![!byte; 32]));
    assert_eq!(macs, HashMap::from(expected));
}
