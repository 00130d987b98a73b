//! Installing Baileys, once, under the target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../simulator/tests/baileys");

/// Where the client can run from, or why it cannot.
pub(crate) fn installed() -> Result<PathBuf, String> {
    for tool in ["node", "npm"] {
        let version =
            Command::new(tool).arg("--version").output().ok().filter(|output| output.status.success());
        let Some(version) = version else { return Err(format!("{tool} is not installed")) };
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        let major =
            version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
        if tool == "node" && major.is_none_or(|major| major < 20) {
            return Err(format!("node is {version}"));
        }
    }
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulator-baileys");
    std::fs::create_dir_all(&directory).unwrap();
    // Tests that run at the same time share it, in one process or in several: one installs, the others wait.
    let alone = std::fs::File::create(directory.join("lock")).unwrap();
    alone.lock().unwrap();
    let mut changed = !directory.join("node_modules/baileys").exists();
    for file in ["package.json", "package-lock.json", "client.mjs"] {
        let (from, to) = (Path::new(SOURCE).join(file), directory.join(file));
        let wanted = std::fs::read(from).unwrap();
        if std::fs::read(&to).ok().as_ref() != Some(&wanted) {
            std::fs::write(to, wanted).unwrap();
            changed |= file.starts_with("package");
        }
    }
    if changed {
        let install = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&directory)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        if !install.status.success() {
            let _ = std::fs::remove_dir_all(directory.join("node_modules"));
            let errors = String::from_utf8_lossy(&install.stderr).into_owned();
            return Err(format!(
                "npm could not install Baileys: {}",
                errors.lines().last().unwrap_or_default()
            ));
        }
    }
    Ok(directory)
}
