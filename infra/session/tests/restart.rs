//! A task that is started anew and has many numbers to bring back.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use std::time::Duration;
use tokio::time::Instant;
use world::{World, phone};

const NUMBERS: usize = 500;
/// How many may log in at the same time, as in production; a world lets eight.
const LOGINS: usize = 32;

#[tokio::test(start_paused = true)]
async fn five_hundred_numbers_are_back_within_a_minute_and_never_too_many_at_once() {
    let world = World::new();
    world.allow_logins(LOGINS - 8);
    // Far from WhatsApp, and on a bad day.
    world.whatsapp.server().login_time = Duration::from_secs(2);
    for number in 0..NUMBERS {
        world.paired(&phone(&format!("55119{number:08}"))).await;
    }
    let began = Instant::now();
    let _task = world.start();
    world.until("all are back", |world| world.whatsapp.server().logins.len() == NUMBERS).await;
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let logins = world.whatsapp.server().logins.clone();
    // In no second more than who had a place, and those who took the places they left.
    for (place, first) in logins.iter().enumerate() {
        let within = logins[place..].iter().take_while(|at| **at - *first < Duration::from_secs(1)).count();
        assert!(within <= 2 * LOGINS, "{within} in one second");
    }
    assert_eq!(world.whatsapp.server().starts, NUMBERS, "each once");
}
