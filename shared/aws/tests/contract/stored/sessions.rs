//! Stored leases, pairings, the first version's sessions, and paces.

use crate::ports::Ports;
use crate::samples::{at, phone};
use carteiro_core::ids::{PairingId, UserId};
use carteiro_core::lease::{Epoch, LeaseTable, ShardLease, TaskId, TaskRow};
use carteiro_core::number::Qr;
use carteiro_core::pacing::{Begun, OwnPace};
use carteiro_core::ports::CountError;
use carteiro_core::session::{NamedSession, Pairing, PairingReport, PairingState, SessionName};
use carteiro_core::shard::Shard;
use jiff::civil::date;
use secrecy::ExposeSecret;

super::stored! {
    leases: leases_are_written, leases_are_read;
    pairings: pairings_are_written, pairings_are_read;
    named_sessions: named_are_written, named_are_read;
    paces: paces_are_written, paces_are_read;
}

fn user() -> UserId {
    UserId::from_random([0x61; 16])
}

fn task(seed: u8) -> TaskId {
    TaskId::from_random([seed; 8])
}

fn shard(index: u16) -> Shard {
    Shard::from_stored(index)
}

/// One task beats, one leaves, one was taken for dead; a shard has an owner, and one was given up.
fn leases() -> LeaseTable {
    let owned = |task, epoch| ShardLease { owner: task, epoch };
    LeaseTable {
        tasks: [
            (task(1), TaskRow { counter: 7, ..TaskRow::default() }),
            (task(2), TaskRow { counter: 8, leaving: true, ..TaskRow::default() }),
            (task(3), TaskRow { counter: 9, revoked: true, ..TaskRow::default() }),
        ]
        .into(),
        shards: [
            (shard(3), owned(Some(task(1)), Epoch::FIRST.next())),
            (shard(15), owned(None, Epoch::FIRST)),
        ]
        .into(),
    }
}

async fn leases_are_written(ports: &Ports) {
    let port = ports.leases();
    for (seed, counter) in [(1, 7), (2, 8), (3, 9)] {
        port.heartbeat(&task(seed), counter).await.unwrap();
    }
    let first = port.take(shard(3), &task(3), None, false).await.unwrap();
    let seen = ShardLease { owner: Some(task(3)), epoch: first };
    port.take(shard(3), &task(1), Some(&seen), true).await.unwrap();
    let given_up = port.take(shard(15), &task(2), None, false).await.unwrap();
    port.release(shard(15), &task(2), given_up).await.unwrap();
    port.leave(&task(2)).await.unwrap();
}

async fn leases_are_read(ports: &Ports) {
    let port = ports.leases();
    assert_eq!(port.view().await, Ok(leases()));
    let seen = &leases().shards[&shard(3)];
    let next = port.take(shard(3), &task(2), Some(seen), false).await;
    assert_eq!(next, Ok(Epoch::FIRST.next().next()), "the epoch goes on");
}

fn states() -> Vec<PairingState> {
    vec![
        PairingState::Starting,
        PairingState::Waiting,
        PairingState::Linking(phone(1)),
        PairingState::Paired(phone(2)),
        PairingState::Expired,
        PairingState::Taken(phone(3)),
        PairingState::NoRoom(phone(4)),
        PairingState::Failed("WHATSAPP_515".into()),
        PairingState::Cancelled,
    ]
}

fn pairing(seed: u8) -> PairingId {
    PairingId::from_random([seed; 16])
}

fn name() -> SessionName {
    "Recepção nº 1".parse().unwrap()
}

fn qr() -> Qr {
    Qr { code: "2@exemplo,de,um,qr".to_owned().into(), expires_at: at(60) }
}

async fn pairings_are_written(ports: &Ports) {
    for (seed, state) in (1..).zip(states()) {
        let new = Pairing {
            id: pairing(seed),
            user: user(),
            session: name(),
            shard: shard(3),
            max_workers: 7,
            wanted: true,
            state: PairingState::Starting,
            since: at(0),
            qr: None,
        };
        ports.pairings.create(&new).await.unwrap();
        let qr = (state == PairingState::Waiting).then(qr);
        let report = PairingReport { state, qr };
        ports.pairings.report(pairing(seed), Epoch::FIRST, &report, at(5)).await.unwrap();
    }
    ports.pairings.cancel(pairing(3)).await.unwrap();
}

async fn pairings_are_read(ports: &Ports) {
    for (seed, state) in (1..).zip(states()) {
        let found = ports.pairings.find(pairing(seed)).await.unwrap().expect("a pairing");
        assert_eq!((found.user, found.session, found.shard), (user(), name(), shard(3)));
        assert_eq!((found.max_workers, found.wanted), (7, seed != 3));
        let since = if state == PairingState::Starting { at(0) } else { at(5) };
        let shown = found.qr.map(|qr| (qr.code.expose_secret().to_owned(), qr.expires_at));
        let expected =
            (state == PairingState::Waiting).then(|| (qr().code.expose_secret().to_owned(), at(60)));
        assert_eq!((found.state, found.since, shown), (state, since, expected));
    }
    let mut listed = ports.pairings.of_shard(shard(3)).await.unwrap();
    listed.sort();
    assert_eq!(listed, [1, 2, 3].map(pairing), "those that are not over");
}

async fn named_are_written(ports: &Ports) {
    let (port, bare) = (&ports.named, "depósito".parse().unwrap());
    port.open(user(), &name(), at(0)).await.unwrap();
    port.open(user(), &bare, at(1)).await.unwrap();
    port.set_pairing(user(), &name(), None, pairing(1)).await.unwrap();
    port.set_number(user(), &name(), pairing(1), &phone(1)).await.unwrap();
}

async fn named_are_read(ports: &Ports) {
    let whole = NamedSession {
        user: user(),
        name: name(),
        number: Some(phone(1)),
        pairing: Some(pairing(1)),
        created_at: at(0),
    };
    let bare = "depósito".parse().unwrap();
    let bare = NamedSession { name: bare, number: None, pairing: None, created_at: at(1), ..whole.clone() };
    assert_eq!(ports.named.find(user(), &name()).await, Ok(Some(whole.clone())));
    assert_eq!(ports.named.list(user()).await, Ok(vec![whole, bare]));
    assert_eq!(ports.named.of_number(&phone(1)).await, Ok(Some((user(), name()))));
    ports.named.unpair(&phone(1)).await.unwrap();
    assert_eq!(ports.named.of_number(&phone(1)).await, Ok(None));
}

fn own(json: &str) -> OwnPace {
    serde_json::from_str(json).unwrap()
}

const WHOLE: &str = r#"{"per_minute":6,"burst":1,"jitter_ms":900,"typing":true,
    "new_chats":{"per_day":50,"warm_up":{"first_day":5,"days":10}},
    "quiet_hours":{"from":"21:00","to":"08:00"},"time_zone":"America/Manaus"}"#;
const PACES: [&str; 3] = [WHOLE, r#"{"new_chats":{"per_day":9}}"#, "{}"];

fn begun() -> Begun {
    Begun { since: date(2026, 2, 27), day: date(2026, 3, 1), chats: 4 }
}

async fn paces_are_written(ports: &Ports) {
    for (number, json) in (1..).zip(PACES) {
        ports.paces.set_own(&phone(number), user(), &own(json)).await.unwrap();
    }
    ports.paces.count(&phone(1), Epoch::FIRST.next(), begun()).await.unwrap();
}

async fn paces_are_read(ports: &Ports) {
    for (number, json) in (1..).zip(PACES) {
        assert_eq!(ports.paces.own(&phone(number), user()).await, Ok(own(json)));
    }
    assert_eq!(ports.paces.begun(&phone(1)).await, Ok(Some(begun())));
    let earlier = ports.paces.count(&phone(1), Epoch::FIRST, begun()).await;
    assert!(matches!(earlier, Err(CountError::Fenced)), "{earlier:?}");
}
