//! How many chats a number begins in a day.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::ports::{Clock, Sends};
use carteiro_core::send::{Status, Step, Waiting};
use jiff::SignedDuration;
use std::time::Duration;
use tokio::time::sleep;
use world::{ANA, BIA, CAIO, DORA, FAST, KNOWN, World, phone, sender};

/// How many the budget below allows on each day: two, half of the way from it to six, and six from then on.
const WARMING_UP: [usize; 4] = [2, 4, 6, 6];

#[tokio::test(start_paused = true)]
async fn a_number_that_is_new_begins_few_chats_and_more_each_day() {
    let budget = r#"{"per_day":6,"warm_up":{"first_day":2,"days":2}}"#;
    let (world, mut task) = World::paced(&format!(r#"{{{FAST},"new_chats":{budget}}}"#)).begun().await;
    let (mut texts, mut ids) = (Vec::new(), Vec::new());
    for i in 0..20 {
        let (text, to) = (format!("text {i:02}"), phone(&format!("141555502{i:02}")));
        let id = world.accept_until(&text, &to, SignedDuration::from_hours(24 * 7)).await;
        world.command(id);
        texts.push(text);
        ids.push(id);
    }
    let mut begun = 0;
    for (day, allowed) in (0..).zip(WARMING_UP) {
        world.clock.set_ahead(SignedDuration::from_hours(24 * day));
        begun += allowed;
        world.within(90, "the day's are begun", |world| world.whatsapp.shown().len() >= begun).await;
        // Whoever takes over in the middle of a day knows what was begun, and since when the number is connected.
        task.kill().await;
        task = world.start();
        sleep(Duration::from_secs(150)).await;
        assert_eq!(world.whatsapp.shown(), texts[..begun], "day {day}");
        for id in &ids[begun..] {
            world.until_held(*id, Waiting::NewChats).await;
        }
        assert_eq!(world.paces.counted(&sender()).unwrap().chats as usize, allowed, "day {day}");
    }
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn beyond_the_days_budget_known_chats_pass_and_new_ones_wait_for_the_next() {
    // The world begins at 23:00 in Anchorage.
    let pace = format!(r#"{{{FAST},"new_chats":{{"per_day":2}}}}"#);
    let (world, task) = World::paced_in("America/Anchorage", &pace).begun().await;
    world.knows(KNOWN);
    for (text, to) in [("a", ANA), ("b", BIA)] {
        let id = world.send_to(text, to).await;
        world.until_status(id, Status::Sent).await;
        world.knows(to);
    }
    let c1 = world.send_to("c1", CAIO).await;
    world.until_held(c1, Waiting::NewChats).await;
    let known = world.send_to("k1", KNOWN).await;
    world.until_status(known, Status::Sent).await;
    // He writes, so that his chat is known: still nothing overtakes what he is to get before.
    world.knows(CAIO);
    let c2 = world.send_to("c2", CAIO).await;
    world.until_held(c2, Waiting::NewChats).await;
    assert_eq!(world.paces.counted(&sender()).unwrap().chats, 2);
    // Another owner knows what was begun, and in which order things wait.
    task.kill().await;
    let task = world.start();
    let d = world.send_to("d", DORA).await;
    world.until_held(d, Waiting::NewChats).await;
    task.stop().await;
    let _task = world.start();
    let (c3, known) = (world.send_to("c3", CAIO).await, world.send_to("k2", KNOWN).await);
    world.until_status(known, Status::Sent).await;
    world.until_held(c3, Waiting::NewChats).await;
    assert_eq!(world.whatsapp.shown(), ["a", "b", "k1", "k2"]);
    // One is taken back while it waits.
    world.sends.apply(c2, &Step::Cancel, world.clock.now()).await.unwrap();
    sleep(Duration::from_secs(3_400)).await;
    assert_eq!(world.status(d), Status::Queued, "before midnight");
    world.within(300, "the next day", |world| world.status(d) == Status::Sent).await;
    world.until("the rest", |world| world.sends.count_parked() == 0).await;
    assert_eq!(world.whatsapp.shown(), ["a", "b", "k1", "k2", "c1", "d", "c3"]);
    assert_eq!(world.status(c2), Status::Cancelled);
    assert_eq!(world.paces.counted(&sender()).unwrap().chats, 1, "he was known by then");
}
