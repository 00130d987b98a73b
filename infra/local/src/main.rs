//! `carteiro`: the whole system on this machine, for a person.

use carteiro_local::arguments::{self, HELP, RunOptions, Wish};
use carteiro_local::trial::{self, Screen};
use carteiro_local::{Error, Options, Progress, Reaper, System, WhatsApp, Workspace};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let done = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Wish::Help) => {
            say(HELP);
            Ok(())
        }
        Ok(Wish::Version) => {
            say(concat!("carteiro ", env!("CARGO_PKG_VERSION"), "\n"));
            Ok(())
        }
        Ok(Wish::Run(options)) => run(options).await,
        Ok(Wish::Try) => try_it().await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "carteiro: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts everything and stays up until it is told to stop, or a part ends by itself.
async fn run(wanted: RunOptions) -> Result<(), Error> {
    let workspace = Workspace::find()?;
    let usual = match wanted.whatsapp {
        WhatsApp::Simulator => "simulator",
        WhatsApp::Live => "live",
    };
    let state_dir = wanted.state_dir.unwrap_or_else(|| workspace.private().join(usual));
    let options = Options {
        ports: wanted.ports,
        whatsapp: wanted.whatsapp,
        fresh: wanted.fresh,
        progress: Progress::Shown,
        tasks: wanted.tasks,
        packaged: wanted.packaged,
        ..Options::quiet(state_dir)
    };
    let mut signals = Signals::listen()?;
    let Some(system) = start(options, &mut signals).await? else { return Ok(()) };
    say(&welcome(&system));
    let ended = tokio::select! {
        () = signals.next() => Ok(()),
        error = system.crash() => Err(error),
    };
    stop(system, &mut signals).await;
    ended
}

/// Does the main job on a system of its own, and leaves nothing but, when it fails, its logs.
async fn try_it() -> Result<(), Error> {
    let state_dir: PathBuf = Workspace::find()?.private().join("try").join(std::process::id().to_string());
    let options = Options { fresh: true, progress: Progress::Shown, ..Options::quiet(state_dir.clone()) };
    let mut signals = Signals::listen()?;
    let Some(system) = start(options, &mut signals).await? else {
        return Err(Error::new("stopped before it was done"));
    };
    let mut screen = Screen::terminal();
    let shown = tokio::select! {
        shown = trial::show(&system, &mut screen) => shown,
        error = system.crash() => Err(error),
        () = signals.next() => Err(Error::new("stopped before it was done")),
    };
    let logs = system.logs();
    stop(system, &mut signals).await;
    match shown {
        Ok(()) => {
            let _ = std::fs::remove_dir_all(&state_dir);
            say("\nAll of it happened. `cargo run` starts the same system and stays up.\n");
            Ok(())
        }
        Err(error) => Err(Error::new(format!("{error} (logs: {})", logs.display()))),
    }
}

/// Starts a system; `None` if it was told to stop meanwhile, with all that had been started ended.
async fn start(options: Options, signals: &mut Signals) -> Result<Option<System>, Error> {
    let reaper = Reaper::start()?;
    let started = tokio::select! {
        started = System::start_with(options, Arc::clone(&reaper)) => Some(started),
        () = signals.next() => None,
    };
    match started {
        Some(Ok(system)) => Ok(Some(system)),
        Some(Err(error)) => {
            reaper.finish().await;
            Err(error)
        }
        None => {
            say("\nStopping ...\n");
            reaper.finish().await;
            Ok(None)
        }
    }
}

/// Stops a system in order; a second signal kills what is left.
async fn stop(system: System, signals: &mut Signals) {
    say("\nStopping ... (Ctrl-C again kills)\n");
    let kill = system.killer();
    tokio::select! {
        () = system.stop() => {}
        () = signals.next() => kill.kill().await,
    }
}

fn welcome(system: &System) -> String {
    let api = system.api_url();
    let token = system.operator_token();
    let whatsapp = match system.admin_url() {
        Some(admin) => format!("simulated; its phones are played through {admin} (see infra/simulator)"),
        None => "the real one: scan the QR of GET /v2/numbers/connect with your phone".to_owned(),
    };
    format!(
        "
Carteiro is up.

  API              {api}
  Operator's token {token}
  WhatsApp         {whatsapp}
  E-mails sent     {api}/_local/emails
  Texts sent       {api}/_local/sms
  Logs             {logs}
  Emulated AWS     {aws}

Try this next:

  curl -s {api}/v2/users/register -H 'api-token: {token}' -H 'content-type: application/json' \\
    -d '{{\"login\": \"padaria@carteiro.example\", \"number\": \"5511987650001\", \"plan\": \"premium\"}}'

Ctrl-C stops everything; the state stays in {state} (--fresh forgets it).
",
        logs = system.logs().display(),
        aws = system.aws_endpoint(),
        state = system.state_dir().display(),
    )
}

fn say(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes());
    let _ = stdout.flush();
}

/// Ctrl-C, and what a service manager or a closed terminal sends.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Error> {
        let listen =
            |kind| signal(kind).map_err(|error| Error::new(format!("cannot listen for signals: {error}")));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
