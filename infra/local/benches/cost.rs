//! What one send costs in AWS calls and DynamoDB units, counted at the SDK: `cargo bench -p carteiro-local --bench cost`.
//!
//! Every part tells each of its calls on the log target `carteiro::aws`; the benchmark adds them up. Polling that goes on
//! whether or not there is anything to send (ReceiveMessage, heartbeats) is told apart: it costs by the hour and not by the send.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]

mod rig;

use rig::{Driver, Rig};
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

const TEXTS: usize = 200;
const NUMBER: &str = "5511988880001";
const CONTACT: &str = "5511977770001";

/// Part and operation, and what they came to: calls, read units, write units.
type Counts = BTreeMap<(String, String), [f64; 3]>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rig = Rig::start("cost", 1, "info,carteiro::aws=trace").await?;
    let driver = rig.driver().await?;
    let result = measure(&driver, &rig.system.logs()).await;
    rig.stop().await;
    result
}

async fn measure(driver: &Driver, logs: &Path) -> Result<(), Box<dyn Error>> {
    driver.contact(CONTACT).await?;
    driver.pair(NUMBER).await?;
    let first = driver.send(NUMBER, CONTACT, "primeira").await?;
    driver.status(&first, "entregue").await?;
    let before = count(logs)?;
    let mut last = first;
    for index in 0..TEXTS {
        last = driver.send(NUMBER, CONTACT, &format!("texto {index}")).await?;
    }
    driver.received(CONTACT, TEXTS + 1, 0).await?;
    driver.status(&last, "entregue").await?;
    let after = count(logs)?;
    print(&difference(&after, &before));
    Ok(())
}

/// Adds up what the logs tell.
fn count(logs: &Path) -> Result<Counts, Box<dyn Error>> {
    let mut counts = Counts::new();
    for entry in std::fs::read_dir(logs)? {
        for line in std::fs::read_to_string(entry?.path()).unwrap_or_default().lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let Some(operation) = line["aws_operation"].as_str() else { continue };
            let part = line["service"].as_str().unwrap_or("?").to_owned();
            let sum = counts.entry((part, operation.to_owned())).or_default();
            for (at, name) in ["aws_requests", "read_units", "write_units"].into_iter().enumerate() {
                sum[at] += line[name].as_f64().unwrap_or_default();
            }
        }
    }
    Ok(counts)
}

fn difference(after: &Counts, before: &Counts) -> Counts {
    let less = |key: &(String, String), sum: &[f64; 3]| {
        let before = before.get(key).copied().unwrap_or_default();
        [sum[0] - before[0], sum[1] - before[1], sum[2] - before[2]]
    };
    after.iter().map(|(key, sum)| (key.clone(), less(key, sum))).filter(|(_, sum)| sum[0] > 0.0).collect()
}

/// Calls that are made whether or not there is anything to send, and those of this benchmark's own looking.
fn is_background(part: &str, operation: &str) -> bool {
    operation.ends_with("ReceiveMessage")
        || (part.contains("session") && operation.ends_with(" Query"))
        || operation.contains("GetSecretValue")
}

fn print(counts: &Counts) {
    println!("\nWhat one text costs, over {TEXTS} texts of one number ({})", rig::machine());
    println!("{:<12} {:<32} {:>8} {:>12} {:>12}", "part", "operation", "calls", "read units", "write units");
    let mut total = [0.0; 3];
    for ((part, operation), sum) in
        counts.iter().filter(|((part, operation), _)| !is_background(part, operation))
    {
        let each = sum.map(|value| value / TEXTS as f64);
        println!("{part:<12} {operation:<32} {:>8.2} {:>12.2} {:>12.2}", each[0], each[1], each[2]);
        for (total, each) in total.iter_mut().zip(each) {
            *total += each;
        }
    }
    println!("{:<45} {:>8.2} {:>12.2} {:>12.2}", "each text", total[0], total[1], total[2]);
    println!("\nIn the background meanwhile, by the hour and not by the send:");
    for ((part, operation), sum) in
        counts.iter().filter(|((part, operation), _)| is_background(part, operation))
    {
        println!("{part:<12} {operation:<32} {:>8} calls", sum[0]);
    }
}
