//! How fast a number writes, and what it holds back.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::command::ShardCommand;
use carteiro_core::ids::SendId;
use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::pacing::OwnPace;
use carteiro_core::ports::{Clock, Paces, Sends};
use carteiro_core::send::{Send, Status, Step, Text, Waiting};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{ANA, BIA, CAIO, DORA, FAST, KNOWN, Task, World, phone, recipient, sender};

async fn connected(pace: &str) -> (World, Task) {
    World::paced(pace).begun().await
}

/// The tenant sets the sender's own pace, as JSON. The task is not told.
async fn own_pace(world: &World, own: &str) {
    let own: OwnPace = serde_json::from_str(own).unwrap();
    world.paces.set_own(&sender(), world.user, &own).await.unwrap();
}

/// When each message was written, in milliseconds from the first.
fn times(world: &World) -> Vec<u128> {
    let server = world.whatsapp.server();
    let first = server.wire.first().map(|written| written.at);
    let since = |at: Instant| first.map_or(0, |first| at.duration_since(first).as_millis());
    server.wire.iter().map(|written| since(written.at)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_burst_goes_at_once_and_then_one_a_second() {
    let (world, _task) = connected(r#"{"jitter_ms":0}"#).await;
    sleep(Duration::from_secs(10)).await;
    let texts: Vec<String> = (0..40).map(|i| format!("text {i}")).collect();
    for text in &texts {
        world.send(text).await;
    }
    world.until("all are shown", |world| world.whatsapp.shown().len() == 40).await;
    assert_eq!(world.whatsapp.shown(), texts);
    let times = times(&world);
    assert!(times[4] < 500, "the burst: {times:?}");
    for (last, next) in times.iter().zip(&times[5..]) {
        assert!(next - last >= 990, "more than a burst of five and one a second: {times:?}");
    }
    assert!(times[39] < 36_500, "not slower either: {times:?}");
    world.until("nothing is left", |world| world.sends.count_parked() == 0 && world.queues.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_backlog_waits_in_the_table_and_survives_crashes_in_order() {
    let (world, task) = connected(r#"{"burst":1,"jitter_ms":300}"#).await;
    let texts: Vec<String> = (0..60).map(|i| format!("text {i:02}")).collect();
    let mut last = None;
    for text in &texts[..45] {
        last = Some(world.send(text).await);
    }
    let last = last.unwrap();
    world.until("the queue is empty", |world| world.queues.is_empty()).await;
    let shown = world.whatsapp.shown().len();
    assert!(shown < 15, "long before they are sent: {shown}");
    assert_eq!((world.status(last), world.waiting(last)), (Status::Queued, Some(Waiting::Paced)));
    sleep(Duration::from_secs(10)).await;
    task.kill().await;
    let task = world.start();
    world.until("it goes on", |world| world.whatsapp.shown().len() > 20).await;
    task.stop().await;
    let _task = world.start();
    for text in &texts[45..] {
        world.send(text).await;
    }
    world.within(120, "all are shown", |world| world.whatsapp.shown().len() == 60).await;
    assert_eq!(world.whatsapp.shown(), texts);
    world.until("nothing is left", |world| world.sends.count_parked() == 0 && world.queues.is_empty()).await;
}

/// Another number of the same shard, with a backlog of nobody's: what it sends is not behind the other's.
#[tokio::test(start_paused = true)]
async fn a_campaign_of_one_number_never_slows_another() {
    let (world, _task) = connected(r#"{"jitter_ms":0}"#).await;
    let shard = world.shard(&sender());
    let other = (0..)
        .map(|i| phone(&format!("55119777700{i:02}")))
        .find(|other| world.shard(other) == shard)
        .unwrap();
    world.paired(&other).await;
    world.until("both are connected", |world| world.link_state(&other) == Some(LinkState::Connected)).await;
    let mut campaign = Vec::new();
    for i in 0..3_000 {
        campaign.push(world.accept(&format!("campanha {i}"), &recipient()).await);
    }
    sleep(Duration::from_secs(10)).await;
    campaign.iter().for_each(|id| world.command(*id));
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    for i in 0..10u8 {
        let text = Text::parse(format!("urgente {i}")).unwrap();
        let id = SendId::from_random([i + 1; 16]);
        let send = Send::of_text(id, world.user, other.clone(), recipient(), text, world.clock.now());
        world.sends.create(&send, world.clock.now()).await.unwrap();
        let asked = Instant::now();
        world.queues.push(shard, ShardCommand::Send { number: other.clone(), send_id: id });
        world.until_status(id, Status::Sent).await;
        slowest = slowest.max(asked.elapsed());
        sleep(Duration::from_secs(2)).await;
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    world.within(120, "the queue is empty", |world| world.queues.is_empty()).await;
    let of_campaign = world.whatsapp.server().wire.iter().filter(|written| written.from == sender()).count();
    let most = 6 + began.elapsed().as_secs() as usize;
    assert!(of_campaign <= most && of_campaign > most / 2, "{of_campaign} of at most {most}");
    let parked = world.sends.count_parked();
    assert!((3_000..3_003).contains(&(parked + of_campaign)), "the rest waits in the table: {parked}");
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_in_quiet_hours_and_all_of_it_after_them() {
    // The world begins at 05:00 in São Paulo.
    let pace = format!(r#"{{{FAST},"quiet_hours":{{"from":"22:00","to":"06:00"}}}}"#);
    let (world, task) = connected(&pace).await;
    let mut ids = Vec::new();
    for i in 0..25 {
        ids.push(world.send(&format!("text {i:02}")).await);
    }
    for id in &ids {
        world.until_held(*id, Waiting::QuietHours).await;
    }
    task.stop().await;
    let _task = world.start();
    ids.push(world.send("text 25").await);
    world.until_held(ids[25], Waiting::QuietHours).await;
    sleep(Duration::from_secs(3_500)).await;
    assert!(world.whatsapp.server().wire.is_empty(), "05:58");
    world.within(110, "all are shown", |world| world.whatsapp.shown().len() == 26).await;
    let texts: Vec<String> = (0..26).map(|i| format!("text {i:02}")).collect();
    assert_eq!(world.whatsapp.shown(), texts);
    world.until("nothing is left", |world| world.sends.count_parked() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_numbers_own_quiet_hours_are_those_of_its_own_zone() {
    // The world begins at 08:00 by UTC, and at 05:00 in São Paulo, where the tenant is.
    let world = World::paced(&format!("{{{FAST}}}"));
    own_pace(&world, r#"{"quiet_hours":{"from":"07:00","to":"09:00"},"time_zone":"UTC"}"#).await;
    let (world, task) = world.begun().await;
    let texts: Vec<String> = (0..5).map(|i| format!("text {i}")).collect();
    for text in &texts {
        let id = world.send(text).await;
        world.until_held(id, Waiting::QuietHours).await;
    }
    task.stop().await;
    let _task = world.start();
    sleep(Duration::from_secs(3_500)).await;
    assert!(world.whatsapp.server().wire.is_empty(), "08:58 by UTC");
    world.within(110, "all are shown", |world| world.whatsapp.shown().len() == 5).await;
    assert_eq!(world.whatsapp.shown(), texts);
    // In São Paulo it is 06:00 now.
    own_pace(&world, r#"{"quiet_hours":{"from":"05:00","to":"07:00"},"time_zone":"UTC"}"#).await;
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until("it is told", |world| world.queues.is_empty()).await;
    let id = world.send("text 5").await;
    world.until_status(id, Status::Sent).await;
}

/// A number to which WhatsApp refused a chat.
async fn restricted() -> (World, Task) {
    let (world, task) = connected(&format!("{{{FAST}}}")).await;
    world.knows(KNOWN);
    world.whatsapp.server().refusals.insert("novo".into(), 463);
    let refused = world.send_to("novo", ANA).await;
    world.until_state(LinkState::Restricted).await;
    world.until_status(refused, Status::Failed).await;
    (world, task)
}

#[tokio::test(start_paused = true)]
async fn a_restriction_pauses_new_chats_only_and_says_so() {
    let (world, task) = restricted().await;
    let b1 = world.send_to("b1", BIA).await;
    world.until_held(b1, Waiting::Restricted).await;
    let known = world.send_to("k1", KNOWN).await;
    world.until_status(known, Status::Sent).await;
    let c = world.send_to("c", CAIO).await;
    world.until_held(c, Waiting::Restricted).await;
    world.sends.apply(c, &Step::Cancel, world.clock.now()).await.unwrap();
    // The next owner pauses them too.
    task.kill().await;
    let _task = world.start();
    let b2 = world.send_to("b2", BIA).await;
    world.until_held(b2, Waiting::Restricted).await;
    let d = world.send_to("d", DORA).await;
    world.until_held(d, Waiting::Restricted).await;
    // The first probe is refused, the second is taken and lifts it.
    world.whatsapp.server().refusals.insert("b1".into(), 463);
    world.within(1_900, "a probe goes", |world| world.status(b1) == Status::Failed).await;
    sleep(Duration::from_secs(3_000)).await;
    assert_eq!((world.status(b2), world.status(d)), (Status::Queued, Status::Queued), "twice as long");
    world.within(700, "another probe goes", |world| world.status(d) == Status::Sent).await;
    world.until_state(LinkState::Connected).await;
    world.until_status(b2, Status::Sent).await;
    assert_eq!(world.whatsapp.shown(), ["novo", "k1", "b1", "b2", "d"]);
    assert_eq!(world.status(c), Status::Cancelled);
    world.until("nothing is left", |world| world.sends.count_parked() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_restriction_outlasts_expires() {
    let (world, _task) = restricted().await;
    world.whatsapp.server().refusals.insert("b".into(), 463);
    let b = world.accept_until("b", &phone(BIA), jiff::SignedDuration::from_mins(20)).await;
    world.command(b);
    world.until_held(b, Waiting::Restricted).await;
    world.within(2_000, "it expired", |world| world.status(b) == Status::Failed).await;
    assert_eq!(world.sends.peek(b).unwrap().failure, Some(carteiro_core::send::Failure::Expired));
    assert_eq!(world.whatsapp.shown(), ["novo"]);
}

#[tokio::test(start_paused = true)]
async fn a_number_is_told_of_its_own_pace() {
    let (world, _task) = connected(&format!("{{{FAST}}}")).await;
    own_pace(&world, r#"{"per_minute":6,"burst":1}"#).await;
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.until("it is told", |world| world.queues.is_empty()).await;
    for i in 0..4 {
        world.send(&format!("text {i}")).await;
    }
    world.until("all are shown", |world| world.whatsapp.shown().len() == 4).await;
    let slow = times(&world);
    assert!(slow.windows(2).all(|pair| pair[1] - pair[0] >= 9_990), "{slow:?}");
    // What waits goes as soon as it may go faster.
    world.send("text 4").await;
    world.send("text 5").await;
    sleep(Duration::from_millis(500)).await;
    own_pace(&world, "{}").await;
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.within(2, "the rest", |world| world.whatsapp.shown().len() == 6).await;
}

#[tokio::test(start_paused = true)]
async fn somebody_types_before_a_text_comes() {
    let (world, _task) = connected(&format!(r#"{{{FAST},"typing":true}}"#)).await;
    let first = world.send(&"x".repeat(40)).await;
    let began = Instant::now();
    world.until_status(first, Status::Sent).await;
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(world.whatsapp.server().typed_to, [format!("{}@s.whatsapp.net", recipient().digits())]);
}

#[tokio::test(start_paused = true)]
async fn a_pace_that_cannot_be_read_keeps_sends_waiting_and_loses_none() {
    let world = World::paced(&format!("{{{FAST}}}"));
    world.paired(&sender()).await;
    world.paces.switch.fail();
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    let id = world.send("olá").await;
    sleep(Duration::from_secs(20)).await;
    assert_eq!(world.status(id), Status::Queued);
    world.paces.switch.recover();
    world.until_status(id, Status::Sent).await;
    // Once known, it holds while the store does not answer.
    world.paces.switch.fail();
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    let id = world.send("olá de novo").await;
    world.until_status(id, Status::Sent).await;
}
