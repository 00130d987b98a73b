//! The short form of a chaos run.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and shows the report"
)]

use carteiro_chaos::{Kind, Plan, run};
use carteiro_local::Progress;
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn a_fault_of_each_kind_loses_doubles_and_turns_nothing() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-{}", std::process::id()));
    let plan = Plan {
        seed: 40382,
        faults: u32::try_from(Kind::ALL.len()).unwrap(),
        numbers: 4,
        tasks: 3,
        pace: Duration::from_millis(1_500),
        spell: Duration::from_secs(12),
        every: Duration::from_millis(700),
        patience: Duration::from_secs(300),
        directory: directory.clone(),
        progress: Progress::Hidden,
    };
    let report = run(&plan).await.unwrap();
    eprintln!("{report}");
    assert!(report.violations.is_empty(), "{report}; the logs are in {}", directory.join("logs").display());
    let missing = Kind::ALL.map(Kind::name).into_iter().filter(|name| !report.faults.contains_key(name));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new(), "these did not strike: {report}");
    assert!(report.delivered > 0 && report.received > 0, "{report}");
    std::fs::remove_dir_all(directory).unwrap();
}
