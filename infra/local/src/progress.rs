//! Telling a person what goes on while a long step runs.

use std::io::{IsTerminal, Write};
use std::time::Instant;

/// Where progress goes: to standard error, or nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// One line a step.
    Shown,
    /// Nothing, for tests.
    Hidden,
}

/// A step under way.
#[derive(Debug)]
pub(crate) struct Step {
    progress: Progress,
    began: Instant,
    /// Whether the line waits for its end. Not where the step prints lines of its own.
    open: bool,
}

impl Progress {
    /// A step that prints nothing itself.
    pub(crate) fn step(self, what: &str) -> Step {
        let open = std::io::stderr().is_terminal();
        self.write(&if open { format!("  {what} ... ") } else { format!("  {what} ...\n") });
        Step { progress: self, began: Instant::now(), open }
    }

    /// A step that prints lines of its own, such as a build.
    pub(crate) fn loud_step(self, what: &str) -> Step {
        self.write(&format!("  {what}\n"));
        Step { progress: self, began: Instant::now(), open: false }
    }

    fn write(self, text: &str) {
        if self == Self::Shown {
            let mut stderr = std::io::stderr().lock();
            let _ = stderr.write_all(text.as_bytes());
            let _ = stderr.flush();
        }
    }
}

impl Step {
    /// It is done.
    pub(crate) fn done(mut self) {
        if std::mem::take(&mut self.open) {
            self.progress.write(&format!("{:.1} s\n", self.began.elapsed().as_secs_f64()));
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if self.open {
            self.progress.write("\n");
        }
    }
}
