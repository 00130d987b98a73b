use super::{Store, block_on};
use bytes::Bytes;
use carteiro_core::lease::Epoch;
use proptest::prelude::*;
use std::collections::BTreeMap;
use wacore::store::traits::SignalStore;

fn keys(ids: std::ops::RangeInclusive<u32>) -> Vec<(u32, Bytes)> {
    ids.map(|id| (id, Bytes::from(id.to_be_bytes().repeat(17)))).collect()
}

#[tokio::test]
async fn a_new_devices_pre_keys_are_nine_blobs_in_one_commit() {
    let store = Store::new();
    store.backend().await.store_prekeys_batch(&keys(1..=812), false).await.unwrap();
    assert_eq!((store.blobs(), store.commits()), (9, 1));
    let backend = store.backend().await;
    assert_eq!(backend.get_max_prekey_id().await.unwrap(), 812);
    assert_eq!(backend.load_prekeys_batch(&[1, 99, 100, 812, 813]).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_used_pre_key_stays_away() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.store_prekeys_batch(&keys(1..=3), false).await.unwrap();
    backend.remove_prekey(2).await.unwrap();
    backend.mark_prekeys_uploaded(&[1, 2, 3]).await.unwrap();
    let backend = store.backend().await;
    assert_eq!(backend.load_prekey(2).await.unwrap(), None);
    assert_eq!(backend.load_prekey(3).await.unwrap(), Some(keys(3..=3)[0].1.clone()));
}

#[tokio::test]
async fn a_last_pre_key_takes_its_blob_along() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.store_prekey(7, b"seven", true).await.unwrap();
    backend.remove_prekey(7).await.unwrap();
    assert_eq!((store.blobs(), backend.get_max_prekey_id().await.unwrap()), (0, 0));
}

#[tokio::test]
async fn uses_of_one_block_at_once_lose_nothing() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.store_prekeys_batch(&keys(0..=9), true).await.unwrap();
    let removals = (0..=9).filter(|id| id % 2 == 0).map(|id| backend.remove_prekey(id));
    let (a, b) = tokio::join!(join_all(removals.collect()), backend.store_prekey(50, b"fifty", false));
    a.into_iter().chain([b]).for_each(|outcome| outcome.unwrap());
    let left = backend.load_prekeys_batch(&(0..=50).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(left.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 3, 5, 7, 9, 50]);
}

async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    whatsapp_rust::futures::future::join_all(futures).await
}

#[tokio::test]
async fn identities_sessions_and_sender_keys_are_kept() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.put_identities_batch(&[("1@lid".into(), [1; 32]), ("1:2@lid".into(), [2; 32])]).await.unwrap();
    backend.put_sessions_batch(&[("1@lid".into(), Bytes::from_static(b"one"))]).await.unwrap();
    backend.put_sender_keys_batch(&[("g@g.us#1".into(), Bytes::from_static(b"key"))]).await.unwrap();
    backend.store_signed_prekey(4, b"signed").await.unwrap();
    let backend = store.backend().await;
    assert_eq!(backend.load_identity("1:2@lid").await.unwrap(), Some([2; 32]));
    assert_eq!(backend.get_session("1@lid").await.unwrap().as_deref(), Some(b"one".as_slice()));
    assert!(backend.has_session("1@lid").await.unwrap() && !backend.has_session("2@lid").await.unwrap());
    assert_eq!(backend.get_sender_key("g@g.us#1").await.unwrap().as_deref(), Some(b"key".as_slice()));
    assert_eq!(backend.load_all_signed_prekeys().await.unwrap(), [(4, b"signed".to_vec())]);
    backend.delete_session("1@lid").await.unwrap();
    backend.delete_identity("1@lid").await.unwrap();
    backend.remove_signed_prekey(4).await.unwrap();
    backend.delete_sender_key("g@g.us#1").await.unwrap();
    assert_eq!(backend.get_session("1@lid").await.unwrap(), None);
    assert_eq!(store.blobs(), 1, "one identity is left");
}

#[tokio::test]
async fn signal_state_is_looked_for_by_the_whole_user() {
    let store = Store::new();
    let backend = store.backend().await;
    backend.put_session("5511988887777:3@s.whatsapp.net", b"row").await.unwrap();
    backend.put_identity("42@lid", [0; 32]).await.unwrap();
    for (user, expected) in [("5511988887777", true), ("42", true), ("55119", false), ("4", false)] {
        assert_eq!(backend.has_signal_state_for_user(user).await.unwrap(), expected, "{user}");
    }
}

#[tokio::test]
async fn an_owner_that_was_replaced_writes_nothing() {
    let store = Store::new();
    let old = store.backend().await;
    old.put_session("1@lid", b"old").await.unwrap();
    let new = store.backend_of(Epoch::FIRST.next()).await;
    assert!(old.put_session("1@lid", b"late").await.is_err());
    assert!(old.health.is_fenced());
    let commits = store.commits();
    assert!(old.put_session("1@lid", b"later").await.is_err());
    assert_eq!(store.commits(), commits, "it does not even ask again");
    assert_eq!(new.get_session("1@lid").await.unwrap().as_deref(), Some(b"old".as_slice()));
}

#[derive(Debug, Clone)]
enum Step {
    Store(u32, u8),
    Upload(u32),
    Remove(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let id = 0u32..250;
    let step = prop_oneof![
        (id.clone(), any::<u8>()).prop_map(|(id, byte)| Step::Store(id, byte)),
        id.clone().prop_map(Step::Upload),
        id.prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn packed_pre_keys_behave_as_a_map(steps in steps()) {
        block_on(async {
            let store = Store::new();
            let backend = store.backend().await;
            let mut expected = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Store(id, byte) => {
                        backend.store_prekey(id, &[byte; 3], false).await.unwrap();
                        expected.insert(id, Bytes::from(vec![byte; 3]));
                    }
                    Step::Upload(id) => backend.mark_prekeys_uploaded(&[id]).await.unwrap(),
                    Step::Remove(id) => {
                        backend.remove_prekey(id).await.unwrap();
                        expected.remove(&id);
                    }
                }
            }
            let all: Vec<u32> = (0..250).collect();
            let found: BTreeMap<_, _> = backend.load_prekeys_batch(&all).await.unwrap().into_iter().collect();
            assert_eq!(backend.get_max_prekey_id().await.unwrap(), expected.keys().max().copied().unwrap_or(0));
            assert_eq!(found, expected);
        });
    }
}
