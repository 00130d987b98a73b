//! What a session task's calls to AWS come to in spite of the SDK's retries, as its interceptor reads it.

use std::fmt;

/// How many of a hundred calls come to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailingCalls {
    /// Throttled at every try; nothing is done.
    pub throttled: u8,
    /// Failed at every try; nothing is done.
    pub failed: u8,
    /// Done at every try, and answered with a failure.
    pub denied: u8,
    /// Done, and no answer in time.
    pub timed_out: u8,
}

impl fmt::Display for FailingCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { throttled, failed, denied, timed_out } = self;
        write!(f, "throttled={throttled} failed={failed} denied={denied} timed_out={timed_out}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_the_task_reads_it() {
        let calls = FailingCalls { throttled: 1, failed: 2, denied: 3, timed_out: 4 };
        assert_eq!(calls.to_string(), "throttled=1 failed=2 denied=3 timed_out=4");
    }
}
