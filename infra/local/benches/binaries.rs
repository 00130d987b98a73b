//! How large the functions' binaries are and how fast they start, beside the least function of the same runtime in the same run:
//! `cargo bench -p carteiro-local --bench binaries`.
//!
//! It takes what `sam build` left in `.aws-sam/build` if that is there, else `target/release`, or what `-- --built FOLDER` names.
//! `-- --rounds 30` starts each function so many times. Each is fed its sample of `events` under a Runtime API of the benchmark's own;
//! the AWS that it calls is a server of this process that speaks TLS, knows nobody and answers at once.
//!
//! `-- --sizes` starts nothing: it fails when a zip is larger than `infra/local/benches/sizes.json` allows, or with
//! `--without-lto`, for binaries built without link-time optimisation, as `.ci/run` builds them, than that and a quarter; and when a
//! packaged binary asks for a newer C library than Amazon Linux 2023 has.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]

mod rig;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rig::{Responder, Started, glibc, start, variables};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// An init is to take no more than so many times what the least function's takes; what takes longer is told.
const INIT: f64 = 2.0;
/// How long an init and the first call may take together, with what they ask of AWS; longer is a failure.
const FIRST_ANSWER: Duration = Duration::from_millis(150);
/// What a zip may have of its limit, in percent, if it was built without link-time optimisation: functions measured with and without
/// it (22 and 23 November 2026, x86_64) were a quarter larger without.
const WITHOUT_LTO: u64 = 125;
/// What a zip has beside its one compressed file: headers, the name twice.
const ZIP_HEADERS: u64 = 130;

#[tokio::main]
async fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let functions = functions(&root)?;
    if functions.is_empty() {
        return Err("there are no binaries: run `sam build` first, or `cargo build --release`".into());
    }
    let sizes: BTreeMap<&str, u64> =
        functions.iter().map(|(name, path)| Ok((name.as_str(), zipped(path)?))).collect::<Result<_>>()?;
    let mut wrong = too_large(&sizes, if flag("--without-lto") { WITHOUT_LTO } else { 100 })?;
    if flag("--sizes") {
        wrong.extend(too_new(&functions)?);
        for (name, bytes) in &sizes {
            println!("{name:<12} {:>6.2} MB", *bytes as f64 / 1e6);
        }
    } else {
        measure(&root, &functions, &sizes).await?;
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ").into()) }
}

/// Whether the command line has `name`.
fn flag(name: &str) -> bool {
    std::env::args().any(|argument| argument == name)
}

/// The value after `name` on the command line.
fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// The built functions, by name.
fn functions(root: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let packaged = root.join(".aws-sam/build");
    let built = match option("--built") {
        // Cargo runs a benchmark in its package's folder.
        Some(folder) => root.join(folder),
        None if std::fs::read_dir(&packaged).is_ok_and(|mut entries| entries.next().is_some()) => packaged,
        None => target(root).join("release"),
    };
    let mut functions = BTreeMap::new();
    for entry in std::fs::read_dir(&built).map_err(|e| format!("{}: {e}", built.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (name, binary) = match (name.strip_suffix("Function"), name.strip_prefix("carteiro-")) {
            (Some(name), _) => (name.to_lowercase(), path.join("bootstrap")),
            (None, Some(name)) => (name.to_owned(), path),
            (None, None) => continue,
        };
        // What has no sample of an event is none, such as the session task.
        if binary.is_file() && sample(root, &name).is_file() {
            functions.insert(name, binary);
        }
    }
    Ok(functions)
}

fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

fn sample(root: &Path, function: &str) -> PathBuf {
    root.join(format!("events/{function}.json"))
}

/// How many bytes a function's zip has, packed as SAM packs it.
fn zipped(binary: &Path) -> Result<u64> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&std::fs::read(binary)?)?;
    Ok(u64::try_from(encoder.finish()?.len())? + ZIP_HEADERS)
}

/// What is larger than `percent` of its limit, or has no limit.
fn too_large(sizes: &BTreeMap<&str, u64>, percent: u64) -> Result<Vec<String>> {
    let limits: BTreeMap<String, u64> = serde_json::from_str(include_str!("sizes.json"))?;
    let limit = |name: &str| limits.get(name).map(|limit| limit * percent / 100);
    let told = sizes.iter().filter_map(|(name, bytes)| match limit(name) {
        Some(limit) if *bytes <= limit => None,
        Some(limit) => Some(format!("the zip of {name} has {bytes} bytes, and may have {limit}")),
        None => Some(format!("{name} has no limit in infra/local/benches/sizes.json")),
    });
    Ok(told.collect())
}

/// What would not start on Lambda, because the C library there is older than the one it was linked with.
fn too_new(functions: &BTreeMap<String, PathBuf>) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for (name, path) in functions {
        let newest = glibc::newest(&std::fs::read(path)?);
        if newest > glibc::AL2023 {
            told.push(format!("{name} asks for glibc 2.{newest}, and Lambda has 2.{}", glibc::AL2023));
        }
    }
    Ok(told)
}

/// Builds the least function, as the others were built.
fn hello(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--release", "--locked", "-p", "carteiro-hello"];
    if !Command::new(cargo).args(build).current_dir(root).status()?.success() {
        return Err("the least function was not built".into());
    }
    Ok(target(root).join("release/carteiro-hello"))
}

/// The secret that the sample of `rotation` asks for: that function takes no other.
fn rotated(root: &Path) -> Result<String> {
    let event: serde_json::Value = serde_json::from_slice(&std::fs::read(sample(root, "rotation"))?)?;
    Ok(event["SecretId"].as_str().ok_or("the sample of rotation names no secret")?.to_owned())
}

/// A function under measurement.
struct Subject {
    name: String,
    binary: PathBuf,
    event: Bytes,
    starts: Vec<Started>,
    /// Requests to AWS during the init, and during the call; connections of both.
    asked: (usize, usize, usize),
}

async fn measure(
    root: &Path,
    functions: &BTreeMap<String, PathBuf>,
    sizes: &BTreeMap<&str, u64>,
) -> Result<()> {
    let rounds: usize = option("--rounds").map_or(Ok(15), |rounds| rounds.parse())?;
    let hello = hello(root)?;
    let own = std::env::temp_dir().join(format!("carteiro-bench-{}", std::process::id()));
    let (authorities, scratch) = (own.join("authorities.pem"), own.join("scratch"));
    std::fs::create_dir_all(&scratch)?;
    let aws = Responder::start(&authorities).await?;
    let variables = variables::of_every_function(&aws.url, &authorities, &scratch, rotated(root)?);
    let mut subjects = vec![Subject::new("hello", hello.clone(), Bytes::from_static(b"{}"))];
    for (name, binary) in functions {
        let event = std::fs::read(sample(root, name))?;
        subjects.push(Subject::new(name, binary.clone(), event.into()));
    }
    // The first round brings the binaries into memory and does not count. Each round starts each, so that a machine that is busy for a
    // while is so for all.
    let result = async {
        for round in 0..=rounds {
            for subject in &mut subjects {
                subject.start(&variables, &aws, round > 0).await?;
            }
        }
        Ok::<_, Box<dyn Error>>(())
    }
    .await;
    std::fs::remove_dir_all(own)?;
    result?;
    let least = zipped(&hello)?;
    print(&subjects, |name| sizes.get(name).copied().unwrap_or(least), rounds)
}

impl Subject {
    fn new(name: &str, binary: PathBuf, event: Bytes) -> Self {
        Self { name: name.to_owned(), binary, event, starts: Vec::new(), asked: (0, 0, 0) }
    }

    async fn start(
        &mut self,
        variables: &BTreeMap<String, String>,
        aws: &Responder,
        counts: bool,
    ) -> Result<()> {
        let (before, mut ready) = (aws.visits(), aws.visits());
        let started = start(&self.binary, variables, self.event.clone(), || ready = aws.visits());
        let started = started.await.map_err(|e| format!("{}: {e}", self.name))?;
        let after = aws.visits();
        self.asked = (
            ready.requests - before.requests,
            after.requests - ready.requests,
            after.connections - before.connections,
        );
        if counts {
            self.starts.push(started);
        }
        Ok(())
    }

    /// The median of something of its starts, in milliseconds.
    fn median(&self, of: impl Fn(&Started) -> Duration) -> f64 {
        let mut times: Vec<Duration> = self.starts.iter().map(of).collect();
        times.sort_unstable();
        times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }
}

fn print(subjects: &[Subject], size: impl Fn(&str) -> u64, rounds: usize) -> Result<()> {
    println!("\nCold starts, medians of {rounds} ({})", rig::machine());
    println!("AWS: requests during the init + during the first call, over so many connections");
    println!(
        "{:<12} {:>8} {:>9} {:>7} {:>11} {:>9} {:>10} {:>11}",
        "", "zip", "init", "×hello", "first call", "both", "processor", "AWS"
    );
    let least = subjects.first().map_or(0.0, |hello| hello.median(|started| started.init));
    let (mut missed, mut behind) = (Vec::<String>::new(), Vec::<&str>::new());
    for subject in subjects {
        let (init, call) = (subject.median(|s| s.init), subject.median(|s| s.call));
        let (both, processor) = (subject.median(|s| s.init + s.call), subject.median(|s| s.processor));
        let (before, during, connections) = subject.asked;
        println!(
            "{:<12} {:>5.2} MB {init:>6.1} ms {:>7.1} {call:>8.1} ms {both:>6.1} ms {processor:>7.1} ms {:>11}",
            subject.name,
            size(&subject.name) as f64 / 1e6,
            init / least,
            format!("{before}+{during} / {connections}"),
        );
        if init > INIT * least {
            behind.push(&subject.name);
        }
        if both > FIRST_ANSWER.as_secs_f64() * 1_000.0 {
            missed.push(format!("{} answers first after {both:.0} ms", subject.name));
        }
    }
    if !behind.is_empty() {
        println!("More than {INIT} times the least function's init, which is the aim: {}", behind.join(", "));
    }
    if missed.is_empty() { Ok(()) } else { Err(missed.join("; ").into()) }
}
