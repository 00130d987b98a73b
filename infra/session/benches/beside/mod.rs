//! What both benchmarks stand on: a simulator that speaks TLS in this process, and beside it, as processes of their own that do
//! the same by the same orders, the session task and Baileys.

#![allow(dead_code, reason = "each benchmark is a program of its own and needs a part of it")]

mod task;

use carteiro_simulator::{Config, Handle, Simulator};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

#[path = "../../../simulator/tests/baileys/install.rs"]
mod install;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The script of Baileys' side.
const FLEET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../simulator/tests/baileys/fleet.mjs");
/// What makes this program the session task's side.
const TASK: &str = "--task";
/// No order takes longer.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// How the kernel counts the time of processes.
const TICKS_PER_SECOND: f64 = 100.0;

/// Runs the session task's side if this process was started for it; else answers that it was not.
pub(crate) async fn is_task() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().collect();
    let Some(at) = arguments.iter().position(|argument| argument == TASK) else { return Ok(false) };
    let [websocket, admin, authority, first, contact] = &arguments[at + 1..] else {
        return Err("the task's side has five arguments".into());
    };
    task::run(websocket, admin, Path::new(authority), first.parse()?, contact.parse()?).await?;
    Ok(true)
}

/// The number after `--name` of the command line, or another.
pub(crate) fn option(name: &str, otherwise: usize) -> Result<usize> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    match (arguments.next(), arguments.next()) {
        (None, _) => Ok(otherwise),
        (_, Some(value)) => Ok(value.parse()?),
        (_, None) => Err(format!("{name} wants a number").into()),
    }
}

/// The simulator, and what its clients need of it.
pub(crate) struct Stage {
    simulator: Handle,
    http: reqwest::Client,
    files: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn set() -> Result<Self> {
        let simulator = Simulator::start(Config::default()).await?;
        let files = tempfile::tempdir()?;
        std::fs::write(files.path().join("ca.pem"), simulator.media_ca())?;
        Ok(Self { simulator, http: reqwest::Client::builder().no_proxy().build()?, files })
    }

    /// Declares a number, whose phone scans, reads and sends receipts.
    pub(crate) async fn declare(&self, number: u64) -> Result<()> {
        let body = json!({"number": number.to_string(), "name": "Loja"}).to_string();
        let url = format!("{}/admin/accounts", self.simulator.admin_url());
        let request = self.http.post(url).header("content-type", "application/json").body(body);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    fn authority(&self) -> PathBuf {
        self.files.path().join("ca.pem")
    }

    /// The session task, for the numbers from `first` on, which write to those from `contact` on.
    pub(crate) async fn carteiro(&self, first: u64, contact: u64) -> Result<Side> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args([TASK, &self.simulator.secure_websocket_url(), &self.simulator.admin_url()])
            .arg(self.authority())
            .args([first.to_string(), contact.to_string()]);
        Side::start("Carteiro", command).await
    }

    /// The same with Baileys, its keys in files if they are not to count as its memory. Or why it cannot be had.
    pub(crate) async fn baileys(&self, first: u64, contact: u64, in_files: bool) -> Result<Side> {
        let directory = tokio::task::spawn_blocking(install::installed).await??;
        std::fs::copy(FLEET, directory.join("fleet.mjs"))?;
        let mut command = Command::new("node");
        command
            .current_dir(directory)
            .env("NODE_EXTRA_CA_CERTS", self.authority())
            .args(["--expose-gc", "--max-old-space-size=16384", "fleet.mjs"])
            .args(["--ws", &self.simulator.secure_websocket_url(), "--admin", &self.simulator.admin_url()])
            .args(["--first", &first.to_string(), "--contact", &contact.to_string()]);
        if in_files {
            let state = self.files.path().join("baileys");
            std::fs::create_dir_all(&state)?;
            command.arg("--state").arg(state);
        }
        Side::start("Baileys", command).await
    }
}

/// A process that holds sessions; it ends when it is dropped.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    child: Child,
    orders: ChildStdin,
    told: Lines<BufReader<ChildStdout>>,
}

impl Side {
    async fn start(name: &'static str, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let orders = child.stdin.take().ok_or("no way to give orders")?;
        let told = child.stdout.take().ok_or("no way to hear")?;
        let mut side = Self { name, child, orders, told: BufReader::new(told).lines() };
        side.hear("ready").await?;
        Ok(side)
    }

    async fn hear(&mut self, event: &str) -> Result<Value> {
        let line = timeout(PATIENCE, self.told.next_line()).await??;
        let told: Value = serde_json::from_str(&line.unwrap_or_default()).unwrap_or_default();
        if told["event"] == event { Ok(told) } else { Err(format!("{}: {told}", self.name).into()) }
    }

    async fn order(&mut self, order: String, event: &str) -> Result<Value> {
        self.orders.write_all(order.as_bytes()).await?;
        self.orders.flush().await?;
        self.hear(event).await
    }

    /// Has it pair sessions until there are so many; how many bytes of theirs are in memory that a store would have.
    pub(crate) async fn connect(&mut self, sessions: usize) -> Result<u64> {
        let told = self.order(format!("connect {sessions}\n"), "connected").await?;
        Ok(told["state_bytes"].as_u64().unwrap_or(0))
    }

    /// Has each session write so many texts, and waits until WhatsApp has acknowledged all: what it took.
    pub(crate) async fn send(&mut self, each: usize) -> Result<Sent> {
        let (start, before) = (Instant::now(), self.processor()?);
        let told = self.order(format!("send {each}\n"), "sent").await?;
        let messages = told["messages"].as_u64().unwrap_or(0);
        Ok(Sent { messages, took: start.elapsed(), processor: self.processor()?.saturating_sub(before) })
    }

    /// Ends the session task and starts another, which has so many sessions to log in: how long the first took to end, and the
    /// second until all were in.
    pub(crate) async fn restart(&mut self, sessions: usize) -> Result<(f64, f64)> {
        let told = self.order(format!("restart {sessions}\n"), "restarted").await?;
        let seconds = |name: &str| told[name].as_f64().ok_or("no time is told");
        Ok((seconds("stopping")?, seconds("starting")?))
    }

    fn about(&self, file: &str) -> Result<String> {
        let id = self.child.id().ok_or("it has ended")?;
        Ok(std::fs::read_to_string(format!("/proc/{id}/{file}"))?)
    }

    /// Its resident memory in kilobytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        let status = self.about("status")?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?)
    }

    /// The processor time that it has used, its own and the kernel's for it.
    pub(crate) fn processor(&self) -> Result<Duration> {
        let stat = self.about("stat")?;
        let (_, after_name) = stat.rsplit_once(')').ok_or("no stat")?;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
        Ok(Duration::from_secs_f64(ticks / TICKS_PER_SECOND))
    }
}

/// What messages took.
pub(crate) struct Sent {
    pub(crate) messages: u64,
    pub(crate) took: Duration,
    pub(crate) processor: Duration,
}

/// The machine and the build, for the record.
pub(crate) fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let built = if cfg!(debug_assertions) { "unoptimised" } else { "optimised" };
    format!("{cores} cores, {}, {built}", model.map_or("unknown processor", |(_, model)| model))
}
