//! The contract of [`WhatsAppStates`](carteiro_core::ports::WhatsAppStates).

use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::StateWrite::{Delete, Put};
use carteiro_core::ports::{StateError, StateKey, StateOwner, StateWrite, WhatsAppState};
use std::sync::Arc;

crate::contract! {
    what_is_written_reads_back,
    blobs_are_listed_by_prefix_in_order,
    a_list_of_many_pages_is_whole,
    the_last_write_of_a_blob_counts,
    a_hundred_blobs_go_in_order,
    blobs_of_any_size,
    a_large_blob_shrinks_and_goes,
    an_earlier_owner_is_fenced,
    a_later_owner_reads_what_was_written,
    one_of_many_owners_stays,
    commits_at_once_all_count,
    erased_state_is_gone_and_the_claim_stays,
    erasing_is_fenced,
    numbers_are_apart,
}

fn owner(number: u32) -> StateOwner {
    (&phone(number)).into()
}

fn key(text: &str) -> StateKey {
    StateKey::new(text).unwrap()
}

fn put(text: &str, content: &[u8]) -> StateWrite {
    Put(key(text), content.to_vec())
}

async fn open(ports: &Ports, epoch: Epoch) -> Arc<dyn WhatsAppState> {
    ports.states().open(&owner(1), epoch).await.unwrap()
}

/// Bytes of which no part is like another.
fn bytes(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

async fn what_is_written_reads_back(ports: &Ports) {
    let state = open(ports, Epoch::FIRST).await;
    assert_eq!(state.get(&key("session#a")).await, Ok(None));
    let longest = "k".repeat(StateKey::MAX_BYTES);
    let writes = vec![
        put("session#a", &[1, 2, 3]),
        put("session#empty", &[]),
        put("session#ção/👋 \"#\"", &[0]),
        put(&longest, &[9]),
        put("HEAD", &[7]),
    ];
    state.commit(writes).await.unwrap();
    assert_eq!(state.get(&key("session#a")).await, Ok(Some(vec![1, 2, 3])));
    assert_eq!(state.get(&key("session#empty")).await, Ok(Some(vec![])));
    assert_eq!(state.get(&key("session#ção/👋 \"#\"")).await, Ok(Some(vec![0])));
    assert_eq!(state.get(&key(&longest)).await, Ok(Some(vec![9])));
    assert_eq!(state.get(&key("HEAD")).await, Ok(Some(vec![7])), "a blob of any name is no claim");
    state.commit(vec![Delete(key("session#a")), Delete(key("never"))]).await.unwrap();
    assert_eq!(state.get(&key("session#a")).await, Ok(None));
    state.commit(vec![]).await.unwrap();
}

async fn blobs_are_listed_by_prefix_in_order(ports: &Ports) {
    let state = open(ports, Epoch::FIRST).await;
    assert_eq!(state.list("session#").await, Ok(vec![]));
    let writes = ["session#b", "sessionless", "session#a:10", "prekey#1", "session#a:2"];
    state.commit(writes.iter().map(|k| put(k, k.as_bytes())).collect()).await.unwrap();
    let listed = |prefix: &'static str| {
        let state = Arc::clone(&state);
        async move {
            let blobs = state.list(prefix).await.unwrap();
            assert!(blobs.iter().all(|(key, content)| key.as_str().as_bytes() == content));
            blobs.into_iter().map(|(key, _)| key.as_str().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(listed("session#").await, ["session#a:10", "session#a:2", "session#b"]);
    assert_eq!(listed("session").await, ["session#a:10", "session#a:2", "session#b", "sessionless"]);
    assert_eq!(listed("").await.len(), 5);
}

async fn a_list_of_many_pages_is_whole(ports: &Ports) {
    // A query's answer holds a megabyte.
    let state = open(ports, Epoch::FIRST).await;
    let blobs: Vec<_> = (0..12).map(|n| (key(&format!("s#{n:02}")), bytes(200_000, n))).collect();
    state.commit(blobs.iter().map(|(k, v)| Put(k.clone(), v.clone())).collect()).await.unwrap();
    assert_eq!(state.list("s#").await.unwrap(), blobs);
}

async fn the_last_write_of_a_blob_counts(ports: &Ports) {
    let state = open(ports, Epoch::FIRST).await;
    let writes = vec![put("a", &[1]), put("b", &[1]), Delete(key("a")), put("a", &[3]), Delete(key("b"))];
    state.commit(writes).await.unwrap();
    assert_eq!(state.get(&key("a")).await, Ok(Some(vec![3])));
    assert_eq!(state.get(&key("b")).await, Ok(None));
}

async fn a_hundred_blobs_go_in_order(ports: &Ports) {
    let state = open(ports, Epoch::FIRST).await;
    state.commit((0..100).map(|n| put(&format!("k#{n:03}"), &[n])).collect()).await.unwrap();
    let listed = state.list("k#").await.unwrap();
    assert_eq!(listed.len(), 100);
    assert!(listed.iter().enumerate().all(|(n, (_, content))| content == &[n as u8]));
}

async fn blobs_of_any_size(ports: &Ports) {
    let state = open(ports, Epoch::FIRST).await;
    for size in [300 * 1024 - 1, 300 * 1024, 900_000, 4_500_000] {
        let content = bytes(size, size as u32);
        let writes = vec![put("before", &[1]), Put(key("large#1"), content.clone()), put("z", &[2])];
        state.commit(writes).await.unwrap();
        assert!(state.get(&key("large#1")).await.unwrap().unwrap() == content, "{size} bytes");
    }
    let listed = state.list("large#").await.unwrap();
    assert_eq!(listed.iter().map(|(_, content)| content.len()).collect::<Vec<_>>(), [4_500_000]);
    assert_eq!(state.list("").await.unwrap().len(), 3, "parts are no blobs");
}

async fn a_large_blob_shrinks_and_goes(ports: &Ports) {
    let state = open(ports, Epoch::FIRST).await;
    let (large, other) = (bytes(700_000, 1), bytes(800_000, 2));
    state.commit(vec![Put(key("a"), large.clone()), Put(key("b"), large)]).await.unwrap();
    // A later owner knows what is in parts, too.
    let state = open(ports, Epoch::FIRST.next()).await;
    state.commit(vec![Put(key("a"), other.clone()), put("b", &[1])]).await.unwrap();
    assert!(state.get(&key("a")).await.unwrap().unwrap() == other);
    assert_eq!(state.get(&key("b")).await, Ok(Some(vec![1])));
    state.commit(vec![Delete(key("a")), Delete(key("a")), Put(key("b"), other.clone())]).await.unwrap();
    assert_eq!(state.get(&key("a")).await, Ok(None));
    assert!(state.get(&key("b")).await.unwrap().unwrap() == other);
}

async fn an_earlier_owner_is_fenced(ports: &Ports) {
    let (first, second) = (Epoch::FIRST, Epoch::FIRST.next());
    let early = open(ports, first).await;
    early.commit(vec![put("a", &[1])]).await.unwrap();
    let late = open(ports, second).await;
    let large = bytes(700_000, 3);
    for writes in [
        vec![put("a", &[2])],
        vec![Delete(key("a"))],
        vec![Put(key("a"), large)],
        (0..50).map(|n| put(&format!("k{n}"), &[2])).collect(),
    ] {
        assert_eq!(early.commit(writes).await, Err(StateError::Fenced));
    }
    assert_eq!(late.list("").await.unwrap(), [(key("a"), vec![1])]);
    let opened = ports.states().open(&owner(1), first).await;
    assert!(matches!(opened, Err(StateError::Fenced)));
    late.commit(vec![put("a", &[3])]).await.unwrap();
}

async fn a_later_owner_reads_what_was_written(ports: &Ports) {
    open(ports, Epoch::FIRST).await.commit(vec![put("a", &[1])]).await.unwrap();
    // The same owner may open it again.
    open(ports, Epoch::FIRST).await.commit(vec![put("b", &[2])]).await.unwrap();
    let later = open(ports, Epoch::new(9)).await;
    assert_eq!(later.list("").await.unwrap(), [(key("a"), vec![1]), (key("b"), vec![2])]);
}

async fn one_of_many_owners_stays(ports: &Ports) {
    let tasks: Vec<_> = (1..=8)
        .map(|number| {
            let states = Arc::clone(ports.states());
            tokio::spawn(async move {
                let state = states.open(&owner(1), Epoch::new(number)).await?;
                for round in 0..10 {
                    state.commit(vec![put("owner", &[number as u8]), put("round", &[round])]).await?;
                }
                Ok::<_, StateError>(number)
            })
        })
        .collect();
    for task in tasks {
        if let Err(error) = task.await.unwrap() {
            assert_eq!(error, StateError::Fenced);
        }
    }
    let last = open(ports, Epoch::new(8)).await;
    assert_eq!(last.get(&key("owner")).await, Ok(Some(vec![8])), "nobody wrote after the last owner");
    assert_eq!(last.get(&key("round")).await, Ok(Some(vec![9])));
}

async fn commits_at_once_all_count(ports: &Ports) {
    let state = open(ports, Epoch::FIRST).await;
    let tasks: Vec<_> = (0..20u8)
        .map(|n| {
            let state = Arc::clone(&state);
            tokio::spawn(async move { state.commit(vec![put(&format!("k{n}"), &[n])]).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(state.list("k").await.unwrap().len(), 20);
}

async fn erased_state_is_gone_and_the_claim_stays(ports: &Ports) {
    let (first, second) = (Epoch::FIRST, Epoch::FIRST.next());
    let early = open(ports, first).await;
    early.commit((0..150).map(|n| put(&format!("k#{n}"), &[1])).collect()).await.unwrap();
    early.commit(vec![Put(key("large"), bytes(700_000, 4))]).await.unwrap();
    ports.states().erase(&owner(1), second).await.unwrap();
    ports.states().erase(&owner(1), second).await.unwrap();
    assert_eq!(early.commit(vec![put("a", &[1])]).await, Err(StateError::Fenced));
    let late = open(ports, second).await;
    assert_eq!(late.list("").await, Ok(vec![]));
    // Paired anew, under the same epoch; also by one who had it open all the time.
    ports.states().erase(&owner(1), second).await.unwrap();
    let content = bytes(700_000, 5);
    late.commit(vec![Put(key("large"), content.clone())]).await.unwrap();
    assert!(late.get(&key("large")).await.unwrap().unwrap() == content);
    ports.states().erase(&owner(1), second).await.unwrap();
    late.commit(vec![put("large", &[1])]).await.unwrap();
    assert_eq!(late.get(&key("large")).await, Ok(Some(vec![1])));
}

async fn erasing_is_fenced(ports: &Ports) {
    let state = open(ports, Epoch::new(2)).await;
    state.commit(vec![put("a", &[1])]).await.unwrap();
    assert_eq!(ports.states().erase(&owner(1), Epoch::FIRST).await, Err(StateError::Fenced));
    assert_eq!(state.get(&key("a")).await, Ok(Some(vec![1])));
}

async fn numbers_are_apart(ports: &Ports) {
    open(ports, Epoch::FIRST).await.commit(vec![put("a", &[1])]).await.unwrap();
    let other = ports.states().open(&owner(2), Epoch::FIRST).await.unwrap();
    assert_eq!(other.get(&key("a")).await, Ok(None));
    ports.states().erase(&owner(2), Epoch::FIRST).await.unwrap();
    assert_eq!(open(ports, Epoch::FIRST).await.get(&key("a")).await, Ok(Some(vec![1])));
}
