//! The task over the real engine and the simulator; only the stores are in memory:
//! `cargo test -p carteiro-session --features simulator --test simulator`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod world;

use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::ports::Clock;
use carteiro_core::query::{Answer, Query, QueryFailure};
use carteiro_core::send::{Failure, Status};
use carteiro_core::usecase::AskError;
use carteiro_session::actor::Timing;
use secrecy::ExposeSecret;
use serde_json::json;
use std::time::Duration;
use world::{Desk, SHARDS, recipient, sender};

fn texts(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|i| format!("texto {i}")).collect()
}

#[tokio::test]
async fn a_number_pairs_sends_and_sends_after_a_restart_without_a_qr() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    let ids = desk.send(&texts(0..20)).await;
    desk.world
        .until("all delivered", |world| ids.iter().all(|id| world.status(*id) == Status::Delivered))
        .await;
    assert_eq!(desk.shown(20).await, texts(0..20));
    task.stop().await;
    assert_eq!(desk.world.link_state(&sender()), Some(LinkState::Reconnecting));
    let task = desk.world.start();
    let id = desk.world.send("texto 20").await;
    desk.world.until_status(id, Status::Delivered).await;
    assert_eq!(desk.shown(21).await, texts(0..21));
    desk.world.until("nothing is left", |world| world.queues.is_empty()).await;
    task.stop().await;
}

#[tokio::test]
async fn a_refusal_and_a_dropped_stream_hurt_nothing_else() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    desk.fault(json!({"kind": "nack", "code": 463, "times": 1})).await;
    let refused = desk.world.send("recusado").await;
    desk.world.until_status(refused, Status::Failed).await;
    assert_eq!(desk.world.sends.peek(refused).unwrap().failure, Some(Failure::Refused(463)));
    desk.fault(json!({"kind": "drop_stream", "after_messages": 7, "times": 1})).await;
    let ids = desk.send(&texts(0..30)).await;
    desk.until_done(&ids).await;
    assert_eq!(desk.shown(30).await, texts(0..30));
    task.stop().await;
}

#[tokio::test]
async fn killed_while_a_hundred_go_out_each_arrives_once_and_in_order() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    let ids = desk.send(&texts(0..100)).await;
    desk.shown(20).await;
    task.kill().await;
    let task = desk.world.start();
    desk.until_done(&ids).await;
    assert_eq!(desk.shown(100).await, texts(0..100));
    task.stop().await;
}

#[tokio::test]
async fn a_stream_that_says_nothing_any_more_is_left_for_another() {
    let desk = Desk::with(Timing { ack: Duration::from_secs(3), ..Timing::default() }).await;
    let task = desk.world.start();
    desk.pair().await;
    let id = desk.world.send("texto 0").await;
    desk.world.until_status(id, Status::Delivered).await;
    desk.fault(json!({"kind": "stall"})).await;
    let ids = desk.send(&texts(1..6)).await;
    desk.world.until_state(LinkState::Reconnecting).await;
    desk.delete_faults().await;
    desk.until_done(&ids).await;
    assert_eq!(desk.shown(6).await, texts(0..6));
    task.stop().await;
}

#[tokio::test]
async fn replaced_and_unlinked_numbers_wait_for_their_tenant() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    desk.fault(json!({"kind": "replaced"})).await;
    desk.world.until_state(LinkState::Replaced).await;
    let first = desk.world.send("texto 0").await;
    desk.world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    desk.world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    desk.world.until_status(first, Status::Delivered).await;
    desk.fault(json!({"kind": "logged_out"})).await;
    desk.world.until_state(LinkState::LoggedOut).await;
    let second = desk.world.send("texto 1").await;
    desk.pair().await;
    desk.world.until_status(second, Status::Delivered).await;
    assert_eq!(desk.shown(2).await, texts(0..2));
    desk.world.want(&sender(), Desired::Removed).await;
    desk.world.until("the link is gone", |world| world.link_state(&sender()).is_none()).await;
    assert_eq!(desk.world.states.size(&sender()).0, 0);
    task.stop().await;
}

#[tokio::test]
async fn killed_while_files_go_out_each_arrives_whole_once_and_in_order() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.pair().await;
    desk.fault(json!({"kind": "slow_media", "bytes_per_second": 2_000_000})).await;
    let large: Vec<u8> = (0..1_500_000_u32).map(|at| (at % 241) as u8).collect();
    let mut ids = Vec::new();
    for place in 0..8 {
        let name = format!("texto {place}");
        ids.push(match place % 2 {
            0 => desk.world.send(&name).await,
            _ => desk.send_document(&name, &large).await,
        });
    }
    desk.shown(3).await;
    task.kill().await;
    desk.delete_faults().await;
    let task = desk.world.start();
    desk.until_done(&ids).await;
    assert_eq!(desk.shown(8).await, texts(0..8));
    let file = format!(
        "{}/admin/accounts/{}/messages/{}/media",
        desk.simulator.admin_url(),
        recipient().digits(),
        ids[7].message_id().as_str()
    );
    let received = desk.http.get(file).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(received, large);
    task.stop().await;
}

#[tokio::test]
async fn a_number_pairs_by_code_is_restricted_and_is_free_again() {
    let desk = Desk::new().await;
    let task = desk.world.start();
    desk.world.want(&sender(), Desired::Connected(PairingMethod::Code)).await;
    let code = |world: &world::World| world.links.peek(&sender()).and_then(|link| link.code);
    desk.world.until("a code", |world| code(world).is_some()).await;
    let code = code(&desk.world).unwrap().code.expose_secret().to_owned();
    let typed = json!({"number": sender().digits(), "code": code});
    desk.post("/admin/mock-phone/enter-code", typed).await;
    desk.world.until_state(LinkState::Connected).await;
    let restrict = |restricted: bool| json!({"number": sender().digits(), "restricted": restricted});
    desk.post("/admin/accounts", restrict(true)).await;
    let refused = desk.world.send("texto 0").await;
    desk.world.until_status(refused, Status::Failed).await;
    assert_eq!(desk.world.sends.peek(refused).unwrap().failure, Some(Failure::Refused(463)));
    desk.world.until_state(LinkState::Restricted).await;
    desk.post("/admin/accounts", restrict(false)).await;
    let taken = desk.world.send("texto 1").await;
    desk.world.until_status(taken, Status::Delivered).await;
    desk.world.until_state(LinkState::Connected).await;
    task.stop().await;
}

#[tokio::test]
async fn an_account_behind_a_passkey_is_told_of() {
    let desk = Desk::new().await;
    desk.post("/admin/accounts", json!({"number": sender().digits(), "passkey": true})).await;
    let task = desk.world.start();
    desk.world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    desk.scan().await;
    desk.world.until_state(LinkState::PasskeyAsked).await;
    task.stop().await;
}

#[tokio::test]
async fn what_a_client_asks_goes_through_the_queue_to_whatsapp_and_back() {
    let desk = Desk::new().await;
    desk.post("/admin/accounts", json!({"number": "553188887777"})).await;
    let task = desk.world.start();
    let owned = |world: &world::World| world.leases.load().iter().sum::<usize>() == usize::from(SHARDS);
    desk.world.until("somebody reads what is asked", owned).await;
    let (ask, shard) = (desk.world.asks(), desk.world.shard(&sender()));
    let numbers = vec![world::phone("5531988887777"), world::phone("5521900000000")];
    let query = Query::Validate { numbers };
    let early = ask.ask(&sender(), shard, query.clone()).await;
    assert_eq!(early, Err(AskError::Failed(QueryFailure::NotConnected)));
    desk.pair().await;
    // Another window of time, so that the failure is not found again.
    desk.world
        .until("the failure is of the past", |world| {
            let flight = query.flight_id(&sender(), world.clock.now()).unwrap();
            world.answers.peek(flight).is_none()
        })
        .await;
    let answer = ask.ask(&sender(), shard, query.clone()).await.unwrap();
    let Answer::Validated { numbers } = &answer else { panic!("{answer:?}") };
    let found: Vec<_> =
        numbers.iter().map(|found| found.person.as_ref().and_then(|person| person.phone())).collect();
    assert_eq!(found, [Some(world::phone("553188887777")), None]);
    let asked = desk.get("/admin/stats").await["stats"]["usync"]["contacts"].clone();
    assert_eq!(ask.ask(&sender(), shard, query).await, Ok(answer));
    assert_eq!(desk.get("/admin/stats").await["stats"]["usync"]["contacts"], asked, "it was remembered");
    desk.world.until("nothing is left", |world| world.queues.is_empty()).await;
    task.stop().await;
}
