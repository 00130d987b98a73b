//! The contract of [`NamedSessions`](carteiro_core::ports::NamedSessions).

use crate::ports::Ports;
use crate::samples::{at, phone, random, user_id};
use carteiro_core::ids::{PairingId, UserId};
use carteiro_core::session::SessionName;

crate::contract! { in memory too:
    a_session_is_made_once,
    a_tenants_sessions_are_listed_by_name,
    one_pairing_follows_the_other,
    a_session_gets_the_number_of_its_pairing,
    a_number_has_one_session,
    a_session_has_one_number,
    an_unpaired_number_has_no_session,
    a_number_tells_its_session_after_that_is_gone,
    of_many_at_once_one_session_has_the_number,
}

fn name(text: &str) -> SessionName {
    text.parse().unwrap()
}

fn pairing() -> PairingId {
    PairingId::from_random(random())
}

/// A session with a pairing.
async fn pairs(ports: &Ports, user: UserId, name: &SessionName) -> PairingId {
    let before = ports.named.open(user, name, at(0)).await.unwrap().pairing;
    let id = pairing();
    assert!(ports.named.set_pairing(user, name, before, id).await.unwrap());
    id
}

/// The same, paired with a number.
async fn paired(ports: &Ports, user: UserId, name: &SessionName, number: u32) -> PairingId {
    let id = pairs(ports, user, name).await;
    assert!(ports.named.set_number(user, name, id, &phone(number)).await.unwrap());
    id
}

async fn a_session_is_made_once(ports: &Ports) {
    let (ana, bia) = (user_id(), user_id());
    let name = name("Recepção nº 1 💬 #");
    assert!(ports.named.find(ana, &name).await.unwrap().is_none());
    let made = ports.named.open(ana, &name, at(0)).await.unwrap();
    assert_eq!((made.user, &made.name, made.created_at), (ana, &name, at(0)));
    assert_eq!((made.number.clone(), made.pairing), (None, None));
    assert_eq!(ports.named.open(ana, &name, at(9)).await.unwrap(), made);
    assert_eq!(ports.named.find(ana, &name).await.unwrap(), Some(made));
    assert!(ports.named.find(bia, &name).await.unwrap().is_none());
}

async fn a_tenants_sessions_are_listed_by_name(ports: &Ports) {
    let (ana, bia) = (user_id(), user_id());
    for text in ["b", "a", "ção", "A"] {
        ports.named.open(ana, &name(text), at(0)).await.unwrap();
    }
    ports.named.open(bia, &name("c"), at(0)).await.unwrap();
    let names = async || {
        let sessions = ports.named.list(ana).await.unwrap();
        sessions.into_iter().map(|session| session.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["A", "a", "b", "ção"]);
    ports.named.remove(ana, &name("a")).await.unwrap();
    ports.named.remove(ana, &name("a")).await.unwrap();
    assert_eq!(names().await, ["A", "b", "ção"]);
}

async fn one_pairing_follows_the_other(ports: &Ports) {
    let (ana, name) = (user_id(), name("a"));
    let (first, second) = (pairing(), pairing());
    assert!(!ports.named.set_pairing(ana, &name, None, first).await.unwrap(), "there is no session");
    ports.named.open(ana, &name, at(0)).await.unwrap();
    assert!(ports.named.set_pairing(ana, &name, None, first).await.unwrap());
    assert!(!ports.named.set_pairing(ana, &name, None, second).await.unwrap());
    assert!(ports.named.set_pairing(ana, &name, Some(first), second).await.unwrap());
    assert!(!ports.named.set_pairing(ana, &name, Some(first), first).await.unwrap());
    assert_eq!(ports.named.find(ana, &name).await.unwrap().unwrap().pairing, Some(second));
}

async fn a_session_gets_the_number_of_its_pairing(ports: &Ports) {
    let (ana, name) = (user_id(), name("Recepção"));
    assert!(!ports.named.set_number(ana, &name, pairing(), &phone(1)).await.unwrap());
    let id = pairs(ports, ana, &name).await;
    assert!(!ports.named.set_number(ana, &name, pairing(), &phone(1)).await.unwrap());
    assert_eq!(ports.named.of_number(&phone(1)).await.unwrap(), None);
    for _ in 0..2 {
        assert!(ports.named.set_number(ana, &name, id, &phone(1)).await.unwrap());
        assert_eq!(ports.named.find(ana, &name).await.unwrap().unwrap().number, Some(phone(1)));
        assert_eq!(ports.named.of_number(&phone(1)).await.unwrap(), Some((ana, name.clone())));
    }
}

async fn a_number_has_one_session(ports: &Ports) {
    let (ana, bia, a, b) = (user_id(), user_id(), name("a"), name("b"));
    let first = paired(ports, ana, &a, 1).await;
    paired(ports, ana, &b, 1).await;
    assert_eq!(ports.named.find(ana, &a).await.unwrap().unwrap().number, None);
    assert_eq!(ports.named.of_number(&phone(1)).await.unwrap(), Some((ana, b.clone())));
    // Back again, and then to another tenant.
    assert!(ports.named.set_number(ana, &a, first, &phone(1)).await.unwrap());
    assert_eq!(ports.named.find(ana, &b).await.unwrap().unwrap().number, None);
    paired(ports, bia, &a, 1).await;
    assert_eq!(ports.named.find(ana, &a).await.unwrap().unwrap().number, None);
    assert_eq!(ports.named.of_number(&phone(1)).await.unwrap(), Some((bia, a)));
}

async fn a_session_has_one_number(ports: &Ports) {
    let (ana, name) = (user_id(), name("a"));
    paired(ports, ana, &name, 1).await;
    paired(ports, ana, &name, 2).await;
    assert_eq!(ports.named.find(ana, &name).await.unwrap().unwrap().number, Some(phone(2)));
    assert_eq!(ports.named.of_number(&phone(1)).await.unwrap(), None);
    assert_eq!(ports.named.of_number(&phone(2)).await.unwrap(), Some((ana, name)));
}

async fn an_unpaired_number_has_no_session(ports: &Ports) {
    let (ana, name) = (user_id(), name("a"));
    ports.named.unpair(&phone(1)).await.unwrap();
    paired(ports, ana, &name, 1).await;
    for _ in 0..2 {
        ports.named.unpair(&phone(1)).await.unwrap();
        assert_eq!(ports.named.find(ana, &name).await.unwrap().unwrap().number, None);
        assert_eq!(ports.named.of_number(&phone(1)).await.unwrap(), None);
    }
}

async fn a_number_tells_its_session_after_that_is_gone(ports: &Ports) {
    let (ana, name) = (user_id(), name("a"));
    paired(ports, ana, &name, 1).await;
    ports.named.remove(ana, &name).await.unwrap();
    assert_eq!(ports.named.of_number(&phone(1)).await.unwrap(), Some((ana, name.clone())));
    // One of the same name, made since, has another number.
    paired(ports, ana, &name, 2).await;
    ports.named.unpair(&phone(1)).await.unwrap();
    assert_eq!(ports.named.of_number(&phone(1)).await.unwrap(), None);
    assert_eq!(ports.named.find(ana, &name).await.unwrap().unwrap().number, Some(phone(2)));
}

async fn of_many_at_once_one_session_has_the_number(ports: &Ports) {
    let ana = user_id();
    let mut tasks = Vec::new();
    for place in 0..4 {
        let (named, session) = (ports.named.clone(), name(&format!("s{place}")));
        let id = pairs(ports, ana, &session).await;
        tasks.push(tokio::spawn(async move { named.set_number(ana, &session, id, &phone(1)).await }));
    }
    for task in tasks {
        // Who meets too many others is told to try again.
        let _ = task.await.unwrap();
    }
    let (_, last) = ports.named.of_number(&phone(1)).await.unwrap().unwrap();
    let sessions = ports.named.list(ana).await.unwrap();
    let having: Vec<_> = sessions.into_iter().filter(|session| session.number.is_some()).collect();
    assert_eq!(having.len(), 1);
    assert_eq!(having[0].name, last);
}
