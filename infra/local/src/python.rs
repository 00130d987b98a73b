//! The private Python environment that the emulated AWS runs in.

use crate::error::{Error, While};
use crate::process::{Part, Reaper};
use crate::progress::Progress;
use crate::workspace::Workspace;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::Command;

const REQUIREMENTS: &str = include_str!("../requirements.txt");
const CANDIDATES: [&str; 7] =
    ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// Makes sure of the environment, and answers the path of its interpreter. Two starts at once take turns.
pub(crate) async fn environment(
    workspace: &Workspace,
    progress: Progress,
    reaper: &Arc<Reaper>,
) -> Result<PathBuf, Error> {
    let home = workspace.private();
    std::fs::create_dir_all(&home).or_cannot(format!("make {}", home.display()))?;
    let lock = File::create(home.join("venv.lock")).or_cannot("lock the Python environment")?;
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await;
    let _lock = lock.or_cannot("lock the Python environment")?.or_cannot("lock the Python environment")?;

    let venv = home.join("venv");
    let python = venv.join("bin").join("python");
    let stamp = venv.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS)
        && works(&python).await
    {
        return Ok(python);
    }
    let system = find().await?;
    let log = home.join("install.log");
    let step = progress.step("installing the emulated AWS into .carteiro/venv (first time only)");
    run(
        "python -m venv",
        command(&system, &["-m", "venv", "--clear", &venv.to_string_lossy()]),
        &log,
        reaper,
    )
    .await
    .map_err(|error| {
        Error::new(format!("{error}. On Debian and Ubuntu the package python3-venv may be missing"))
    })?;
    let requirements = workspace.root().join("infra/local/requirements.txt");
    let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r"];
    let mut install = command(&python, &pip);
    install.arg(requirements);
    run("pip install", install, &log, reaper).await?;
    std::fs::write(stamp, REQUIREMENTS).or_cannot("note what was installed")?;
    step.done();
    Ok(python)
}

fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

async fn run(what: &'static str, command: Command, log: &Path, reaper: &Arc<Reaper>) -> Result<(), Error> {
    let part = Part::start(what, command, log, reaper)?;
    let status = part.ended().await;
    part.kill().await;
    if status.success() {
        return Ok(());
    }
    let said = crate::process::last_line(log).unwrap_or_default();
    Err(Error::new(format!("{what} failed: {said} (all of it is in {})", log.display())))
}

/// Whether an interpreter starts: a virtual environment breaks when its system's Python goes.
async fn works(python: &Path) -> bool {
    version(python).await.is_some()
}

async fn find() -> Result<PathBuf, Error> {
    let mut seen = None;
    for name in CANDIDATES {
        match version(Path::new(name)).await {
            Some(version) if version >= (3, 10) => return Ok(name.into()),
            Some((major, minor)) => seen = Some(format!("{name} is {major}.{minor}")),
            None => {}
        }
    }
    let seen = seen.unwrap_or_else(|| "none was found".to_owned());
    Err(Error::new(format!("Python 3.10 or newer is needed ({seen}): install it, for example as python3")))
}

async fn version(python: &Path) -> Option<(u32, u32)> {
    let output = Command::new(python)
        .args(["-c", "import sys; print(*sys.version_info[:2])"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await
        .ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(parse_version("3 9\n"), Some((3, 9)));
        assert!(parse_version("3 9").unwrap() < (3, 10));
        assert!(parse_version("3 14").unwrap() >= (3, 10));
        assert_eq!(parse_version(""), None);
    }

    #[test]
    fn every_requirement_is_pinned() {
        let lines: Vec<&str> = REQUIREMENTS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.iter().all(|line| line.contains("==")), "{lines:?}");
    }
}
