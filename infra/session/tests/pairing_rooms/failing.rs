//! A pairing whose steps fail, or whose task is killed between them.

use super::*;

/// The operations whose failure stops a pairing, each at another step.
const STEPS: [(&str, &str); 12] = [
    ("pairings", "report"),
    ("pairings", "find"),
    ("named", "find"),
    ("numbers", "claim"),
    ("numbers", "apply"),
    ("links", "adopt"),
    ("named", "set_number"),
    ("queues", "push"),
    ("links", "find"),
    ("the number's state", ""),
    ("links", "adopted"),
    ("links", "report"),
];

fn switch<'a>(world: &'a World, store: &str) -> Option<&'a Switch> {
    Some(match store {
        "pairings" => &world.pairings.switch,
        "named" => &world.named.switch,
        "numbers" => &world.numbers.switch,
        "links" => &world.links.switch,
        "queues" => &world.queues.switch,
        _ => return None,
    })
}

fn fail(world: &World, (store, operation): (&str, &str)) {
    match switch(world, store) {
        Some(switch) => switch.fail_in(operation),
        None => world.states.set_unavailable(&sender(), true),
    }
}

fn recover(world: &World, (store, _): (&str, &str)) {
    match switch(world, store) {
        Some(switch) => switch.recover(),
        None => world.states.set_unavailable(&sender(), false),
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_for_a_while_delays_a_pairing_only() {
    for step in STEPS {
        let world = World::new();
        let task = world.start();
        let pairing = world.shows_a_qr().await;
        fail(&world, step);
        world.whatsapp.scan_pairing(pairing, &sender()).await;
        sleep(Duration::from_secs(4)).await;
        assert_ne!(world.link_state(&sender()), Some(LinkState::Connected), "{step:?}");
        recover(&world, step);
        world.until_paired(pairing).await;
        task.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn killed_at_any_step_a_pairing_is_taken_up_where_it_was() {
    for step in STEPS {
        let world = World::new();
        let task = world.start();
        let pairing = world.shows_a_qr().await;
        fail(&world, step);
        world.whatsapp.scan_pairing(pairing, &sender()).await;
        sleep(Duration::from_secs(4)).await;
        task.kill().await;
        recover(&world, step);
        let task = world.start();
        world.until_paired(pairing).await;
        task.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn killed_between_the_scan_and_its_report_the_device_is_found() {
    let world = World::new();
    let task = world.start();
    let pairing = world.shows_a_qr().await;
    world.whatsapp.links_silently(pairing, &sender()).await;
    task.kill().await;
    let task = world.start();
    world.until_paired(pairing).await;
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_pairing_that_no_command_tells_of_is_found_by_the_next_owner() {
    let world = World::new();
    let pairing = world.wants_pairing(&session()).await;
    let task = world.start();
    world.until_pairing(pairing, PairingState::Waiting).await;
    // Stopped in order, it is taken up by the next.
    task.stop().await;
    assert_eq!(world.pairing_state(pairing), PairingState::Waiting);
    let task = world.start();
    world.until("another QR", |world| world.whatsapp.server().starts == 2).await;
    world.whatsapp.scan_pairing(pairing, &sender()).await;
    world.until_paired(pairing).await;
    task.stop().await;
}
