//! The contract of [`Links`](carteiro_core::ports::Links) about devices that pairings linked.

use crate::ports::Ports;
use crate::samples::{at, phone, random, user_id};
use carteiro_core::ids::PairingId;
use carteiro_core::lease::Epoch;
use carteiro_core::number::{Desired, LinkReport, LinkState, PairingMethod};
use carteiro_core::ports::LinkError;
use carteiro_core::shard::Shard;

crate::contract! { in memory too:
    a_link_is_made_by_an_adoption,
    a_link_that_is_there_adopts,
    what_was_adopted_is_not_adopted_again,
    only_the_latest_pairing_is_adopted,
    anothers_link_and_one_that_is_removed_adopt_nothing,
    an_earlier_owner_adopts_nothing,
    a_link_that_was_forgotten_begins_anew,
}

const CONNECTED: Desired = Desired::Connected(PairingMethod::Qr);
const JID: &str = "551190000001@s.whatsapp.net";

fn shard() -> Shard {
    Shard::from_stored(3)
}

fn pairing() -> PairingId {
    PairingId::from_random(random())
}

async fn a_link_is_made_by_an_adoption(ports: &Ports) {
    let (links, ana, pairing) = (&ports.links, user_id(), pairing());
    links.adopt(&phone(1), ana, shard(), pairing, JID, at(0)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!(
        (link.user, link.shard, link.desired, link.state),
        (ana, shard(), CONNECTED, LinkState::Offline)
    );
    assert_eq!((link.adopts, link.jid, link.since), (Some(pairing), None, at(0)));
    links.adopted(&phone(1), Epoch::FIRST, pairing, at(5)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!((link.adopts, link.jid.as_deref()), (None, Some(JID)));
    assert_eq!((link.state, link.since), (LinkState::Connecting, at(5)));
}

async fn a_link_that_is_there_adopts(ports: &Ports) {
    let (links, ana, pairing) = (&ports.links, user_id(), pairing());
    links.want(&phone(1), ana, shard(), Desired::Connected(PairingMethod::Code), at(0)).await.unwrap();
    let reason = Some("ACCOUNT_LOCKED".to_owned());
    let gone = LinkReport { state: LinkState::LoggedOut, reason, qr: None, code: None, jid: Some(None) };
    links.report(&phone(1), Epoch::FIRST, &gone, at(1)).await.unwrap();
    links.want(&phone(1), ana, shard(), Desired::Disconnected, at(2)).await.unwrap();
    links.adopt(&phone(1), ana, shard(), pairing, JID, at(3)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!((link.desired, link.state, link.since), (CONNECTED, LinkState::LoggedOut, at(1)));
    links.adopted(&phone(1), Epoch::FIRST, pairing, at(4)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!((link.state, link.reason, link.since), (LinkState::Connecting, None, at(4)));
}

async fn what_was_adopted_is_not_adopted_again(ports: &Ports) {
    let (links, ana, pairing) = (&ports.links, user_id(), pairing());
    links.adopt(&phone(1), ana, shard(), pairing, JID, at(0)).await.unwrap();
    links.adopt(&phone(1), ana, shard(), pairing, JID, at(0)).await.unwrap();
    links.adopted(&phone(1), Epoch::FIRST, pairing, at(1)).await.unwrap();
    links.adopted(&phone(1), Epoch::FIRST, pairing, at(2)).await.unwrap();
    links.adopt(&phone(1), ana, shard(), pairing, JID, at(3)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!((link.adopts, link.since), (None, at(1)));
}

async fn only_the_latest_pairing_is_adopted(ports: &Ports) {
    let (links, ana) = (&ports.links, user_id());
    let (first, second) = (pairing(), pairing());
    links.adopt(&phone(1), ana, shard(), first, "first", at(0)).await.unwrap();
    links.adopt(&phone(1), ana, shard(), second, "second", at(1)).await.unwrap();
    links.adopted(&phone(1), Epoch::FIRST, first, at(2)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!((link.adopts, link.jid), (Some(second), None));
    links.adopted(&phone(1), Epoch::FIRST, second, at(3)).await.unwrap();
    let link = links.find(&phone(1)).await.unwrap().unwrap();
    assert_eq!((link.adopts, link.jid.as_deref()), (None, Some("second")));
}

async fn anothers_link_and_one_that_is_removed_adopt_nothing(ports: &Ports) {
    let (links, ana, bia) = (&ports.links, user_id(), user_id());
    links.want(&phone(1), ana, shard(), CONNECTED, at(0)).await.unwrap();
    assert_eq!(links.adopt(&phone(1), bia, shard(), pairing(), JID, at(1)).await, Err(LinkError::Busy));
    links.want(&phone(1), ana, shard(), Desired::Removed, at(2)).await.unwrap();
    assert_eq!(links.adopt(&phone(1), ana, shard(), pairing(), JID, at(3)).await, Err(LinkError::Busy));
    assert!(links.find(&phone(1)).await.unwrap().unwrap().adopts.is_none());
}

async fn an_earlier_owner_adopts_nothing(ports: &Ports) {
    let (links, ana, pairing) = (&ports.links, user_id(), pairing());
    assert_eq!(links.adopted(&phone(1), Epoch::FIRST, pairing, at(0)).await, Err(LinkError::Fenced));
    links.adopt(&phone(1), ana, shard(), pairing, JID, at(0)).await.unwrap();
    let later = LinkReport { state: LinkState::Connecting, reason: None, qr: None, code: None, jid: None };
    links.report(&phone(1), Epoch::new(9), &later, at(1)).await.unwrap();
    assert_eq!(links.adopted(&phone(1), Epoch::FIRST, pairing, at(2)).await, Err(LinkError::Fenced));
    assert_eq!(links.find(&phone(1)).await.unwrap().unwrap().adopts, Some(pairing));
    links.adopted(&phone(1), Epoch::new(9), pairing, at(3)).await.unwrap();
}

async fn a_link_that_was_forgotten_begins_anew(ports: &Ports) {
    let (links, ana, pairing) = (&ports.links, user_id(), pairing());
    links.adopt(&phone(1), ana, shard(), pairing, JID, at(0)).await.unwrap();
    links.adopted(&phone(1), Epoch::FIRST, pairing, at(1)).await.unwrap();
    links.want(&phone(1), ana, shard(), Desired::Removed, at(2)).await.unwrap();
    links.forget(&phone(1), Epoch::FIRST).await.unwrap();
    assert!(links.find(&phone(1)).await.unwrap().is_none());
    let link = links.want(&phone(1), ana, shard(), CONNECTED, at(3)).await.unwrap().unwrap();
    assert!(link.adopts.is_none() && link.jid.is_none());
}
