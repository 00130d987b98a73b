//! The contract of [`Pairings`](carteiro_core::ports::Pairings).

use crate::ports::Ports;
use crate::samples::{at, phone, random, user_id};
use carteiro_core::ids::PairingId;
use carteiro_core::lease::Epoch;
use carteiro_core::number::Qr;
use carteiro_core::ports::PairingError;
use carteiro_core::session::{Pairing, PairingReport, PairingState};
use carteiro_core::shard::Shard;
use secrecy::ExposeSecret;

crate::contract! { in memory too:
    a_pairing_reads_back,
    a_pairing_is_taken_back,
    every_state_reads_back,
    a_state_begins_once,
    an_earlier_owner_is_fenced,
    what_is_over_stays_so,
    a_shard_lists_what_is_not_over,
}

fn shard() -> Shard {
    Shard::from_stored(3)
}

fn pairing() -> Pairing {
    Pairing {
        id: PairingId::from_random(random()),
        user: user_id(),
        session: "Recepção nº 1".parse().unwrap(),
        shard: shard(),
        max_workers: 7,
        wanted: true,
        state: PairingState::Starting,
        since: at(0),
        qr: None,
    }
}

fn report(state: PairingState) -> PairingReport {
    PairingReport { state, qr: None }
}

fn waiting(code: &str) -> PairingReport {
    let qr = Qr { code: code.to_owned().into(), expires_at: at(60) };
    PairingReport { state: PairingState::Waiting, qr: Some(qr) }
}

async fn made(ports: &Ports) -> Pairing {
    let pairing = pairing();
    ports.pairings.create(&pairing).await.unwrap();
    pairing
}

async fn found(ports: &Ports, id: PairingId) -> Pairing {
    ports.pairings.find(id).await.unwrap().unwrap()
}

async fn a_pairing_reads_back(ports: &Ports) {
    assert!(ports.pairings.find(pairing().id).await.unwrap().is_none());
    let made = made(ports).await;
    let found = found(ports, made.id).await;
    assert_eq!((found.id, found.user, found.session), (made.id, made.user, made.session));
    assert_eq!((found.shard, found.max_workers, found.wanted), (shard(), 7, true));
    assert_eq!((found.state, found.since), (PairingState::Starting, at(0)));
    assert!(found.qr.is_none());
}

async fn a_pairing_is_taken_back(ports: &Ports) {
    let made = made(ports).await;
    for _ in 0..2 {
        ports.pairings.cancel(made.id).await.unwrap();
        assert!(!found(ports, made.id).await.wanted);
    }
    let unknown = pairing().id;
    ports.pairings.cancel(unknown).await.unwrap();
    assert!(ports.pairings.find(unknown).await.unwrap().is_none());
}

async fn every_state_reads_back(ports: &Ports) {
    for state in [
        PairingState::Waiting,
        PairingState::Linking(phone(1)),
        PairingState::Paired(phone(1)),
        PairingState::Expired,
        PairingState::Taken(phone(1)),
        PairingState::NoRoom(phone(1)),
        PairingState::Failed("WHATSAPP_403".into()),
        PairingState::Cancelled,
    ] {
        let id = made(ports).await.id;
        ports.pairings.report(id, Epoch::FIRST, &waiting("2@a"), at(1)).await.unwrap();
        assert_eq!(found(ports, id).await.qr.unwrap().code.expose_secret(), "2@a");
        ports.pairings.report(id, Epoch::FIRST, &report(state.clone()), at(2)).await.unwrap();
        let found = found(ports, id).await;
        assert!(found.qr.is_none(), "the old one is taken away");
        assert_eq!(found.state, state);
    }
}

async fn a_state_begins_once(ports: &Ports) {
    let id = made(ports).await.id;
    ports.pairings.report(id, Epoch::FIRST, &waiting("2@a"), at(1)).await.unwrap();
    ports.pairings.report(id, Epoch::FIRST, &waiting("2@b"), at(2)).await.unwrap();
    let pairing = found(ports, id).await;
    let qr = pairing.qr.unwrap();
    assert_eq!((pairing.since, qr.code.expose_secret(), qr.expires_at), (at(1), "2@b", at(60)));
}

async fn an_earlier_owner_is_fenced(ports: &Ports) {
    let id = made(ports).await.id;
    ports.pairings.report(id, Epoch::new(3), &waiting("2@a"), at(1)).await.unwrap();
    let early = ports.pairings.report(id, Epoch::new(2), &report(PairingState::Expired), at(2)).await;
    assert_eq!(early, Err(PairingError::Fenced));
    assert_eq!(found(ports, id).await.state, PairingState::Waiting);
    let unknown = ports.pairings.report(pairing().id, Epoch::FIRST, &waiting("2@a"), at(1)).await;
    assert_eq!(unknown, Err(PairingError::Fenced));
}

async fn what_is_over_stays_so(ports: &Ports) {
    let id = made(ports).await.id;
    ports.pairings.report(id, Epoch::FIRST, &report(PairingState::Paired(phone(1))), at(1)).await.unwrap();
    for state in [PairingState::Waiting, PairingState::Cancelled, PairingState::Paired(phone(1))] {
        let late = ports.pairings.report(id, Epoch::new(2), &report(state), at(2)).await;
        assert_eq!(late, Err(PairingError::Fenced));
    }
    assert_eq!(found(ports, id).await.state, PairingState::Paired(phone(1)));
}

async fn a_shard_lists_what_is_not_over(ports: &Ports) {
    let (open, over, other) = (made(ports).await, made(ports).await, pairing());
    ports.pairings.create(&Pairing { shard: Shard::from_stored(4), ..other }).await.unwrap();
    ports.pairings.report(open.id, Epoch::FIRST, &waiting("2@a"), at(1)).await.unwrap();
    ports.pairings.report(over.id, Epoch::FIRST, &report(PairingState::Expired), at(1)).await.unwrap();
    // The index may be some moments late.
    for _ in 0..200 {
        if ports.pairings.of_shard(shard()).await.unwrap() == [open.id] {
            assert!(ports.links.of_shard(shard()).await.unwrap().is_empty(), "they are no numbers");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{:?}", ports.pairings.of_shard(shard()).await);
}
