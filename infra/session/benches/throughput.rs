//! How fast 50 numbers send without pacing, and what a message costs in processor time, beside Baileys on the same simulator:
//! `cargo bench -p carteiro-session --bench throughput`, or with `-- --numbers 10 --each 50` for fewer.
//!
//! Each side is one process over TLS with its stores in memory. A text counts when WhatsApp has acknowledged it. The simulator decrypts
//! each as the recipient's phone, on the same processors: messages a second are those of both together, and the processor time is
//! the side's own.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a benchmark prints")]

mod beside;
#[path = "../tests/world/mod.rs"]
mod world;

use beside::{Result, Side, Stage};

const CARTEIRO: (u64, u64) = (5_511_900_000_000, 5_511_930_000_000);
const BAILEYS: (u64, u64) = (5_511_910_000_000, 5_511_940_000_000);

#[tokio::main]
async fn main() -> Result<()> {
    if beside::is_task().await? {
        return Ok(());
    }
    let (numbers, each) = (beside::option("--numbers", 50)?, beside::option("--each", 100)?);
    let stage = Stage::set().await?;
    for place in 0..u64::try_from(numbers)? {
        for (_, contact) in [CARTEIRO, BAILEYS] {
            stage.declare(contact + place).await?;
        }
    }
    println!("\n{each} texts of each of {numbers} numbers, over TLS ({})", beside::machine());
    println!("{:<10} {:>14} {:>20}", "", "messages/s", "processor a message");
    let ours = measure(stage.carteiro(CARTEIRO.0, CARTEIRO.1).await?, numbers, each).await?;
    match stage.baileys(BAILEYS.0, BAILEYS.1, false).await {
        Ok(side) => {
            let theirs = measure(side, numbers, each).await?;
            println!(
                "Carteiro sends {:.1} times as many a second; a message of Baileys takes {:.1} times the processor",
                ours.0 / theirs.0,
                theirs.1 / ours.1
            );
        }
        Err(reason) => println!("Baileys was not measured: {reason}"),
    }
    Ok(())
}

/// Messages a second, and milliseconds of processor time for each.
async fn measure(mut side: Side, numbers: usize, each: usize) -> Result<(f64, f64)> {
    side.connect(numbers).await?;
    // The first text to someone asks for devices and keys; it is not part of the steady state.
    side.send(1).await?;
    let sent = side.send(each).await?;
    let count = sent.messages as f64;
    let (rate, cost) = (count / sent.took.as_secs_f64(), sent.processor.as_secs_f64() * 1_000.0 / count);
    println!("{:<10} {rate:>14.0} {cost:>17.2} ms", side.name);
    Ok((rate, cost))
}
