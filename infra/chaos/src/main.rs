//! `carteiro-chaos`: one chaos run, its report, and a non-zero exit when something is wrong.

use carteiro_chaos::{Plan, run};
use carteiro_local::{Error, Progress, Workspace};
use lexopt::prelude::{Long, Short, ValueExt};
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HELP: &str = "\
Random faults against a fleet under load, and whether anything was lost, doubled or out of order.

  --seed NUMBER       what decides the faults (default: another one each time; the report says it)
  --faults NUMBER     how many (default: 1000)
  --numbers NUMBER    how many numbers send and receive (default: 50)
  --tasks NUMBER      how many session tasks there are (default: 3)
  --pace MS           about how long after one fault the next one comes (default: 2000)
  --spell MS          how long a fault lasts at most; a task may stand still for twice as long (default: 16000)
  --every MS          how often each number sends; it receives half as often (default: 5000)
  --patience SECONDS  how long everything may take to settle at the end (default: 2400: the longest wait between two tries of a webhook is 30 minutes)
";

fn plan() -> Result<Option<Plan>, Box<dyn std::error::Error>> {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let mut plan = Plan {
        seed: u64::from(clock.subsec_nanos()),
        faults: 1_000,
        numbers: 50,
        tasks: 3,
        pace: Duration::from_secs(2),
        spell: Duration::from_secs(16),
        every: Duration::from_secs(5),
        patience: Duration::from_secs(2_400),
        directory: Workspace::find()?.private().join("chaos"),
        progress: Progress::Shown,
    };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("seed") => plan.seed = arguments.value()?.parse()?,
            Long("faults") => plan.faults = arguments.value()?.parse()?,
            Long("numbers") => plan.numbers = arguments.value()?.parse()?,
            Long("tasks") => plan.tasks = arguments.value()?.parse::<usize>()?.max(1),
            Long("pace") => plan.pace = Duration::from_millis(arguments.value()?.parse()?),
            Long("spell") => plan.spell = Duration::from_millis(arguments.value()?.parse()?),
            Long("every") => plan.every = Duration::from_millis(arguments.value()?.parse()?),
            Long("patience") => plan.patience = Duration::from_secs(arguments.value()?.parse()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(plan))
}

#[tokio::main]
async fn main() -> ExitCode {
    let plan = match plan() {
        Ok(Some(plan)) => plan,
        Ok(None) => {
            let _ = std::io::stdout().write_all(HELP.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(error) => return complain(&Error::new(format!("{error}; --help says what there is"))),
    };
    match run(&plan).await {
        Ok(report) => {
            let _ = writeln!(std::io::stdout(), "{report}");
            if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => complain(&error),
    }
}

fn complain(error: &Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "carteiro-chaos: {error}");
    ExitCode::from(2)
}
