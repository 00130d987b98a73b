//! Pairings that come to nothing, of which nothing is left.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_refusal_of_whatsapps_is_told() {
    let world = World::new();
    world.whatsapp.server().login_refusals.push_back(403);
    let task = world.start();
    let pairing = world.authenticate(&session()).await;
    world.until_pairing(pairing, PairingState::Failed("WHATSAPP_403".into())).await;
    world.nothing_is_left_of(pairing, 0);
    let passkey = world.shows_a_qr().await;
    world.whatsapp.tell_owner(&passkey.into(), SessionEvent::PasskeyRequired);
    world.until_pairing(passkey, PairingState::Failed("PASSKEY_ASKED".into())).await;
    world.nothing_is_left_of(passkey, 0);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_pairing_is_taken_back() {
    let world = World::new();
    let task = world.start();
    let pairing = world.shows_a_qr().await;
    world.pairings.cancel(pairing).await.unwrap();
    world.pair_command(pairing);
    world.until_pairing(pairing, PairingState::Cancelled).await;
    world.nothing_is_left_of(pairing, 0);
    // Also one that a task had linked and not reported when it died.
    let pairing = world.shows_a_qr().await;
    world.whatsapp.links_silently(pairing, &sender()).await;
    task.kill().await;
    world.pairings.cancel(pairing).await.unwrap();
    let task = world.start();
    world.until_pairing(pairing, PairingState::Cancelled).await;
    world.nothing_is_left_of(pairing, 1);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_gone_when_the_phone_scans_keeps_no_device() {
    let world = World::new();
    let task = world.start();
    let pairing = world.shows_a_qr().await;
    world.named.remove(world.user, &session()).await.unwrap();
    world.whatsapp.scan_pairing(pairing, &sender()).await;
    world.until_pairing(pairing, PairingState::Cancelled).await;
    world.nothing_is_left_of(pairing, 1);
    assert_eq!(world.numbers.claim(&sender()).await.unwrap(), None);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_phone_of_another_tenant_is_logged_out_again() {
    let world = World::new();
    let other = UserId::from_random([8; 16]);
    world.owns(other, &sender()).await;
    let task = world.start();
    let pairing = world.scanned().await;
    world.until_pairing(pairing, PairingState::Taken(sender())).await;
    world.nothing_is_left_of(pairing, 1);
    assert_eq!(world.numbers.claim(&sender()).await.unwrap().unwrap().user, other);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_the_plan_has_no_room_for_is_logged_out_again() {
    let world = World::new();
    world.owns(world.user, &phone("5511900000001")).await;
    world.owns(world.user, &phone("5511900000002")).await;
    let task = world.start();
    let pairing = world.scanned().await;
    world.until_pairing(pairing, PairingState::NoRoom(sender())).await;
    world.nothing_is_left_of(pairing, 1);
    assert_eq!(world.numbers.claim(&sender()).await.unwrap(), None);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn killed_before_the_log_out_the_phone_is_logged_out_all_the_same() {
    let world = World::new();
    world.owns(UserId::from_random([8; 16]), &sender()).await;
    let task = world.start();
    let pairing = world.scanned().await;
    world.until_pairing(pairing, PairingState::Linking(sender())).await;
    task.kill().await;
    let task = world.start();
    world.until_pairing(pairing, PairingState::Taken(sender())).await;
    world.nothing_is_left_of(pairing, 1);
    task.stop().await;
}
