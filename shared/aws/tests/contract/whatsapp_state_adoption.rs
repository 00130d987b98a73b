//! The contract of [`WhatsAppStates`](carteiro_core::ports::WhatsAppStates) about the states of pairings.

use crate::ports::Ports;
use crate::samples::{phone, random};
use carteiro_core::ids::PairingId;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::{StateError, StateKey, StateOwner, StateWrite, WhatsAppState};
use std::sync::Arc;

crate::contract! {
    a_pairing_has_state_until_it_is_erased,
    a_number_takes_over_all_that_a_pairing_has,
    a_pairing_without_state_changes_nothing,
    taking_over_is_fenced,
    who_still_has_the_pairing_open_writes_nothing,
}

fn pairing() -> PairingId {
    PairingId::from_random(random())
}

fn number() -> StateOwner {
    (&phone(1)).into()
}

fn put(text: &str, content: &[u8]) -> StateWrite {
    StateWrite::Put(StateKey::new(text).unwrap(), content.to_vec())
}

async fn open(ports: &Ports, owner: &StateOwner, epoch: Epoch) -> Arc<dyn WhatsAppState> {
    ports.states().open(owner, epoch).await.unwrap()
}

async fn all(state: &Arc<dyn WhatsAppState>) -> Vec<(String, Vec<u8>)> {
    let blobs = state.list("").await.unwrap();
    blobs.into_iter().map(|(key, blob)| (key.as_str().to_owned(), blob)).collect()
}

async fn a_pairing_has_state_until_it_is_erased(ports: &Ports) {
    let (states, id) = (ports.states(), pairing());
    assert_eq!(states.holds(id).await, Ok(false));
    let state = open(ports, &id.into(), Epoch::FIRST).await;
    assert_eq!(states.holds(id).await, Ok(true));
    state.commit(vec![put("device#0", &[1])]).await.unwrap();
    let later = open(ports, &id.into(), Epoch::new(2)).await;
    assert_eq!(state.commit(vec![put("device#0", &[2])]).await, Err(StateError::Fenced));
    assert_eq!(states.erase(&id.into(), Epoch::FIRST).await, Err(StateError::Fenced));
    states.erase(&id.into(), Epoch::new(2)).await.unwrap();
    assert_eq!(states.holds(id).await, Ok(false));
    assert_eq!(later.commit(vec![put("device#0", &[3])]).await, Err(StateError::Fenced));
    states.erase(&id.into(), Epoch::new(2)).await.unwrap();
    assert_eq!(states.holds(id).await, Ok(false));
}

async fn a_number_takes_over_all_that_a_pairing_has(ports: &Ports) {
    let (states, id) = (ports.states(), pairing());
    let old = open(ports, &number(), Epoch::new(5)).await;
    let large = |seed: u8| (0..700_000_u32).map(|at| (at % 251) as u8 ^ seed).collect::<Vec<u8>>();
    old.commit(vec![put("device#0", &[9]), put("old", &[9]), put("large", &large(9))]).await.unwrap();
    // The epochs of two shards have nothing to do with each other.
    let new = open(ports, &id.into(), Epoch::new(70)).await;
    let many = (0..130).map(|place| put(&format!("prekeys#{place:03}"), &[place as u8; 600]));
    new.commit(many.chain([put("device#0", &[1]), put("large", &large(1))]).collect()).await.unwrap();
    let expected = all(&new).await;
    states.adopt(&phone(1), Epoch::new(5), id).await.unwrap();
    assert!(all(&open(ports, &number(), Epoch::new(5)).await).await == expected);
    assert_eq!(states.holds(id).await, Ok(false));
    // A large blob goes on being the old or the new one.
    let state = open(ports, &number(), Epoch::new(6)).await;
    state.commit(vec![put("large", &large(2))]).await.unwrap();
    assert!(state.get(&StateKey::new("large").unwrap()).await.unwrap().unwrap() == large(2));
    assert_eq!(all(&open(ports, &id.into(), Epoch::FIRST).await).await, []);
}

async fn a_pairing_without_state_changes_nothing(ports: &Ports) {
    let (states, id) = (ports.states(), pairing());
    open(ports, &number(), Epoch::FIRST).await.commit(vec![put("device#0", &[9])]).await.unwrap();
    states.adopt(&phone(1), Epoch::FIRST, id).await.unwrap();
    open(ports, &id.into(), Epoch::FIRST).await.commit(vec![put("device#0", &[1])]).await.unwrap();
    for _ in 0..2 {
        states.adopt(&phone(1), Epoch::new(2), id).await.unwrap();
        let state = open(ports, &number(), Epoch::new(2)).await;
        assert_eq!(all(&state).await, [("device#0".to_owned(), vec![1])]);
    }
}

async fn taking_over_is_fenced(ports: &Ports) {
    let (states, id) = (ports.states(), pairing());
    open(ports, &id.into(), Epoch::FIRST).await.commit(vec![put("device#0", &[1])]).await.unwrap();
    let number = open(ports, &number(), Epoch::new(3)).await;
    number.commit(vec![put("device#0", &[9])]).await.unwrap();
    assert_eq!(states.adopt(&phone(1), Epoch::new(2), id).await, Err(StateError::Fenced));
    assert_eq!(all(&number).await, [("device#0".to_owned(), vec![9])]);
    assert_eq!(states.holds(id).await, Ok(true));
}

async fn who_still_has_the_pairing_open_writes_nothing(ports: &Ports) {
    let id = pairing();
    let room = open(ports, &id.into(), Epoch::FIRST).await;
    room.commit(vec![put("device#0", &[1])]).await.unwrap();
    ports.states().adopt(&phone(1), Epoch::FIRST, id).await.unwrap();
    assert_eq!(room.commit(vec![put("device#0", &[2])]).await, Err(StateError::Fenced));
    assert_eq!(ports.states().holds(id).await, Ok(false));
}
