//! What the first version's lists of chats take for an account of 2,000 chats and 50,000 messages:
//! `cargo bench -p carteiro-local --bench chats`, and with `--profile dev` after `bench` for what `cargo run` builds.
//!
//! The account is a phone of the simulator, whose history comes as WhatsApp's does. Each list is asked for twice over: at the
//! address that `cargo run` prints, behind the emulated API Gateway and Lambda, and straight at the function. The tables are
//! emulated either way, on the same processors.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]

mod rig;

use rig::{Driver, Rig};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::error::Error;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CHATS: usize = 2_000;
const MESSAGES: usize = 25;
const NUMBER: &str = "5511988880001";
/// How often each list is asked for; the first answers, in which functions start, do not count.
const TIMES: usize = 9;
/// What `conversas` is to stay below, whole.
const AIM: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(1_800);

#[tokio::main]
async fn main() -> Result<()> {
    let rig = Rig::start("chats", 1, "warn").await?;
    let result = measure(&rig).await;
    rig.stop().await;
    result
}

async fn measure(rig: &Rig) -> Result<()> {
    let driver = rig.driver().await?;
    let start = Instant::now();
    driver.contact(NUMBER).await?;
    driver.history(NUMBER, &json!({"generate": {"chats": CHATS, "messages": MESSAGES}})).await?;
    driver.pair(NUMBER).await?;
    // The account's own messages, beside those of its chats: none.
    let stored = filled(rig, CHATS * MESSAGES).await?;
    let took = start.elapsed().as_secs_f64();

    let emulated = driver.at(rig.system.api_url());
    let (chats, _) = walk(&emulated, "conversas", None).await?;
    if chats.len() != CHATS {
        return Err(format!("{} chats instead of {CHATS}", chats.len()).into());
    }
    let oldest = chats.last().and_then(|chat| chat["id"]["user"].as_str()).ok_or("a chat has no user")?;

    println!("\nLists of {CHATS} chats, {stored} messages ({}, {})", rig::machine(), rig::built());
    println!("paired and all history stored in {took:.0} s");
    println!("{:<36} {:>6} {:>8} {:>19} {:>19}", "", "", "", "whole local system", "function alone");
    println!(
        "{:<36} {:>6} {:>8} {:>9} {:>9} {:>9} {:>9}",
        "", "items", "kB", "median", "slowest", "median", "slowest"
    );
    let messages = format!("mensagens?numero={oldest}");
    let all_of_one = format!("todasmensagens?numero={oldest}");
    let mut whole = Duration::ZERO;
    for (name, path) in [
        ("conversas", "conversas"),
        ("conversas?limit=50", "conversas?limit=50"),
        ("conversasnlidas", "conversasnlidas"),
        ("conversascommsgs?limit=50", "conversascommsgs?limit=50"),
        ("conversascommsgs", "conversascommsgs"),
        ("mensagens", &messages),
        ("todasmensagens", &all_of_one),
    ] {
        let (emulated, alone) = (time(&emulated, path).await?, time(&driver, path).await?);
        let ms = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1000.0);
        println!(
            "{name:<36} {:>6} {:>8.0} {:>9} {:>9} {:>9} {:>9}",
            emulated.items,
            emulated.bytes as f64 / 1000.0,
            ms(emulated.median),
            ms(emulated.slowest),
            ms(alone.median),
            ms(alone.slowest),
        );
        if name == "conversas" {
            whole = emulated.median;
        }
    }
    let (all, pages) = walk(&emulated, "conversascommsgs", None).await?;
    println!("conversascommsgs whole: {} chats in {pages} answers, by cursor", all.len());
    let (all, pages) = walk(&emulated, "conversas", Some(250)).await?;
    let ids: BTreeSet<&str> = all.iter().filter_map(|chat| chat["id"]["_serialized"].as_str()).collect();
    println!("conversas by 250: {} chats in {pages} answers, {} of them different", all.len(), ids.len());
    if whole >= AIM {
        return Err(format!("conversas took {whole:?}, and is to stay below {AIM:?}").into());
    }
    Ok(())
}

/// Waits until so many messages are stored; how many there are then.
async fn filled(rig: &Rig, messages: usize) -> Result<usize> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let stored = rig.messages().await?;
        if stored >= messages {
            return Ok(stored);
        }
        if Instant::now() > deadline {
            return Err(format!("{stored} of {messages} messages were stored").into());
        }
        eprintln!("{stored} of {messages} messages stored");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// What a list takes.
struct Times {
    median: Duration,
    slowest: Duration,
    items: usize,
    bytes: usize,
}

async fn time(driver: &Driver, path: &str) -> Result<Times> {
    let (mut times, mut items, mut bytes) = (Vec::with_capacity(TIMES), 0, 0);
    for turn in 0..=TIMES {
        let start = Instant::now();
        let answer = driver.get(&format!("/{NUMBER}/{path}")).await?;
        if turn > 0 {
            times.push(start.elapsed());
        }
        bytes = answer.body.len();
        items = answer.json().as_array().map_or(0, Vec::len);
    }
    times.sort_unstable();
    Ok(Times { median: times[TIMES / 2], slowest: times[TIMES - 1], items, bytes })
}

/// All items of a list, and in how many answers they came.
async fn walk(driver: &Driver, route: &str, limit: Option<usize>) -> Result<(Vec<Value>, usize)> {
    let (mut items, mut pages, mut after) = (Vec::new(), 0, None::<String>);
    loop {
        let mut query = limit.map(|limit| format!("limit={limit}&")).unwrap_or_default();
        if let Some(after) = &after {
            query.push_str(&format!("cursor={after}"));
        }
        let answer = driver.get(&format!("/{NUMBER}/{route}?{query}")).await?;
        pages += 1;
        let Value::Array(some) = answer.json() else { return Err(answer.text().into()) };
        items.extend(some);
        after = answer.headers.get("x-next-cursor").and_then(|next| next.to_str().ok()).map(str::to_owned);
        if after.is_none() {
            return Ok((items, pages));
        }
    }
}
