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
