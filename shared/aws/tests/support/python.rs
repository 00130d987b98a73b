//! A Python environment with the emulated AWS in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is installed: the same as for a local run of the whole system.
const REQUIREMENTS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/local/requirements.txt"));
const CANDIDATES: [&str; 6] =
    ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// The interpreter of the environment, made on first use in the folder that Cargo gives tests. Test runs at once take turns.
pub(super) fn interpreter() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock = File::create(home.join("aws-venv.lock")).expect("a lock file");
    lock.lock().expect("the lock of the environment");
    let venv = home.join("aws-venv");
    let python = venv.join("bin/python");
    let stamp = venv.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS)
        && version(&python).is_some()
    {
        return python;
    }
    let system = CANDIDATES
        .iter()
        .map(Path::new)
        .find(|candidate| version(candidate) >= Some((3, 10)))
        .expect("Python 3.10 or newer is needed: install it, for example as python3");
    run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&venv));
    let requirements = home.join("aws-requirements.txt");
    fs::write(&requirements, REQUIREMENTS).expect("a file of requirements");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r"];
    run(Command::new(&python).args(pip).arg(&requirements));
    fs::write(stamp, REQUIREMENTS).expect("a note of what is installed");
    python
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().expect("a command that starts");
    assert!(
        output.status.success(),
        "{command:?} failed (on Debian and Ubuntu the package python3-venv may be missing): {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn version(python: &Path) -> Option<(u32, u32)> {
    let output = Command::new(python)
        .args(["-c", "import sys; print(*sys.version_info[:2])"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
