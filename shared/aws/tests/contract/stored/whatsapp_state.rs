//! The stored state of WhatsApp's: a number's, a pairing's, and blobs in parts. What is in a blob is the engine's.

use super::by_hand;
use crate::ports::Ports;
use crate::samples::phone;
use carteiro_core::ids::PairingId;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::StateWrite::Put;
use carteiro_core::ports::{StateError, StateKey, StateOwner};

super::stored! {
    whatsapp_state: state_is_written, state_is_read;
    whatsapp_state_of_a_pairing: of_pairing_is_written, of_pairing_is_read;
    whatsapp_state_in_parts: by_hand, parts_are_read;
}

fn owner() -> StateOwner {
    (&phone(1)).into()
}

fn pairing() -> PairingId {
    PairingId::from_random([0x81; 16])
}

fn key(text: &str) -> StateKey {
    StateKey::new(text).unwrap()
}

fn blobs() -> Vec<(StateKey, Vec<u8>)> {
    vec![
        (key("device#0"), vec![0, 1, 2, 255]),
        (key("session#5511900000071.0:1"), vec![7; 40]),
        (key("session#ção/👋 \"#\""), vec![]),
    ]
}

async fn written(ports: &Ports, owner: &StateOwner) {
    let state = ports.states().open(owner, Epoch::FIRST.next()).await.unwrap();
    state.commit(blobs().into_iter().map(|(key, content)| Put(key, content)).collect()).await.unwrap();
}

async fn state_is_written(ports: &Ports) {
    written(ports, &owner()).await;
}

async fn state_is_read(ports: &Ports) {
    let earlier = ports.states().open(&owner(), Epoch::FIRST).await;
    assert!(matches!(earlier, Err(StateError::Fenced)), "the claim holds");
    let state = ports.states().open(&owner(), Epoch::FIRST.next()).await.unwrap();
    assert_eq!(state.list("").await, Ok(blobs()));
    for (key, content) in blobs() {
        assert_eq!(state.get(&key).await, Ok(Some(content)));
    }
}

async fn of_pairing_is_written(ports: &Ports) {
    written(ports, &pairing().into()).await;
}

async fn of_pairing_is_read(ports: &Ports) {
    assert_eq!(ports.states().holds(pairing()).await, Ok(true));
    ports.states().adopt(&phone(1), Epoch::FIRST, pairing()).await.unwrap();
    assert_eq!(ports.states().holds(pairing()).await, Ok(false));
    let state = ports.states().open(&owner(), Epoch::FIRST).await.unwrap();
    assert_eq!(state.list("").await, Ok(blobs()));
}

/// Split as a large blob is, into parts that are small here: the second generation of three, of which the last is the shortest.
async fn parts_are_read(ports: &Ports) {
    let state = ports.states().open(&owner(), Epoch::FIRST).await.unwrap();
    let large = b"a first part, a second one, and the rest".to_vec();
    assert_eq!(state.get(&key("history#1")).await, Ok(Some(large.clone())));
    assert_eq!(state.list("").await, Ok(vec![(key("device#0"), vec![7]), (key("history#1"), large)]));
    // Its parts go with it: the claim lists them.
    state.commit(vec![Put(key("history#1"), vec![1])]).await.unwrap();
    assert_eq!(state.get(&key("history#1")).await, Ok(Some(vec![1])));
    ports.states().erase(&owner(), Epoch::FIRST).await.unwrap();
    assert_eq!(state.list("").await, Ok(vec![]));
}
