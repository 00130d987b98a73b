//! The way of a text, from the POST to the recipient's decryption: `cargo bench -p carteiro-local --bench way`.
//!
//! The binaries are the real ones, optimised; DynamoDB and SQS are the emulation's, which are slower than AWS's under load and
//! a millisecond away instead of a network's. So it tells what Carteiro's own parts cost, and what changes between two
//! versions; it does not tell what AWS will take.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]

mod rig;

use rig::{Driver, Rig};
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Texts sent one after the other, for the latency.
const ONE_BY_ONE: usize = 200;
/// Numbers that send at once, and texts of each, for the throughput.
const NUMBERS: usize = 10;
const EACH: usize = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rig = Rig::start("way", 2, "warn").await?;
    let driver = rig.driver().await?;
    let result = measure(&driver).await;
    rig.stop().await;
    result
}

fn number(index: usize) -> String {
    format!("55119888800{index:02}")
}

fn contact(index: usize) -> String {
    format!("55119777700{index:02}")
}

async fn measure(driver: &Driver) -> Result<(), Box<dyn Error>> {
    for index in 0..NUMBERS {
        driver.contact(&contact(index)).await?;
        driver.pair(&number(index)).await?;
        // The first text to someone asks for devices and keys; it is not part of the steady state.
        let first = driver.send(&number(index), &contact(index), "primeira").await?;
        driver.status(&first, "entregue").await?;
    }

    let (mut accepted, mut arrived) = (Vec::new(), Vec::new());
    let mut seen = driver.received(&contact(0), 1, 0).await?;
    for index in 0..ONE_BY_ONE {
        let start = Instant::now();
        driver.send(&number(0), &contact(0), &format!("texto {index}")).await?;
        accepted.push(start.elapsed());
        seen = driver.received(&contact(0), 1, seen).await?;
        arrived.push(start.elapsed());
    }

    let start = Instant::now();
    let mut senders = JoinSet::new();
    for index in 0..NUMBERS {
        let driver = driver.clone();
        senders.spawn(async move {
            for text in 0..EACH {
                driver
                    .send(&number(index), &contact(index), &format!("texto {text}"))
                    .await
                    .map_err(|e| e.to_string())?;
            }
            Ok::<_, String>(())
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    let posted = start.elapsed();
    driver.received(&contact(0), 1 + ONE_BY_ONE + EACH, 0).await?;
    for index in 1..NUMBERS {
        driver.received(&contact(index), 1 + EACH, 0).await?;
    }
    let all = start.elapsed();

    println!("\nThe way of a text ({})", rig::machine());
    println!("{:<52} {:>9} {:>9}", format!("{ONE_BY_ONE} texts one by one"), "p50", "p99");
    row("POST answered (stored and queued)", &mut accepted);
    row("decrypted by the recipient", &mut arrived);
    let count = NUMBERS * EACH;
    println!(
        "{count} texts from {NUMBERS} numbers at once: accepted at {:.0}/s, decrypted at {:.0}/s",
        rate(count, posted),
        rate(count, all)
    );
    Ok(())
}

fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn row(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1000.0;
    println!("{name:<52} {:>6.1} ms {:>6.1} ms", at(0.5), at(0.99));
}
