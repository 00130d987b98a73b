//! One process of the system.

use super::{Reaper, log};
use crate::error::{Error, While};
use rustix::process::{Pid, Signal, kill_process_group};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;

/// A process that runs, or has ended, with the group it leads.
#[derive(Debug)]
pub struct Part {
    name: &'static str,
    log: PathBuf,
    group: Pid,
    reaper: Arc<Reaper>,
    ended: watch::Receiver<Option<ExitStatus>>,
}

impl Part {
    /// Starts `command` with its output appended to `log`.
    pub(crate) fn start(
        name: &'static str,
        mut command: Command,
        log: &Path,
        reaper: &Arc<Reaper>,
    ) -> Result<Self, Error> {
        command.stdout(Stdio::from(log::open(log)?)).stderr(Stdio::from(log::open(log)?));
        Ok(Self::spawn(name, command, log, reaper)?.0)
    }

    /// Starts `command` and hands back its standard output; its errors are appended to `log`.
    pub(crate) fn start_piped(
        name: &'static str,
        mut command: Command,
        log: &Path,
        reaper: &Arc<Reaper>,
    ) -> Result<(Self, ChildStdout), Error> {
        command.stdout(Stdio::piped()).stderr(Stdio::from(log::open(log)?));
        let (part, stdout) = Self::spawn(name, command, log, reaper)?;
        Ok((part, stdout.ok_or_else(|| Error::new(format!("{name} has no output to read")))?))
    }

    /// Starts `command` and hands back its standard output; its errors are shown as they come.
    pub(crate) fn start_shown(
        name: &'static str,
        mut command: Command,
        reaper: &Arc<Reaper>,
    ) -> Result<(Self, ChildStdout), Error> {
        command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        let (part, stdout) = Self::spawn(name, command, Path::new("the terminal"), reaper)?;
        Ok((part, stdout.ok_or_else(|| Error::new(format!("{name} has no output to read")))?))
    }

    fn spawn(
        name: &'static str,
        mut command: Command,
        log: &Path,
        reaper: &Arc<Reaper>,
    ) -> Result<(Self, Option<ChildStdout>), Error> {
        command.stdin(Stdio::null()).process_group(0);
        let mut child = command.spawn().or_cannot(format!("start {name}"))?;
        let id = child.id().unwrap_or_default();
        let group = i32::try_from(id)
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| Error::new(format!("{name} ended as it started")))?;
        reaper.add(id);
        let stdout = child.stdout.take();
        let (tell, ended) = watch::channel(None);
        tokio::spawn(async move {
            // An error here means that the process is gone and was waited for already.
            let status = child.wait().await.unwrap_or_default();
            let _ = tell.send(Some(status));
        });
        Ok((Self { name, log: log.to_owned(), group, reaper: Arc::clone(reaper), ended }, stdout))
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    /// Whether it still runs.
    pub fn runs(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Waits until it has ended, by itself or otherwise.
    pub async fn ended(&self) -> ExitStatus {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await {
            Ok(status) => status.unwrap_or_default(),
            Err(_) => ExitStatus::default(),
        }
    }

    /// The line for a part that ended though nobody asked it to.
    pub fn crash(&self, status: ExitStatus) -> Error {
        let said = log::last_line(&self.log).map(|line| format!("; it said: {line}")).unwrap_or_default();
        Error::new(format!(
            "{} ended by itself ({status}){said}; its log is {}",
            self.name,
            self.log.display()
        ))
    }

    /// SIGTERM, and SIGKILL for what is left of its group after `grace`. Returns when it is gone.
    pub async fn stop(&self, grace: Duration) {
        if self.runs() {
            let _ = kill_process_group(self.group, Signal::TERM);
            let _ = timeout(grace, self.ended()).await;
        }
        self.kill().await;
    }

    /// SIGSTOP to the whole group: it stands still until [`Part::thaw`], or until it is killed.
    pub fn freeze(&self) {
        let _ = kill_process_group(self.group, Signal::STOP);
    }

    /// SIGCONT to the whole group.
    pub fn thaw(&self) {
        if self.runs() {
            let _ = kill_process_group(self.group, Signal::CONT);
        }
    }

    /// SIGKILL to the whole group, with no chance to finish anything. Returns when the process is gone.
    pub async fn kill(&self) {
        let _ = kill_process_group(self.group, Signal::KILL);
        self.ended().await;
        self.reaper.remove(self.id());
    }
}
