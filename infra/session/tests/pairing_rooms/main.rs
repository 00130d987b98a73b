//! V1 sessions pair with whatever phone scans.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod failing;
mod refused;
#[path = "../world/mod.rs"]
mod world;

use carteiro_core::ids::{PairingId, UserId};
use carteiro_core::lease::Epoch;
use carteiro_core::number::{Desired, LinkState, NumberChange, OwnedNumber, PairingMethod, Role};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Clock, Links, NamedSessions, Numbers, Pairings};
use carteiro_core::session::{PairingReport, PairingState};
use carteiro_core::shard::Shard;
use carteiro_core::testing::Switch;
use carteiro_engine::SessionEvent;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::sleep;
use world::{World, phone, sender, session};

impl World {
    async fn owns(&self, user: UserId, number: &Phone) {
        let worker = OwnedNumber { phone: number.clone(), role: Role::Worker };
        self.numbers.apply(user, &[NumberChange::Add(worker, self.shard(number))], 9).await.unwrap();
    }

    /// A session asks to be paired, and has a QR.
    async fn shows_a_qr(&self) -> PairingId {
        let pairing = self.authenticate(&session()).await;
        self.until_pairing(pairing, PairingState::Waiting).await;
        pairing
    }

    /// The same, and the sender's phone has scanned it.
    async fn scanned(&self) -> PairingId {
        let pairing = self.shows_a_qr().await;
        self.whatsapp.scan_pairing(pairing, &sender()).await;
        pairing
    }

    /// The session is paired and its number connected, with the one device that WhatsApp knows.
    async fn until_paired(&self, pairing: PairingId) {
        self.until_pairing(pairing, PairingState::Paired(sender())).await;
        self.until_state(LinkState::Connected).await;
        self.until("the device is adopted", |world| world.links.peek(&sender()).unwrap().adopts.is_none())
            .await;
        assert_eq!(self.number_of(&session()), Some(sender()));
        assert_eq!(self.states.size_of(&pairing.into()).0, 0);
        assert_eq!(self.states.size(&sender()).0, 1);
        assert_eq!(self.whatsapp.server().devices.len(), 1);
        assert_eq!(self.whatsapp.server().logouts, 0);
        let claim = self.numbers.claim(&sender()).await.unwrap().unwrap();
        assert_eq!((claim.user, claim.shard), (self.user, self.shard(&sender())));
    }

    /// Nothing is left of a pairing that came to nothing.
    fn nothing_is_left_of(&self, pairing: PairingId, logouts: usize) {
        assert_eq!(self.states.size_of(&pairing.into()).0, 0);
        assert!(self.links.peek(&sender()).is_none());
        assert_eq!(self.number_of(&session()), None);
        assert!(self.whatsapp.server().devices.is_empty());
        assert_eq!(self.whatsapp.server().logouts, logouts);
    }
}

#[tokio::test(start_paused = true)]
async fn the_phone_that_scans_says_which_number_it_is() {
    let world = World::new();
    let task = world.start();
    let pairing = world.shows_a_qr().await;
    assert!(world.pairings.peek(pairing).unwrap().qr.is_some());
    world.whatsapp.scan_pairing(pairing, &sender()).await;
    world.until_paired(pairing).await;
    assert!(world.pairings.peek(pairing).unwrap().qr.is_none());
    assert!(world.links.peek(&sender()).unwrap().jid.is_some());
    world.until("nothing is left", |world| world.queues.is_empty()).await;
    task.stop().await;
    // The number's session goes on by itself.
    let task = world.start();
    world.until("the device connects", |world| world.whatsapp.server().starts == 3).await;
    world.until_state(LinkState::Connected).await;
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn doubled_commands_pair_once() {
    let world = World::new();
    world.queues.doubling.store(true, Ordering::Relaxed);
    let task = world.start();
    let pairing = world.authenticate(&session()).await;
    world.pair_command(pairing);
    world.until_pairing(pairing, PairingState::Waiting).await;
    world.pair_command(pairing);
    world.whatsapp.scan_pairing(pairing, &sender()).await;
    world.pair_command(pairing);
    world.until_paired(pairing).await;
    world.pair_command(pairing);
    world.until("nothing is left", |world| world.queues.is_empty()).await;
    assert_eq!(world.whatsapp.server().starts, 2, "one for the QR, one for the number");
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_qr_that_nobody_scans_expires() {
    let world = World::new();
    let task = world.start();
    let pairing = world.shows_a_qr().await;
    world.whatsapp.tell_owner(&pairing.into(), SessionEvent::PairingTimedOut);
    world.whatsapp.tell_owner(&pairing.into(), SessionEvent::Ended);
    world.until_pairing(pairing, PairingState::Expired).await;
    world.nothing_is_left_of(pairing, 0);
    assert!(world.pairings.peek(pairing).unwrap().qr.is_none());
    // The next begins anew.
    let next = world.scanned().await;
    world.until_paired(next).await;
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn while_whatsapp_cannot_be_reached_a_pairing_waits_and_then_expires() {
    let world = World::new();
    world.whatsapp.server().unreachable = true;
    let task = world.start();
    let pairing = world.authenticate(&session()).await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(world.pairing_state(pairing), PairingState::Starting);
    world.within(300, "it expires", |world| world.pairing_state(pairing) == PairingState::Expired).await;
    world.nothing_is_left_of(pairing, 0);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_known_with_and_without_its_ninth_digit() {
    let world = World::new();
    world.owns(world.user, &sender()).await;
    let task = world.start();
    let pairing = world.shows_a_qr().await;
    let written = sender().other_ninth_digit_form().unwrap();
    world.whatsapp.scan_pairing(pairing, &written).await;
    world.until_pairing(pairing, PairingState::Paired(written.clone())).await;
    world.until_state(LinkState::Connected).await;
    assert_eq!(world.number_of(&session()), Some(sender()));
    let jid = world.links.peek(&sender()).unwrap().jid.unwrap();
    assert_eq!(jid, format!("{}@s.whatsapp.net", written.digits()));
    assert!(world.links.peek(&written).is_none());
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_later_owner_of_the_pairing_stops_an_earlier_one() {
    let world = World::new();
    let task = world.start();
    let pairing = world.shows_a_qr().await;
    let later = PairingReport { state: PairingState::Waiting, qr: None };
    world.pairings.report_now(pairing, Epoch::new(99), &later, world.clock.now()).unwrap();
    world.whatsapp.scan_pairing(pairing, &sender()).await;
    sleep(Duration::from_secs(20)).await;
    assert_eq!(world.pairing_state(pairing), PairingState::Waiting);
    assert!(world.links.peek(&sender()).is_none());
    assert_eq!(world.numbers.claim(&sender()).await.unwrap(), None);
    assert_eq!(world.states.size_of(&pairing.into()).0, 1, "the device is the later owner's to give away");
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_former_link_that_its_tenants_removal_left_is_ended() {
    let world = World::new();
    let (former, now) = (UserId::from_random([8; 16]), world.clock.now());
    let wanted = Desired::Connected(PairingMethod::Qr);
    world.links.want(&sender(), former, world.shard(&sender()), wanted, now).await.unwrap();
    world.links.want(&sender(), former, world.shard(&sender()), Desired::Disconnected, now).await.unwrap();
    let task = world.start();
    let pairing = world.scanned().await;
    world.until_pairing(pairing, PairingState::Paired(sender())).await;
    world.until_state(LinkState::Connected).await;
    assert_eq!(world.links.peek(&sender()).unwrap().user, world.user);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_number_whose_former_link_does_not_go_fails_the_pairing() {
    let world = World::new();
    let (former, now) = (UserId::from_random([8; 16]), world.clock.now());
    let wanted = Desired::Connected(PairingMethod::Qr);
    // Nobody owns its shard.
    let elsewhere = Shard::from_stored(world.shard(&sender()).index() + 100);
    world.links.want(&sender(), former, elsewhere, wanted, now).await.unwrap();
    let task = world.start();
    let pairing = world.scanned().await;
    let busy = PairingState::Failed("NUMBER_BUSY".into());
    world.within(90, "it fails", |world| world.pairing_state(pairing) == busy).await;
    assert!(world.whatsapp.server().devices.is_empty());
    assert_eq!(world.numbers.claim(&sender()).await.unwrap(), None, "the tenant has no worker of it");

    // Nor has it of one that is logged out while it waits.
    let pairing = world.scanned().await;
    sleep(Duration::from_secs(5)).await;
    assert!(world.numbers.claim(&sender()).await.unwrap().is_some());
    world.named.remove(world.user, &session()).await.unwrap();
    world
        .within(90, "it is taken back", |world| world.pairing_state(pairing) == PairingState::Cancelled)
        .await;
    assert_eq!(world.numbers.claim(&sender()).await.unwrap(), None);
    assert!(world.whatsapp.server().devices.is_empty());

    // One that is removed in time is waited for.
    let pairing = world.scanned().await;
    sleep(Duration::from_secs(5)).await;
    world.links.forget(&sender(), Epoch::FIRST).await.unwrap();
    world.until_pairing(pairing, PairingState::Paired(sender())).await;
    world.until_state(LinkState::Connected).await;
    task.stop().await;
}
