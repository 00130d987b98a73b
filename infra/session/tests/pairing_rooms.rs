//! V1 sessions pair with whatever phone scans.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::number::LinkState;
use carteiro_core::session::PairingState;
use world::{World, sender, session};

#[tokio::test(start_paused = true)]
async fn the_phone_that_scans_says_which_number_it_is() {
    let world = World::new();
    let task = world.start();
    let pairing = world.authenticate(&session()).await;
    world.until_pairing(pairing, PairingState::Waiting).await;
    assert!(world.pairings.peek(pairing).unwrap().qr.is_some());
    world.whatsapp.scan_pairing(pairing, &sender()).await;
    world.until_pairing(pairing, PairingState::Paired(sender())).await;
    assert!(world.pairings.peek(pairing).unwrap().qr.is_none());
    world.until_state(LinkState::Connected).await;
    assert_eq!(world.number_of(&session()), Some(sender()));
    assert_eq!(world.states.size_of(&pairing.into()).0, 0);
    assert_eq!(world.states.size(&sender()).0, 1);
    assert!(world.links.peek(&sender()).unwrap().jid.is_some());
    world.until("nothing is left", |world| world.queues.is_empty()).await;
    task.stop().await;
}
