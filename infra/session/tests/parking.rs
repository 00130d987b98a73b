//! Sends of a number that is not connected, and how numbers come to be connected.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::ids::{SendId, UserId};
use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::ports::{Clock, Sends};
use carteiro_core::send::{Failure, Status, Waiting};
use carteiro_core::testing::MemorySends;
use carteiro_engine::{LogOutReason, SessionEvent};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

use world::{SlowSends, World, phone, recipient, sender};

#[tokio::test(start_paused = true)]
async fn sends_wait_for_the_pairing_and_then_go_out_in_order() {
    let world = World::new();
    let _task = world.start();
    let texts: Vec<String> = (0..50).map(|i| format!("text {i}")).collect();
    for text in &texts[..45] {
        world.send(text).await;
    }
    world.until("all are parked", |world| world.sends.count_parked() == 45 && world.queues.is_empty()).await;
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_state(LinkState::Pairing).await;
    let link = world.links.peek(&sender()).unwrap();
    assert_eq!(link.qr.unwrap().code.expose_secret(), "2@code");
    world.whatsapp.scan(&sender(), &sender());
    for text in &texts[45..] {
        world.send(text).await;
    }
    world.until("all are shown", |world| world.whatsapp.shown().len() == 50).await;
    assert_eq!(world.whatsapp.shown(), texts);
    world.until("none is parked", |world| world.sends.count_parked() == 0 && world.queues.is_empty()).await;
    let link = world.links.peek(&sender()).unwrap();
    assert_eq!(link.jid.as_deref(), Some("5511988887777@s.whatsapp.net"));
    assert!(link.qr.is_none() && link.state == LinkState::Connected);
    assert!(world.sends.all().iter().all(|send| send.status == Status::Sent));
}

#[tokio::test(start_paused = true)]
async fn sends_are_held_through_a_short_loss_and_parked_in_a_long_one() {
    let world = World::new();
    world.paired(&sender()).await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.whatsapp.server().unreachable = true;
    world.whatsapp.cut(&sender());
    world.until_state(LinkState::Reconnecting).await;
    let first = world.send("a").await;
    sleep(Duration::from_secs(20)).await;
    assert_eq!((world.sends.count_parked(), world.queues.is_empty()), (0, false), "held");
    world.until("it is parked", |world| world.sends.count_parked() == 1 && world.queues.is_empty()).await;
    let second = world.send("b").await;
    world.until("so is the next", |world| world.sends.count_parked() == 2).await;
    world.whatsapp.server().unreachable = false;
    world.until_status(second, Status::Sent).await;
    assert_eq!((world.status(first), world.whatsapp.shown()), (Status::Sent, vec!["a".into(), "b".into()]));
}

#[tokio::test(start_paused = true)]
async fn what_was_written_without_acknowledgement_is_parked_too_and_stays_first() {
    let world = World::new();
    world.paired(&sender()).await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.whatsapp.server().silent = true;
    let first = world.send("a").await;
    world.until("it is written", |world| world.whatsapp.server().wire.len() == 1).await;
    world.whatsapp.server().unreachable = true;
    world.whatsapp.cut(&sender());
    world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    let second = world.send("b").await;
    {
        let mut server = world.whatsapp.server();
        (server.unreachable, server.silent) = (false, false);
    }
    world.until_status(second, Status::Sent).await;
    assert_eq!(world.status(first), Status::Sent);
    let wire: Vec<String> = world.whatsapp.server().wire.iter().map(|m| m.text.clone()).collect();
    assert_eq!(wire, ["a", "a", "b"]);
}

/// The first of them are in the table then, and the others must not overtake them.
#[tokio::test(start_paused = true)]
async fn a_connection_that_comes_back_while_sends_are_parked_changes_no_order() {
    let sends: Arc<MemorySends> = Arc::default();
    let world = World::with_sends(sends.clone(), Arc::new(SlowSends::new(sends, 7)));
    let _task = world.start();
    let texts: Vec<String> = (0..8).map(|i| format!("text {i}")).collect();
    let mut ids = Vec::new();
    for text in &texts {
        ids.push(world.send(text).await);
    }
    world.until("all are parked", |world| world.sends.count_parked() == texts.len()).await;
    world.whatsapp.server().silent = true;
    world.paired(&sender()).await;
    world.until("all are written", |world| world.whatsapp.server().wire.len() == texts.len()).await;
    world.whatsapp.server().unreachable = true;
    world.sends.switch.asked();
    let parks = |world: &World| world.sends.switch.asked().iter().filter(|asked| *asked == "park").count();
    world.whatsapp.cut(&sender());
    world.until("one is parked again", |world| parks(world) > 0).await;
    world.sends.switch.fail_in("park");
    {
        let mut server = world.whatsapp.server();
        (server.unreachable, server.silent) = (false, false);
        // They may not have arrived the first time.
        server.wire.clear();
    }
    world.until_state(LinkState::Connected).await;
    sleep(Duration::from_secs(5)).await;
    assert_eq!(world.whatsapp.shown(), [""; 0], "what is parked goes first, and the rest is still to be");
    world.sends.switch.recover();
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), texts);
    world.until("none is parked", |world| world.sends.count_parked() == 0 && world.queues.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_phone_of_another_number_is_logged_out() {
    let world = World::new();
    let _task = world.start();
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_state(LinkState::Pairing).await;
    world.whatsapp.scan(&sender(), &phone("5521977776666"));
    world.until_state(LinkState::WrongNumber).await;
    assert_eq!(world.whatsapp.server().logouts, 1);
    assert_eq!(world.links.peek(&sender()).unwrap().jid, None);
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_state(LinkState::Pairing).await;
    // Paired under the form without the ninth digit, it is the same number.
    world.whatsapp.scan(&sender(), &phone("551188887777"));
    world.until_state(LinkState::Connected).await;
}

#[tokio::test(start_paused = true)]
async fn a_code_that_nobody_scans_ends_the_pairing() {
    let world = World::new();
    let task = world.start();
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_state(LinkState::Pairing).await;
    world.whatsapp.tell(&sender(), SessionEvent::PairingTimedOut);
    world.until_state(LinkState::QrExpired).await;
    task.stop().await;
    let _task = world.start();
    sleep(Duration::from_secs(30)).await;
    assert_eq!(world.whatsapp.server().starts, 1, "not by itself");
}

#[tokio::test(start_paused = true)]
async fn a_number_that_was_logged_out_is_paired_anew_when_a_client_asks() {
    let world = World::new();
    world.paired(&sender()).await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.whatsapp.server().paired.clear();
    world.whatsapp.tell(&sender(), SessionEvent::LoggedOut { reason: LogOutReason::Unlinked });
    world.whatsapp.tell(&sender(), SessionEvent::Ended);
    world.until_state(LinkState::LoggedOut).await;
    let id = world.send("olá").await;
    world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_state(LinkState::Pairing).await;
    world.whatsapp.scan(&sender(), &sender());
    world.until_status(id, Status::Sent).await;
}

#[tokio::test(start_paused = true)]
async fn a_number_is_disconnected_and_connected_as_its_tenant_wants() {
    let world = World::new();
    world.paired(&sender()).await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.want(&sender(), Desired::Disconnected).await;
    world.until_state(LinkState::Offline).await;
    assert_eq!(world.whatsapp.server().shutdowns, 1);
    let id = world.send("olá").await;
    world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    // Its actor ends meanwhile, and another one takes over.
    sleep(Duration::from_secs(300)).await;
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until_status(id, Status::Sent).await;
    assert_eq!(world.whatsapp.server().logouts, 0, "it stayed paired");
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_removed_is_logged_out_and_its_sends_fail() {
    for connected in [true, false] {
        let world = World::new();
        world.paired(&sender()).await;
        let _task = world.start();
        world.until_state(LinkState::Connected).await;
        let mut report = world.links.peek(&sender()).unwrap();
        report.jid = Some("5511988887777@s.whatsapp.net".into());
        let report = carteiro_core::number::LinkReport {
            state: report.state,
            reason: None,
            qr: None,
            code: None,
            jid: Some(report.jid),
        };
        let now = world.clock.now();
        world.links.report_now(&sender(), carteiro_core::lease::Epoch::FIRST, &report, now).unwrap();
        let mut ids = Vec::new();
        if !connected {
            world.want(&sender(), Desired::Disconnected).await;
            world.until_state(LinkState::Offline).await;
            ids.push(world.send("a").await);
            world.until("it is parked", |world| world.sends.count_parked() == 1).await;
        }
        let late = world.accept("b", &recipient()).await;
        world.want(&sender(), Desired::Removed).await;
        world.until("the link is gone", |world| world.link_state(&sender()).is_none()).await;
        assert_eq!(world.whatsapp.server().logouts, 1);
        assert_eq!(world.states.size(&sender()).0, 0);
        world.command(late);
        ids.push(late);
        for id in ids {
            world.until_status(id, Status::Failed).await;
            assert_eq!(world.sends.peek(id).unwrap().failure, Some(Failure::NumberRemoved));
        }
        world
            .until("nothing is left", |world| world.queues.is_empty() && world.sends.count_parked() == 0)
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_after_a_removal_waits_for_whoever_has_the_number_then() {
    let (world, _task) = World::connected().await;
    let before = world.accept("antes", &recipient()).await;
    world.want(&sender(), Desired::Removed).await;
    world.until("the link is gone", |world| world.link_state(&sender()).is_none()).await;
    // The actor is still there.
    let after = world.send("depois").await;
    world.command(before);
    world.until_status(before, Status::Failed).await;
    world.until("it is parked", |world| world.sends.count_parked() == 1 && world.queues.is_empty()).await;
    assert_eq!(world.status(after), Status::Queued);
    world.paired(&sender()).await;
    world.until_status(after, Status::Sent).await;
    assert_eq!(world.whatsapp.shown(), ["depois"]);
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_comes_late_ends_only_what_was_accepted_before_it_was_asked_for() {
    let world = World::new();
    world.paired(&sender()).await;
    let task = world.start();
    world.until_state(LinkState::Connected).await;
    world.want(&sender(), Desired::Disconnected).await;
    world.until_state(LinkState::Offline).await;
    // More than is read at once.
    let mut before = Vec::new();
    for place in 0..25 {
        before.push(world.send(&format!("antes {place}")).await);
    }
    world.until("they are parked", |world| world.sends.count_parked() == 25).await;
    task.stop().await;
    world.want(&sender(), Desired::Removed).await;
    sleep(Duration::from_secs(1)).await;
    // Its tenant added it again, and another tenant has it by now.
    let own = world.accept("de novo", &recipient()).await;
    let mut other = world.sends.peek(own).unwrap();
    (other.id, other.user) = (SendId::from_random([8; 16]), UserId::from_random([8; 16]));
    other.queued_at = world.sends.peek(before[0]).unwrap().queued_at;
    world.sends.create(&other, world.clock.now()).await.unwrap();
    for id in [own, other.id] {
        let send = world.sends.peek(id).unwrap();
        world.sends.park(&send, Waiting::NotConnected).await.unwrap();
    }
    let _task = world.start();
    world.until("the link is gone", |world| world.link_state(&sender()).is_none()).await;
    for id in before {
        assert_eq!(world.sends.peek(id).unwrap().failure, Some(Failure::NumberRemoved));
    }
    assert_eq!((world.status(own), world.status(other.id)), (Status::Queued, Status::Queued));
    assert_eq!(world.sends.count_parked(), 2);
}
