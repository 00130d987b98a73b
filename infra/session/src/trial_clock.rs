//! A clock that is off, for trials and tests: what a machine whose clock jumps does to the task.

use carteiro_core::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;
use std::sync::Arc;

/// A clock that is as many seconds off another one as a file says, at each moment; right while there is none.
pub struct TrialClock {
    right: Arc<dyn Clock>,
    file: PathBuf,
}

impl TrialClock {
    /// A clock beside `right`.
    pub fn new(right: Arc<dyn Clock>, file: PathBuf) -> Self {
        Self { right, file }
    }
}

impl Clock for TrialClock {
    fn now(&self) -> Timestamp {
        let now = self.right.now();
        let off = std::fs::read_to_string(&self.file).ok().and_then(|text| text.trim().parse().ok());
        now.checked_add(SignedDuration::from_secs(off.unwrap_or(0))).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            "2026-01-01T12:00:00Z".parse().unwrap()
        }
    }

    #[test]
    fn is_off_by_what_the_file_says_now() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("clock");
        let clock = TrialClock::new(Arc::new(Noon), file.clone());
        assert_eq!(clock.now(), Noon.now());
        for (text, hour) in [("3600", "13"), ("-3600\n", "11"), ("soon", "12")] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(clock.now().to_string(), format!("2026-01-01T{hour}:00:00Z"));
        }
    }
}
