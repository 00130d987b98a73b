//! `cargo run -p carteiro-cost -- --sends 100000 --media-share 0.2 --numbers 50 --region sa-east-1` prints a month's bill.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints")]

use carteiro_cost::{CostError, Model, Workload};
use lexopt::prelude::{Long, ValueExt as _};
use std::process::ExitCode;

const HELP: &str = "\
What a month of Carteiro costs in US dollars, by service.

  --sends N            sends a month (0)
  --media-share X      how many of them carry a file, from 0 to 1 (0); of what is received too
  --numbers N          connected numbers (0)
  --region R           sa-east-1 or us-east-1 (sa-east-1)
  --events-per-send X  events a webhook is told for each message (0; with receipts it is 3)
  --received N         messages that come in (0)
  --requests N         requests to the API beside the sends (0)
  --tasks N            session tasks (as many as the numbers need, at least one)
  --file-mb X          MB of a file (0.5)
  --months N           since when it has been so: what is stored grows with it (1)
  --mails N, --sms N   one-time passwords by e-mail, and by SMS to Brazil (0)
  --own-key            with a KMS key of the deployment's own
  --free-tier          subtract what AWS gives away each month, for ever
  --assumptions        print what is assumed and not counted, and why";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("carteiro-cost: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), CostError> {
    let model = Model::built_in()?;
    let mut workload = Workload::default();
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next().map_err(said)? {
        match argument {
            Long("sends") => workload.sends = amount(&mut arguments)?,
            Long("media-share") => workload.media_share = share(&mut arguments)?,
            Long("numbers") => workload.numbers = amount(&mut arguments)?,
            Long("region") => workload.region = arguments.value().and_then(|v| v.string()).map_err(said)?,
            Long("events-per-send") => workload.events_per_send = amount(&mut arguments)?,
            Long("received") => workload.received = amount(&mut arguments)?,
            Long("requests") => workload.requests = amount(&mut arguments)?,
            Long("tasks") => workload.tasks = Some(amount(&mut arguments)?),
            Long("file-mb") => workload.file_mb = Some(amount(&mut arguments)?),
            Long("months") => workload.months = amount(&mut arguments)?.max(1.0),
            Long("mails") => workload.mails = amount(&mut arguments)?,
            Long("sms") => workload.texts = amount(&mut arguments)?,
            Long("own-key") => workload.own_key = true,
            Long("free-tier") => workload.free_tier = true,
            Long("assumptions") => {
                for (name, value, why) in model.assumptions.all() {
                    println!("{name:<20} {value:>8}  {why}");
                }
                return Ok(());
            }
            Long("help") => {
                println!("{HELP}");
                return Ok(());
            }
            other => return Err(said(other.unexpected())),
        }
    }
    print!("{}", model.bill(&workload)?);
    println!("Prices as of {}, calls counted on {}.", model.prices.read, model.counts.measured);
    for (kind, needed) in [
        ("media", workload.media_share > 0.0 && workload.sends > 0.0),
        ("event", workload.events_per_send > 0.0),
        ("received", workload.received > 0.0),
    ] {
        if needed && !model.counts.has(kind) {
            println!("Messages of the kind \"{kind}\" were not counted: what they take is assumed.");
        }
    }
    Ok(())
}

fn said(error: lexopt::Error) -> CostError {
    CostError::Argument(format!("{error}; --help shows what there is"))
}

fn amount(arguments: &mut lexopt::Parser) -> Result<f64, CostError> {
    let value: f64 = arguments.value().and_then(|v| v.parse()).map_err(said)?;
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(CostError::Argument(format!("{value} is no amount")))
    }
}

fn share(arguments: &mut lexopt::Parser) -> Result<f64, CostError> {
    let value = amount(arguments)?;
    if value <= 1.0 {
        Ok(value)
    } else {
        Err(CostError::Argument(format!("{value} is more than all: a share is from 0 to 1")))
    }
}
