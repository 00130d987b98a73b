//! Stored links of numbers: of each wish and each state.

use crate::ports::Ports;
use crate::samples::{at, phone};
use carteiro_core::ids::{PairingId, UserId};
use carteiro_core::lease::Epoch;
use carteiro_core::number::{Desired, Link, LinkReport, LinkState, PairingCode, PairingMethod, Qr};
use carteiro_core::ports::LinkError;
use carteiro_core::shard::Shard;
use jiff::Timestamp;
use secrecy::ExposeSecret;

super::stored! {
    links_of_each_wish: wishes_are_written, wishes_are_read;
    links_of_each_state: states_are_written, states_are_read;
    link_that_adopts: adoption_is_written, adoption_is_read;
}

const QR: Desired = Desired::Connected(PairingMethod::Qr);
const WISHES: [Desired; 4] =
    [QR, Desired::Connected(PairingMethod::Code), Desired::Disconnected, Desired::Removed];
const STATES: [LinkState; 14] = [
    LinkState::Offline,
    LinkState::Connecting,
    LinkState::Pairing,
    LinkState::QrExpired,
    LinkState::CodeExpired,
    LinkState::CodeRefused,
    LinkState::PasskeyAsked,
    LinkState::Connected,
    LinkState::Restricted,
    LinkState::Reconnecting,
    LinkState::Replaced,
    LinkState::LoggedOut,
    LinkState::Banned,
    LinkState::WrongNumber,
];
const JID: &str = "5511900000001:7@s.whatsapp.net";

fn user() -> UserId {
    UserId::from_random([0x71; 16])
}

fn shard() -> Shard {
    Shard::from_stored(3)
}

async fn found(ports: &Ports, number: u32) -> Link {
    let link = ports.links.find(&phone(number)).await.unwrap().expect("a link");
    assert_eq!((&link.number, link.user, link.shard), (&phone(number), user(), shard()));
    link
}

async fn wishes_are_written(ports: &Ports) {
    for (number, wish) in (1..).zip(WISHES) {
        ports.links.want(&phone(number), user(), shard(), QR, at(0)).await.unwrap();
        ports.links.want(&phone(number), user(), shard(), wish, at(1)).await.unwrap();
    }
}

async fn wishes_are_read(ports: &Ports) {
    for (number, wish) in (1..).zip(WISHES) {
        let link = found(ports, number).await;
        let removal = (wish == Desired::Removed).then(|| at(1));
        assert_eq!((link.desired, link.removal_at), (wish, removal));
        assert_eq!((link.state, link.since, link.jid), (LinkState::Offline, at(0), None));
    }
    let mut needed = ports.links.of_shard(shard()).await.unwrap();
    needed.sort();
    assert_eq!(needed, [1, 2, 4].map(phone), "what is disconnected needs no session");
    assert!(ports.links.forget(&phone(1), Epoch::FIRST).await.is_err());
    ports.links.forget(&phone(4), Epoch::FIRST).await.unwrap();
}

fn report(state: LinkState) -> LinkReport {
    let bare = LinkReport { state, reason: None, qr: None, code: None, jid: None };
    match state {
        LinkState::Pairing => LinkReport {
            qr: Some(Qr { code: "2@exemplo,de,um,qr".to_owned().into(), expires_at: at(60) }),
            code: Some(PairingCode { code: "EXEM1234".to_owned().into(), expires_at: at(180) }),
            ..bare
        },
        LinkState::Connected => LinkReport { jid: Some(Some(JID.to_owned())), ..bare },
        LinkState::Banned => LinkReport { reason: Some("WHATSAPP_403".to_owned()), ..bare },
        _ => bare,
    }
}

async fn states_are_written(ports: &Ports) {
    for (number, state) in (1..).zip(STATES) {
        ports.links.want(&phone(number), user(), shard(), QR, at(0)).await.unwrap();
        ports.links.report(&phone(number), Epoch::FIRST.next(), &report(state), at(5)).await.unwrap();
    }
}

async fn states_are_read(ports: &Ports) {
    for (number, state) in (1..).zip(STATES) {
        let (link, told) = (found(ports, number).await, report(state));
        let since = if state == LinkState::Offline { at(0) } else { at(5) };
        assert_eq!((link.state, link.since, link.desired), (state, since, QR));
        assert_eq!((link.reason, link.jid), (told.reason, told.jid.flatten()));
        let shown = |code: &secrecy::SecretString, until: Timestamp| (code.expose_secret().to_owned(), until);
        let qr = |qr: Option<Qr>| qr.map(|qr| shown(&qr.code, qr.expires_at));
        let code = |code: Option<PairingCode>| code.map(|code| shown(&code.code, code.expires_at));
        assert_eq!((qr(link.qr), code(link.code)), (qr(told.qr), code(told.code)), "{state:?}");
        let fenced = ports.links.report(&phone(number), Epoch::FIRST, &report(state), at(9)).await;
        assert!(matches!(fenced, Err(LinkError::Fenced)), "the epoch is read: {fenced:?}");
    }
}

async fn adoption_is_written(ports: &Ports) {
    let pairing = PairingId::from_random([0x72; 16]);
    ports.links.adopt(&phone(1), user(), shard(), pairing, JID, at(0)).await.unwrap();
}

async fn adoption_is_read(ports: &Ports) {
    let pairing = PairingId::from_random([0x72; 16]);
    assert_eq!(found(ports, 1).await.adopts, Some(pairing));
    ports.links.adopt(&phone(1), user(), shard(), pairing, JID, at(1)).await.unwrap();
    ports.links.adopted(&phone(1), Epoch::FIRST, pairing, at(2)).await.unwrap();
    let link = found(ports, 1).await;
    assert_eq!((link.adopts, link.jid.as_deref(), link.state), (None, Some(JID), LinkState::Connecting));
}
