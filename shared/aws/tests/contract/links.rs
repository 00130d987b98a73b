//! The contract of [`Links`](carteiro_core::ports::Links).

use crate::ports::Ports;
use crate::samples::{at, phone, user_id};
use carteiro_core::lease::Epoch;
use carteiro_core::number::Desired::{self, Disconnected, Removed};
use carteiro_core::number::{LinkReport, LinkState, PairingCode, PairingMethod, Qr};
use carteiro_core::phone::Phone;
use carteiro_core::ports::LinkError;
use carteiro_core::shard::Shard;
use secrecy::ExposeSecret;

crate::contract! { in memory too:
    many_are_found_at_once,
    a_link_is_made_when_it_is_wanted,
    nothing_is_made_to_be_disconnected_or_removed,
    another_tenants_link_is_busy,
    a_link_that_waits_to_be_removed_stays_so,
    a_shard_lists_what_needs_a_session,
    a_wish_says_how_to_pair,
    a_report_is_stored_whole,
    a_code_is_stored_as_a_qr_is,
    a_state_begins_once,
    an_earlier_owner_is_fenced,
    a_removed_link_is_forgotten,
}

const CONNECTED: Desired = Desired::Connected(PairingMethod::Qr);

fn shard() -> Shard {
    Shard::from_stored(3)
}

fn report(state: LinkState) -> LinkReport {
    LinkReport { state, reason: None, qr: None, code: None, jid: None }
}

/// The numbers that a shard lists, once they are these: the index may be some moments late.
async fn lists(ports: &Ports, expected: &[Phone]) -> bool {
    for _ in 0..200 {
        let mut listed = ports.links.of_shard(shard()).await.unwrap();
        listed.sort();
        if listed == expected {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    false
}

async fn a_link_is_made_when_it_is_wanted(ports: &Ports) {
    let (links, ana) = (&ports.links, user_id());
    assert!(links.find(&phone(1)).await.unwrap().is_none());
    let made = links.want(&phone(1), ana, shard(), CONNECTED, at(0)).await.unwrap().unwrap();
    let found = links.find(&phone(1)).await.unwrap().unwrap();
    for link in [made, found] {
        assert_eq!((link.number, link.user, link.shard), (phone(1), ana, shard()));
        assert_eq!((link.desired, link.state, link.since), (CONNECTED, LinkState::Offline, at(0)));
        assert!(link.reason.is_none() && link.qr.is_none() && link.jid.is_none());
    }
    // To want it again changes neither its state nor since when.
    links.report(&phone(1), Epoch::FIRST, &report(LinkState::Connected), at(5)).await.unwrap();
    let link = links.want(&phone(1), ana, shard(), CONNECTED, at(9)).await.unwrap().unwrap();
    assert_eq!((link.state, link.since), (LinkState::Connected, at(5)));
}

async fn nothing_is_made_to_be_disconnected_or_removed(ports: &Ports) {
    for desired in [Disconnected, Removed] {
        let link = ports.links.want(&phone(1), user_id(), shard(), desired, at(0)).await.unwrap();
        assert!(link.is_none());
        assert!(ports.links.find(&phone(1)).await.unwrap().is_none());
    }
}

async fn another_tenants_link_is_busy(ports: &Ports) {
    ports.links.want(&phone(1), user_id(), shard(), CONNECTED, at(0)).await.unwrap();
    let bia = user_id();
    for desired in [CONNECTED, Disconnected, Removed] {
        let busy = ports.links.want(&phone(1), bia, shard(), desired, at(0)).await;
        assert!(matches!(busy, Err(LinkError::Busy)), "{busy:?}");
    }
    assert_eq!(ports.links.find(&phone(1)).await.unwrap().unwrap().desired, CONNECTED);
}

async fn a_link_that_waits_to_be_removed_stays_so(ports: &Ports) {
    let (links, ana) = (&ports.links, user_id());
    let wanted = links.want(&phone(1), ana, shard(), CONNECTED, at(0)).await.unwrap().unwrap();
    assert_eq!(wanted.removal_at, None);
    let removed = links.want(&phone(1), ana, shard(), Removed, at(1)).await.unwrap().unwrap();
    assert_eq!((removed.since, removed.removal_at), (at(0), Some(at(1))));
    for desired in [CONNECTED, Disconnected] {
        let busy = links.want(&phone(1), ana, shard(), desired, at(2)).await;
        assert!(matches!(busy, Err(LinkError::Busy)), "{busy:?}");
    }
    let again = links.want(&phone(1), ana, shard(), Removed, at(3)).await.unwrap().unwrap();
    assert_eq!(
        (again.desired, again.removal_at),
        (Removed, Some(at(3))),
        "the number was added and removed again"
    );
    assert_eq!(links.find(&phone(1)).await.unwrap().unwrap().removal_at, Some(at(3)));
}

async fn a_shard_lists_what_needs_a_session(ports: &Ports) {
    let (links, ana) = (&ports.links, user_id());
    for number in 1..=4 {
        links.want(&phone(number), ana, shard(), CONNECTED, at(0)).await.unwrap();
    }
    links.want(&phone(5), ana, Shard::from_stored(4), CONNECTED, at(0)).await.unwrap();
    links.want(&phone(2), ana, shard(), Disconnected, at(0)).await.unwrap();
    links.want(&phone(3), ana, shard(), Removed, at(0)).await.unwrap();
    links.want(&phone(4), ana, shard(), Disconnected, at(0)).await.unwrap();
    assert!(lists(ports, &[phone(1), phone(3)]).await);
    links.want(&phone(4), ana, shard(), Removed, at(0)).await.unwrap();
    links.want(&phone(2), ana, shard(), CONNECTED, at(0)).await.unwrap();
    links.forget(&phone(3), Epoch::FIRST).await.unwrap();
    assert!(lists(ports, &[phone(1), phone(2), phone(4)]).await);
}

async fn a_wish_says_how_to_pair(ports: &Ports) {
    let (links, ana, by_code) = (&ports.links, user_id(), Desired::Connected(PairingMethod::Code));
    let made = links.want(&phone(1), ana, shard(), by_code, at(0)).await.unwrap().unwrap();
    assert_eq!((made.desired, made.state), (by_code, LinkState::Offline));
    assert_eq!(links.find(&phone(1)).await.unwrap().unwrap().desired, by_code);
    assert!(lists(ports, &[phone(1)]).await, "it needs a session as any other");
    let changed = links.want(&phone(1), ana, shard(), CONNECTED, at(1)).await.unwrap().unwrap();
    assert_eq!(changed.desired, CONNECTED);
}

async fn a_code_is_stored_as_a_qr_is(ports: &Ports) {
    let links = &ports.links;
    links.want(&phone(1), user_id(), shard(), CONNECTED, at(0)).await.unwrap();
    let code = PairingCode { code: "ABCD2345".to_owned().into(), expires_at: at(180) };
    let pairing = LinkReport { code: Some(code), ..report(LinkState::Pairing) };
    links.report(&phone(1), Epoch::FIRST, &pairing, at(1)).await.unwrap();
    let code = links.find(&phone(1)).await.unwrap().unwrap().code.unwrap();
    assert_eq!((code.code.expose_secret(), code.expires_at), ("ABCD2345", at(180)));
    links.report(&phone(1), Epoch::FIRST, &report(LinkState::Connecting), at(2)).await.unwrap();
    assert!(links.find(&phone(1)).await.unwrap().unwrap().code.is_none());
}

async fn a_report_is_stored_whole(ports: &Ports) {
    let links = &ports.links;
    links.want(&phone(1), user_id(), shard(), CONNECTED, at(0)).await.unwrap();
    let qr = Qr { code: "2@segredo".to_owned().into(), expires_at: at(20) };
    let pairing = LinkReport {
        reason: Some("a QR waits".into()),
        qr: Some(qr),
        jid: Some(Some("5511:1@s.whatsapp.net".into())),
        ..report(LinkState::Pairing)
    };
    links.report(&phone(1), Epoch::FIRST, &pairing, at(1)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!((link.state, link.since, link.desired), (LinkState::Pairing, at(1), CONNECTED));
    assert_eq!(link.reason.as_deref(), Some("a QR waits"));
    assert_eq!(link.jid.as_deref(), Some("5511:1@s.whatsapp.net"));
    let qr = link.qr.unwrap();
    assert_eq!((qr.code.expose_secret(), qr.expires_at), ("2@segredo", at(20)));

    // What is not reported is gone, but for the address.
    links.report(&phone(1), Epoch::FIRST, &report(LinkState::Connected), at(2)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert!(link.qr.is_none() && link.reason.is_none());
    assert_eq!(link.jid.as_deref(), Some("5511:1@s.whatsapp.net"));
    let logged_out = LinkReport { jid: Some(None), ..report(LinkState::LoggedOut) };
    links.report(&phone(1), Epoch::FIRST, &logged_out, at(3)).await.unwrap();
    assert!(links.find(&phone(1)).await.unwrap().unwrap().jid.is_none());
}

async fn a_state_begins_once(ports: &Ports) {
    let links = &ports.links;
    links.want(&phone(1), user_id(), shard(), CONNECTED, at(0)).await.unwrap();
    for (second, code) in [(1, "first"), (21, "second"), (41, "third")] {
        let qr = Qr { code: code.to_owned().into(), expires_at: at(second + 20) };
        let pairing = LinkReport { qr: Some(qr), ..report(LinkState::Pairing) };
        links.report(&phone(1), Epoch::FIRST, &pairing, at(second)).await.unwrap();
        let link = links.find(&phone(1)).await.unwrap().unwrap();
        assert_eq!(link.since, at(1), "it pairs since the first");
        assert_eq!(link.qr.unwrap().code.expose_secret(), code, "the QR is the latest");
    }
}

async fn an_earlier_owner_is_fenced(ports: &Ports) {
    let links = &ports.links;
    let (first, second) = (Epoch::FIRST, Epoch::FIRST.next());
    let gone = links.report(&phone(1), first, &report(LinkState::Connected), at(0)).await;
    assert!(matches!(gone, Err(LinkError::Fenced)), "{gone:?}");
    links.want(&phone(1), user_id(), shard(), CONNECTED, at(0)).await.unwrap();
    links.report(&phone(1), first, &report(LinkState::Connecting), at(1)).await.unwrap();
    links.report(&phone(1), second, &report(LinkState::Connected), at(2)).await.unwrap();
    for state in [LinkState::Reconnecting, LinkState::Connected] {
        let late = links.report(&phone(1), first, &report(state), at(3)).await;
        assert!(matches!(late, Err(LinkError::Fenced)), "{late:?}");
    }
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!((link.state, link.since), (LinkState::Connected, at(2)));
}

async fn a_removed_link_is_forgotten(ports: &Ports) {
    let (links, ana) = (&ports.links, user_id());
    let (first, second) = (Epoch::FIRST, Epoch::FIRST.next());
    links.want(&phone(1), ana, shard(), CONNECTED, at(0)).await.unwrap();
    links.report(&phone(1), second, &report(LinkState::Connected), at(1)).await.unwrap();
    let wanted = links.forget(&phone(1), second).await;
    assert!(matches!(wanted, Err(LinkError::Fenced)), "it is not to be removed: {wanted:?}");
    links.want(&phone(1), ana, shard(), Removed, at(2)).await.unwrap();
    let late = links.forget(&phone(1), first).await;
    assert!(matches!(late, Err(LinkError::Fenced)), "{late:?}");
    links.forget(&phone(1), second).await.unwrap();
    assert!(links.find(&phone(1)).await.unwrap().is_none());
    // The number is free for another tenant now.
    links.want(&phone(1), user_id(), shard(), CONNECTED, at(3)).await.unwrap().unwrap();
}

async fn many_are_found_at_once(ports: &Ports) {
    let links = &ports.links;
    assert!(links.find_many(&[]).await.unwrap().is_empty());
    for number in [1, 2, 3] {
        links.want(&phone(number), user_id(), shard(), CONNECTED, at(0)).await.unwrap();
    }
    let mut found = links.find_many(&[phone(3), phone(9), phone(1)]).await.unwrap();
    found.sort_by_key(|link| link.number.clone());
    let numbers: Vec<_> = found.into_iter().map(|link| link.number).collect();
    assert_eq!(numbers, [phone(1), phone(3)]);
}
