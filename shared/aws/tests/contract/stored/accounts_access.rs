//! What is stored of tenants' numbers, one-time passwords and rates, and the operator's trail.

use super::accounts::bare;
use crate::ports::Ports;
use crate::samples::{admin, at, phone, worker};
use carteiro_core::audit::{AuditAction, AuditEntry};
use carteiro_core::ids::AuditId;
use carteiro_core::number::{Claim, NumberChange};
use carteiro_core::otp::{Address, Challenge, ChallengeKey, CodeMac, Purpose};
use carteiro_core::ports::ApplyError;
use carteiro_core::rate::{Arrival, Rate, RateKey};
use carteiro_core::shard::Shard;
use jiff::SignedDuration;

super::stored! {
    numbers: numbers_are_written, numbers_are_read;
    one_time_passwords: passwords_are_written, passwords_are_read;
    one_time_password_taken: taken_is_written, taken_is_read;
    rates: rates_are_written, rates_are_read;
    trail: trail_is_written, trail_is_read;
}

fn shard() -> Shard {
    Shard::from_stored(13)
}

async fn numbers_are_written(ports: &Ports) {
    ports.accounts.create(&bare()).await.unwrap();
    let adds = [worker(1), worker(2), admin(3)].map(|number| NumberChange::Add(number, shard()));
    ports.numbers.apply(bare().id, &adds, 9).await.unwrap();
    ports.numbers.apply(bare().id, &[NumberChange::Remove(worker(2))], 9).await.unwrap();
}

async fn numbers_are_read(ports: &Ports) {
    let id = bare().id;
    assert_eq!(ports.numbers.list(id).await, Ok(vec![admin(3), worker(1)]));
    assert_eq!(ports.numbers.former(id).await, Ok(vec![phone(2)]));
    assert_eq!(ports.numbers.claim(&phone(1)).await, Ok(Some(Claim { user: id, shard: shard() })));
    assert_eq!(ports.numbers.claim(&phone(2)).await, Ok(None));
    let more = |number| [NumberChange::Add(worker(number), shard())];
    let counted = ports.numbers.apply(id, &more(4), 1).await;
    assert_eq!(counted, Err(ApplyError::TooManyWorkers), "its one worker is counted");
    assert_eq!(ports.numbers.apply(id, &more(4), 2).await, Ok(()));
    assert!(ports.accounts.remove(&bare()).await.is_err(), "it still has numbers");
}

fn keys() -> Vec<ChallengeKey> {
    let addresses = [Address::Email("ana@exemplo.com.br".parse().unwrap()), Address::Phone(phone(1))];
    let purposes = [Purpose::Login, Purpose::Register];
    let all = addresses.iter().flat_map(|address| purposes.map(|purpose| (address.clone(), purpose)));
    all.map(|(address, purpose)| ChallengeKey { purpose, address }).collect()
}

fn challenge() -> Challenge {
    Challenge { mac: CodeMac::from_stored([0x31; 32]), expires_at: at(300), tries: 2 }
}

async fn passwords_are_written(ports: &Ports) {
    for key in keys() {
        ports.challenges.put(&key, &challenge()).await.unwrap();
    }
}

async fn passwords_are_read(ports: &Ports) {
    for key in keys() {
        let tried = Challenge { tries: 3, ..challenge() };
        assert_eq!(ports.challenges.count_try(&key).await, Ok(Some(tried)), "{key:?}");
        assert_eq!(ports.challenges.take(&key).await, Ok(true));
    }
}

async fn taken_is_written(ports: &Ports) {
    ports.challenges.put(&keys()[0], &challenge()).await.unwrap();
    ports.challenges.take(&keys()[0]).await.unwrap();
}

async fn taken_is_read(ports: &Ports) {
    assert_eq!(ports.challenges.count_try(&keys()[0]).await, Ok(None));
    assert_eq!(ports.challenges.take(&keys()[0]).await, Ok(false), "another call took it");
}

const RATE: Rate = Rate::every(SignedDuration::from_secs(10), 3);

fn caller() -> RateKey {
    RateKey::new("login", "192.0.2.7")
}

async fn rates_are_written(ports: &Ports) {
    ports.rates.admit(&caller(), RATE, at(0)).await.unwrap();
}

async fn rates_are_read(ports: &Ports) {
    let (second, next) = RATE.look(Some(Arrival(at(10))), at(0));
    assert!(second.admitted && second.remaining == 1);
    assert_eq!(ports.rates.admit(&caller(), RATE, at(0)).await, Ok(second));
    assert_eq!(ports.rates.admit(&caller(), RATE, at(0)).await, Ok(RATE.look(next, at(0)).0));
    assert!(!ports.rates.admit(&caller(), RATE, at(0)).await.unwrap().admitted);
}

fn entries() -> Vec<AuditEntry> {
    let actions = [
        (AuditAction::Register, "plan=premium"),
        (AuditAction::Change, "plan=basico"),
        (AuditAction::Export, "number=all"),
        (AuditAction::Erase, "number=5511*****0007"),
        (AuditAction::Read, ""),
        (AuditAction::Remove, ""),
    ];
    let entry = |(seed, (action, to)): (u8, (AuditAction, &str))| AuditEntry {
        id: AuditId::from_random([seed; 16]),
        at: at(i64::from(seed)),
        action,
        user: bare().id,
        to: to.to_owned(),
    };
    (1..).zip(actions).map(entry).collect()
}

async fn trail_is_written(ports: &Ports) {
    for entry in entries() {
        ports.audit.append(&entry).await.unwrap();
    }
}

async fn trail_is_read(ports: &Ports) {
    let mut shown = ports.audit.page(None, 10).await.unwrap().entries;
    shown.reverse();
    assert_eq!(shown, entries());
}
