//! What the benchmarks stand on: the whole system, with the functions on a Lambda Runtime API of the benchmark's own.

#![allow(dead_code, unused_imports, reason = "each benchmark is a program of its own and needs a part of it")]

mod aws;
mod calls;
mod driver;
pub(crate) mod glibc;
mod lambda;
mod responder;
pub(crate) mod variables;

pub(crate) use calls::{Calls, Counted};
use carteiro_local::{Options, Origins, Progress, System};
pub(crate) use driver::Driver;
use lambda::Front;
pub(crate) use lambda::{Started, start};
pub(crate) use responder::Responder;
use std::path::{Path, PathBuf};

/// The cargo profile that is measured, and the directory under the target directory that it builds to: as this program was
/// built, so are the others.
const PROFILE: Option<&str> = if cfg!(debug_assertions) { None } else { Some("bench") };
const BUILT: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

/// A system under measurement.
pub(crate) struct Rig {
    pub(crate) system: System,
    front: Option<Front>,
    directory: PathBuf,
}

impl Rig {
    /// Builds and starts it, with so many processes of each function on the benchmark's own Runtime API. `filter` is `RUST_LOG` for all
    /// parts.
    pub(crate) async fn start(
        name: &str,
        processes: usize,
        filter: &str,
    ) -> Result<Rig, Box<dyn std::error::Error>> {
        let rig = Self::launch(name, filter, |options| options).await?;
        let front = Front::start(&rig.system, BUILT, processes, filter).await?;
        Ok(Rig { front: Some(front), ..rig })
    }

    /// The same with the functions where the emulation runs them, which may fetch files from `origins`.
    pub(crate) async fn whole(
        name: &str,
        filter: &str,
        origins: impl FnOnce(&Path) -> Origins,
    ) -> Result<Rig, Box<dyn std::error::Error>> {
        let rig = Self::launch(name, filter, |options| {
            let origins = Some(origins(&options.state_dir.with_extension("files")));
            Options { origins, ..options }
        })
        .await?;
        lambda::log(&rig.system, filter).await?;
        Ok(rig)
    }

    async fn launch(
        name: &str,
        filter: &str,
        change: impl FnOnce(Options) -> Options,
    ) -> Result<Rig, Box<dyn std::error::Error>> {
        let directory =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{name}-{}", std::process::id()));
        let mut options = Options::quiet(&directory);
        options.progress = Progress::Shown;
        options.profile = PROFILE;
        options.log_filter = Some(filter.to_owned());
        let system = System::start(change(options)).await?;
        Ok(Rig { system, front: None, directory })
    }

    /// A tenant that sends through the rig.
    pub(crate) async fn driver(&self) -> Result<Driver, Box<dyn std::error::Error>> {
        let admin = self.system.admin_url().ok_or("no simulator")?.to_owned();
        let url = self.front.as_ref().map_or_else(|| self.system.api_url(), Front::url);
        Driver::register(url, admin, self.system.operator_token()).await
    }

    /// How many messages of chats are stored.
    pub(crate) async fn messages(&self) -> Result<usize, Box<dyn std::error::Error>> {
        aws::messages(&self.system).await
    }

    /// Stops it and removes its data.
    pub(crate) async fn stop(self) {
        drop(self.front);
        self.system.stop().await;
        let _ = std::fs::remove_dir_all(self.directory.with_extension("files"));
        let _ = std::fs::remove_dir_all(self.directory);
    }
}

/// The machine, for the record.
pub(crate) fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, {}", model.map_or("unknown processor", |(_, model)| model))
}

/// How the measured programs were built, for the record.
pub(crate) fn built() -> &'static str {
    if cfg!(debug_assertions) { "unoptimised" } else { "optimised" }
}
