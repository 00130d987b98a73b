//! The reaper: a small shell that outlives this program and ends what it left behind, even after a SIGKILL.

use crate::error::{Error, While};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

const SCRIPT: &str = include_str!("reaper.sh");

/// Knows the process groups that are to end with this program.
#[derive(Debug)]
pub struct Reaper {
    child: Mutex<Option<Child>>,
    commands: Mutex<Option<ChildStdin>>,
}

impl Reaper {
    /// Starts the shell.
    pub fn start() -> Result<Arc<Self>, Error> {
        let mut child = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .or_cannot("start sh, which this needs to end its processes")?;
        let commands = child.stdin.take();
        Ok(Arc::new(Self { child: Mutex::new(Some(child)), commands: Mutex::new(commands) }))
    }

    /// This group is to end with this program.
    pub(crate) fn add(&self, group: u32) {
        self.tell("add", group);
    }

    /// This group has ended.
    pub(crate) fn remove(&self, group: u32) {
        self.tell("del", group);
    }

    /// Kills every group that is left, and returns when that is done.
    pub(crate) async fn kill(&self) {
        if let Some(pipe) = self.commands.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            let _ = writeln!(pipe, "now 0");
        }
        self.finish().await;
    }

    fn tell(&self, word: &str, group: u32) {
        // A shell that is gone cannot be told; the parts are still ended one by one by `Part::stop`.
        if let Some(pipe) = self.commands.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            let _ = writeln!(pipe, "{word} {group}");
        }
    }

    /// Ends every group that is left, newest first, and returns when that is done: 10 s each at most.
    pub async fn finish(&self) {
        drop(self.commands.lock().unwrap_or_else(PoisonError::into_inner).take());
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut child) = child {
            let _ = tokio::task::spawn_blocking(move || child.wait()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Part;
    use std::time::Duration;

    fn stubborn() -> tokio::process::Command {
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", "trap '' TERM; while :; do sleep 1; done"]);
        command
    }

    async fn started(command: tokio::process::Command, reaper: &Arc<Reaper>) -> (Part, std::path::PathBuf) {
        let log =
            std::env::temp_dir().join(format!("carteiro-reaper-{}-{:p}.log", std::process::id(), reaper));
        (Part::start("a part", command, &log, reaper).unwrap(), log)
    }

    #[tokio::test]
    async fn what_is_left_ends_with_the_program() {
        let reaper = Reaper::start().unwrap();
        let mut command = tokio::process::Command::new("sleep");
        command.arg("600");
        let (part, log) = started(command, &reaper).await;
        assert!(part.runs());
        reaper.finish().await;
        tokio::time::timeout(Duration::from_secs(40), part.ended()).await.unwrap();
        std::fs::remove_file(log).unwrap();
    }

    #[tokio::test]
    async fn a_part_that_does_not_listen_is_killed() {
        let reaper = Reaper::start().unwrap();
        let (part, log) = started(stubborn(), &reaper).await;
        reaper.kill().await;
        tokio::time::timeout(Duration::from_secs(40), part.ended()).await.unwrap();
        std::fs::remove_file(log).unwrap();
    }

    #[tokio::test]
    async fn a_part_is_stopped_with_its_group() {
        let reaper = Reaper::start().unwrap();
        let (part, log) = started(stubborn(), &reaper).await;
        part.stop(Duration::from_millis(50)).await;
        assert!(!part.runs());
        std::fs::remove_file(log).unwrap();
    }
}
