//! What connected idle sessions over TLS cost in resident memory, beside Baileys on the same simulator:
//! `cargo bench -p carteiro-session --bench idle`, or with `-- --sessions 200 --baileys 50` for fewer.
//!
//! Each side is one process. A session's share is what the process grew by from the first sessions, which bring in what is
//! needed once, to the last, over their number. Then a task of 500 sessions is ended as SIGTERM ends it and another started, until all
//! are logged in again: that is to take less than a minute. What DynamoDB holds in a deployment is kept out: the task's side has the stores in
//! memory, so the bytes of its sessions' state are taken off; Baileys' side keeps its keys in files.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a benchmark prints")]

mod beside;
#[path = "../tests/world/mod.rs"]
mod world;

use beside::{Result, Side, Stage};

const FIRST: usize = 10;
/// How many sessions a task is restarted with.
const RESTARTED: usize = 500;
/// How long it may take until all are logged in again, in seconds.
const AIM: f64 = 60.0;

#[tokio::main]
async fn main() -> Result<()> {
    if beside::is_task().await? {
        return Ok(());
    }
    let sessions = beside::option("--sessions", 1_000)?;
    let others = beside::option("--baileys", sessions)?;
    let stage = Stage::set().await?;
    println!("\nIdle sessions over TLS, paired and connected ({})", beside::machine());
    println!("{:<10} {:>9} {:>14} {:>14} {:>12}", "", "sessions", "first ten", "all", "a session");
    let ours = hold(stage.carteiro(5_511_900_000_000, 0).await?, sessions).await?;
    match stage.baileys(5_511_910_000_000, 0, true).await {
        Ok(side) => {
            let theirs = hold(side, others).await?;
            println!("a session of Baileys takes {:.1} times as much", theirs / ours);
        }
        Err(reason) => println!("Baileys was not measured: {reason}"),
    }
    restart(stage.carteiro(5_511_950_000_000, 0).await?, RESTARTED.min(sessions)).await
}

/// Tells how long a task takes that is started anew.
async fn restart(mut side: Side, sessions: usize) -> Result<()> {
    side.connect(sessions).await?;
    let (stopping, starting) = side.restart(sessions).await?;
    println!(
        "A task of {sessions} sessions ends in {stopping:.1} s; the next has all of them logged in after {starting:.1} s"
    );
    if starting > AIM { Err(format!("that is to stay below {AIM} s").into()) } else { Ok(()) }
}

/// A session's kilobytes.
async fn hold(mut side: Side, sessions: usize) -> Result<f64> {
    let state = side.connect(FIRST).await? / 1024;
    let first = side.resident()?.saturating_sub(state);
    let state = side.connect(sessions).await? / 1024;
    let all = side.resident()?.saturating_sub(state);
    let each = all.saturating_sub(first) as f64 / (sessions - FIRST) as f64;
    let mb = |kb: u64| format!("{:.1} MB", kb as f64 / 1024.0);
    println!("{:<10} {sessions:>9} {:>14} {:>14} {each:>9.0} kB", side.name, mb(first), mb(all));
    if state > 0 {
        let kept = state as f64 / sessions as f64;
        println!("           (without {kept:.0} kB a session of state that is a store's)");
    }
    Ok(each)
}
