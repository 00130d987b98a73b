use super::Store;
use wacore::appstate::hash::HashState;
use wacore::appstate::processor::AppStateMutationMAC;
use wacore::store::traits::{AppStateSyncKey, AppSyncStore};

fn mac(byte: u8) -> AppStateMutationMAC {
    AppStateMutationMAC { index_mac: vec![byte; 32], value_mac: vec![byte.wrapping_add(1); 32] }
}

#[tokio::test]
async fn the_latest_key_is_the_one_stored_last() {
    let store = Store::new();
    let backend = store.backend().await;
    let key = |byte| AppStateSyncKey { key_data: vec![byte; 32], fingerprint: vec![], timestamp: 7 };
    backend.set_sync_key(&[0, 1], key(1)).await.unwrap();
    backend.set_sync_key(&[0, 0], key(2)).await.unwrap();
    let backend = store.backend().await;
    assert_eq!(backend.get_latest_sync_key_id().await.unwrap(), Some(vec![0, 0]));
    assert_eq!(backend.get_sync_key(&[0, 1]).await.unwrap().unwrap().key_data, [1; 32]);
    assert!(backend.get_sync_key(&[9]).await.unwrap().is_none());
}

#[tokio::test]
async fn a_version_is_kept_and_an_unknown_one_is_the_beginning() {
    let store = Store::new();
    let backend = store.backend().await;
    assert_eq!(backend.get_version("regular").await.unwrap().version, 0);
    let state = HashState { version: 12, hash: [3; 128], ..HashState::default() };
    backend.set_version("regular", state).await.unwrap();
    let read = store.backend().await.get_version("regular").await.unwrap();
    assert_eq!((read.version, read.hash), (12, [3; 128]));
}

#[tokio::test]
async fn macs_of_a_collection_share_sixteen_blobs() {
    let store = Store::new();
    let backend = store.backend().await;
    let all: Vec<_> = (0..=255).map(mac).collect();
    backend.put_mutation_macs("regular", 1, &all).await.unwrap();
    backend.put_mutation_macs("regular_low", 1, &all[..1]).await.unwrap();
    assert_eq!((store.blobs(), store.commits()), (17, 2));
    let backend = store.backend().await;
    assert_eq!(backend.get_mutation_mac("regular", &[7; 32]).await.unwrap(), Some(vec![8; 32]));
    let found = backend.get_mutation_macs("regular", &[[0; 32], [255; 32]]).await.unwrap();
    assert_eq!(found.len(), 2);
    backend.delete_mutation_macs("regular", &[vec![7; 32], vec![8; 32]]).await.unwrap();
    assert_eq!(backend.get_mutation_mac("regular", &[7; 32]).await.unwrap(), None);
    backend.clear_mutation_macs("regular").await.unwrap();
    assert_eq!(backend.get_mutation_mac("regular", &[9; 32]).await.unwrap(), None);
    assert!(
        backend.get_mutation_mac("regular_low", &[0; 32]).await.unwrap().is_some(),
        "another collection's stay"
    );
}
