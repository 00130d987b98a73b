//! Building what runs: the functions, the session task, the simulator.

use crate::error::{Error, While};
use crate::process::{Part, Reaper};
use crate::progress::Progress;
use crate::workspace::Workspace;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::sync::Mutex;

/// The functions, by the directory of each under `functions/`; the packages have `carteiro-` before it.
pub(crate) const FUNCTIONS: [&str; 17] = [
    "auth",
    "users",
    "numbers",
    "sends",
    "sessions",
    "reports",
    "receivers",
    "operator",
    "docs",
    "exports",
    "bulk",
    "dispatch",
    "webhooks",
    "received",
    "bounces",
    "sweeper",
    "rotation",
];

/// What was built, by package.
#[derive(Debug, Clone)]
pub(crate) struct Binaries(BTreeMap<String, PathBuf>);

impl Binaries {
    /// The executable of a package.
    pub(crate) fn path(&self, package: &str) -> Result<&Path, Error> {
        let path = self.0.get(package);
        path.map(PathBuf::as_path)
            .ok_or_else(|| Error::new(format!("cargo built no program named {package}: is its crate whole?")))
    }
}

impl Binaries {
    /// The same programs under names of their own in `directory`, which later builds do not touch: a system that runs is not
    /// to change because somebody compiles. They are links where the file system has them, and cost nothing.
    pub(crate) fn keep(&self, directory: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(directory).or_cannot(format!("make {}", directory.display()))?;
        let mut kept = BTreeMap::new();
        for (package, built) in &self.0 {
            let path = directory.join(package);
            let _ = std::fs::remove_file(&path);
            std::fs::hard_link(built, &path)
                .or_else(|_| std::fs::copy(built, &path).map(drop))
                .or_cannot(format!("keep {}", built.display()))?;
            kept.insert(package.clone(), path);
        }
        Ok(Self(kept))
    }

    /// The same session task and simulator, with the functions as `sam build` packaged them: `directory` is its
    /// `.aws-sam/build`, with a directory for each function by its name in template.yaml.
    pub(crate) fn with_packaged(mut self, directory: &Path) -> Result<Self, Error> {
        for function in FUNCTIONS {
            let path = directory.join(logical_id(function)).join("bootstrap");
            if !path.is_file() {
                return Err(Error::new(format!("{} is not there: run sam build first", path.display())));
            }
            self.0.insert(format!("carteiro-{function}"), path);
        }
        Ok(self)
    }
}

/// What template.yaml calls a function.
fn logical_id(function: &str) -> String {
    format!("{}{}Function", function[..1].to_uppercase(), &function[1..])
}

/// What this process has built, by whether the session task knows the simulator and by profile: a process that starts many
/// systems, as the end-to-end tests do, starts all of them from one build.
static BUILT: Mutex<BTreeMap<(bool, Option<&str>), Binaries>> = Mutex::const_new(BTreeMap::new());

/// Builds everything, once in the life of this process.
pub(crate) async fn build(
    workspace: &Workspace,
    simulator: bool,
    profile: Option<&'static str>,
    progress: Progress,
    reaper: &Arc<Reaper>,
    log: &Path,
) -> Result<Binaries, Error> {
    let mut all = BUILT.lock().await;
    if let Some(built) = all.get(&(simulator, profile)) {
        return Ok(built.clone());
    }
    let built = compile(workspace, simulator, profile, progress, reaper, log).await?;
    all.insert((simulator, profile), built.clone());
    Ok(built)
}

/// Builds everything with cargo, whose own lines are the progress. The session task knows the simulator only when it is
/// built for it.
async fn compile(
    workspace: &Workspace,
    simulator: bool,
    profile: Option<&str>,
    progress: Progress,
    reaper: &Arc<Reaper>,
    log: &Path,
) -> Result<Binaries, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace.root()).args(["build", "--message-format=json-render-diagnostics"]);
    for (name, _) in std::env::vars_os() {
        if is_of_this_package(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    if let Some(profile) = profile {
        command.args(["--profile", profile]);
    }
    for function in FUNCTIONS {
        command.args(["-p", &format!("carteiro-{function}")]);
    }
    command.args(["-p", "carteiro-session"]);
    if simulator {
        command.args(["-p", "carteiro-simulator", "--features", "simulator"]);
    }
    let step =
        progress.loud_step("building the functions, the session task and the simulator (minutes, at first)");
    let (part, stdout) = match progress {
        Progress::Shown => Part::start_shown("cargo build", command, reaper)?,
        Progress::Hidden => Part::start_piped("cargo build", command, log, reaper)?,
    };
    let mut built = BTreeMap::new();
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await.or_cannot("read what cargo says")? {
        if let Some((name, path)) = executable(&line) {
            built.insert(name, path);
        }
    }
    let status = part.ended().await;
    part.kill().await;
    if !status.success() {
        let where_to_look = match progress {
            Progress::Shown => "its reasons stand above".to_owned(),
            Progress::Hidden => format!("its reasons are in {}", log.display()),
        };
        return Err(Error::new(format!("cargo build failed; {where_to_look}")));
    }
    step.done();
    Ok(Binaries(built))
}

/// What `cargo run` tells this program of its own package. Build scripts look at it (that of `ring` does), and would build
/// all that stands on them anew whenever a build from here follows one from a shell.
fn is_of_this_package(name: &str) -> bool {
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_BIN_")
}

/// The program that a line of cargo's JSON tells of.
fn executable(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let path = message["executable"].as_str()?;
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_in_the_template_by_its_name() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let template = std::fs::read_to_string(root.join("template.yaml")).unwrap();
        for function in FUNCTIONS {
            assert!(template.contains(&format!("\n  {}:\n", logical_id(function))), "{function}");
        }
    }

    #[test]
    fn packages_that_are_not_there_are_told() {
        let error = Binaries(BTreeMap::new()).with_packaged(Path::new("/nowhere")).unwrap_err();
        assert!(error.to_string().contains("sam build"), "{error}");
    }

    #[test]
    fn programs_are_read_from_cargos_messages() {
        let program = r#"{"reason":"compiler-artifact","target":{"name":"carteiro-auth","kind":["bin"]},"executable":"/t/debug/carteiro-auth"}"#;
        let library =
            r#"{"reason":"compiler-artifact","target":{"name":"core","kind":["lib"]},"executable":null}"#;
        assert_eq!(executable(program), Some(("carteiro-auth".into(), "/t/debug/carteiro-auth".into())));
        assert_eq!(executable(library), None);
        assert_eq!(executable("warning: not JSON"), None);
    }
}
