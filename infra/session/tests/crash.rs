//! Tasks that die, lose their leases, stop, and take over from each other.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::number::LinkState;
use carteiro_core::send::Status;
use carteiro_core::testing::MemorySends;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{SHARDS, SlowSends, World, sender};

/// Kills the task at some point while texts go out, again and again, and lets another one finish.
async fn killed_at(milliseconds: &[u64], seed: u64) {
    let sends = Arc::new(MemorySends::default());
    let world = World::with_sends(sends.clone(), Arc::new(SlowSends::new(sends, seed)));
    world.paired(&sender()).await;
    let texts: Vec<String> = (0..30).map(|i| format!("text {i}")).collect();
    let mut ids = Vec::new();
    for text in &texts[..20] {
        ids.push(world.send(text).await);
    }
    for wait in milliseconds {
        let task = world.start();
        world
            .within(120, "it is connected", |world| {
                let up = world.link_state(&sender()) == Some(LinkState::Connected);
                up && world.leases.load().iter().sum::<usize>() == usize::from(SHARDS)
            })
            .await;
        sleep(Duration::from_millis(*wait)).await;
        task.kill().await;
    }
    for text in &texts[20..] {
        ids.push(world.send(text).await);
    }
    let _task = world.start();
    world.within(240, "all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), texts, "killed after {milliseconds:?}, seed {seed}");
    world.until("nothing is left", |world| world.queues.is_empty() && world.sends.count_parked() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn killed_anywhere_each_text_arrives_once_and_in_order() {
    for step in 0..60 {
        killed_at(&[step * 13], step).await;
    }
}

#[tokio::test(start_paused = true)]
async fn killed_again_and_again_each_text_arrives_once_and_in_order() {
    for seed in 0..8 {
        killed_at(&[40 + seed * 11, 70, 20 + seed * 5], 1000 + seed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_told_to_stop_finishes_and_gives_everything_up() {
    let world = World::new();
    world.paired(&sender()).await;
    let task = world.start();
    world.until_state(LinkState::Connected).await;
    let mut ids = Vec::new();
    for i in 0..10 {
        ids.push(world.send(&format!("text {i}")).await);
    }
    world.until("some are written", |world| world.whatsapp.server().wire.len() > 2).await;
    let began = Instant::now();
    task.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let written = world.whatsapp.server().wire.len();
    let sent = ids.iter().filter(|id| world.status(**id) == Status::Sent).count();
    assert_eq!(written, sent, "what was written is accounted for");
    assert_eq!(world.whatsapp.server().shutdowns, 1);
    assert_eq!(world.link_state(&sender()), Some(LinkState::Reconnecting));
    let table = world.leases.table();
    assert!(table.tasks.is_empty() && table.shards.values().all(|lease| lease.owner.is_none()));
    // The next task needs to wait neither for a lease nor for a command.
    let began = Instant::now();
    let _task = world.start();
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(world.whatsapp.shown().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_cannot_reach_its_leases_stops_by_itself_and_starts_anew() {
    let world = World::new();
    world.paired(&sender()).await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.leases.switch.fail();
    sleep(Duration::from_secs(7)).await;
    let id = world.send("olá").await;
    sleep(Duration::from_secs(30)).await;
    assert_eq!(world.whatsapp.server().wire.len(), 0, "fenced, it writes nothing");
    assert_eq!(world.whatsapp.server().shutdowns, 0, "nor does it flush");
    world.leases.switch.recover();
    world.until_status(id, Status::Sent).await;
    let table = world.leases.table();
    assert!(table.shards.values().all(|lease| lease.epoch.get() == 2), "taken over from its own former run");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_loses_its_leases_again_and_again_waits_longer_each_time() {
    let world = World::new();
    let _task = world.start();
    let mut away = Vec::new();
    for _ in 0..6 {
        let owned = |world: &World| world.leases.table().shards.values().all(|lease| lease.owner.is_some());
        world.until("all shards are taken", owned).await;
        let known: Vec<_> = world.leases.table().tasks.into_keys().collect();
        let lost = Instant::now();
        world.leases.switch.fail();
        sleep(Duration::from_secs(7)).await;
        world.leases.switch.recover();
        let anew = |world: &World| world.leases.table().tasks.keys().any(|task| !known.contains(task));
        world.until("it starts anew", anew).await;
        away.push(lost.elapsed());
    }
    assert!(away[0] < Duration::from_secs(9), "at once, the first time: {away:?}");
    assert!(away[5] > Duration::from_secs(12), "and after a while, the sixth: {away:?}");
}

#[tokio::test(start_paused = true)]
async fn two_tasks_share_the_shards_and_texts_go_on_meanwhile() {
    let world = World::new();
    world.paired(&sender()).await;
    let first = world.start();
    world.until_state(LinkState::Connected).await;
    let second = world.start();
    let mut ids = Vec::new();
    for i in 0..60 {
        ids.push(world.send(&format!("text {i}")).await);
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(world.leases.load(), [2, 2]);
    first.stop().await;
    world.until("one has all", |world| world.leases.load() == [4]).await;
    world.until("all sent", |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    let expected: Vec<String> = (0..60).map(|i| format!("text {i}")).collect();
    assert_eq!(world.whatsapp.shown(), expected);
    second.stop().await;
}

#[tokio::test(start_paused = true)]
async fn within_thirteen_seconds_of_a_crash_the_number_is_connected_and_what_came_meanwhile_is_sent() {
    // Wherever the task is between two heartbeats.
    for wait in (0..2_000).step_by(100) {
        // The dead task's last receive takes the command, and keeps it from everybody until its visibility ends.
        let (world, task, other) = World::shared_by_two(Duration::from_millis(wait)).await;
        let logins = world.whatsapp.server().logins.len();
        let killed = Instant::now();
        task.kill().await;
        let id = world.send("olá").await;
        world.until_status(id, Status::Sent).await;
        assert!(killed.elapsed() < Duration::from_secs(13), "{:?} after {wait} ms", killed.elapsed());
        assert_eq!(world.link_state(&sender()), Some(LinkState::Connected));
        assert_eq!(world.whatsapp.server().logins.len(), logins + 1, "with the other one");
        assert_eq!(world.whatsapp.shown(), ["olá"]);
        other.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_stopped_while_it_starts_leaves_nothing_behind() {
    for wait in 0..40 {
        let world = World::new();
        world.paired(&sender()).await;
        let task = world.start();
        sleep(Duration::from_millis(wait)).await;
        task.stop().await;
        let table = world.leases.table();
        assert!(table.tasks.is_empty(), "stopped after {wait} ms: {table:?}");
        assert!(
            table.shards.values().all(|lease| lease.owner.is_none()),
            "stopped after {wait} ms: {table:?}"
        );
    }
}

/// Everything at once, in an order that the seed decides.
async fn turmoil(seed: u64) {
    let mut state = seed;
    let mut below = move |bound: u64| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    };
    let sends = Arc::new(MemorySends::default());
    let network = Arc::new(SlowSends::new(sends.clone(), seed));
    let world = World::with_sends(sends, network.clone());
    world.whatsapp.server().upload_time = Duration::from_millis(300);
    world.paired(&sender()).await;
    let mut tasks = vec![world.start()];
    let (mut texts, mut ids, mut story) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..40 {
        for _ in 0..below(6) {
            texts.push(format!("text {}", texts.len()));
            let name = texts.last().unwrap();
            ids.push(if below(4) == 0 { world.send_file(name).await } else { world.send(name).await });
        }
        let event = below(12);
        story.push(event);
        match event {
            0 => tasks.remove(below(tasks.len() as u64) as usize).kill().await,
            1 => tasks.remove(below(tasks.len() as u64) as usize).stop().await,
            2 if tasks.len() < 3 => tasks.push(world.start()),
            3 => world.whatsapp.cut(&sender()),
            4 => {
                world.whatsapp.server().unreachable = true;
                world.whatsapp.cut(&sender());
            }
            5 | 6 => world.whatsapp.server().unreachable = false,
            7 => network.switch.fail(),
            8 => world.leases.switch.fail(),
            9 => world.links.switch.fail(),
            10 => {
                world.queues.doubling.fetch_xor(true, Ordering::Relaxed);
            }
            _ => {}
        }
        if tasks.is_empty() {
            tasks.push(world.start());
        }
        sleep(Duration::from_millis(below(4_000))).await;
        if below(2) == 0 {
            network.switch.recover();
            world.leases.switch.recover();
            world.links.switch.recover();
        }
        if below(20) == 0 {
            sleep(Duration::from_secs(40)).await;
        }
    }
    network.switch.recover();
    world.leases.switch.recover();
    world.links.switch.recover();
    world.whatsapp.server().unreachable = false;
    let what = format!("all sent, seed {seed}: {story:?}");
    world.within(300, &what, |world| ids.iter().all(|id| world.status(*id) == Status::Sent)).await;
    assert_eq!(world.whatsapp.shown(), texts, "seed {seed}: {story:?}");
    world
        .within(120, "nothing is left", |world| world.queues.is_empty() && world.sends.count_parked() == 0)
        .await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_each_send_arrives_once_and_in_order() {
    for seed in 0..40 {
        turmoil(seed).await;
    }
}
