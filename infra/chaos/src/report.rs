//! What a run came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What was done, what came of it, and what is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What decided it.
    pub seed: u64,
    /// How many faults there were, by kind.
    pub faults: BTreeMap<&'static str, u32>,
    /// How many requests to AWS met trouble.
    pub troubled: u64,
    /// How many numbers there were.
    pub numbers: usize,
    /// How many sends were accepted.
    pub accepted: usize,
    /// How many of them are at their recipients.
    pub delivered: usize,
    /// How many failed, by reason.
    pub failed: BTreeMap<String, u32>,
    /// How many messages numbers received.
    pub received: usize,
    /// How many events were told.
    pub events: usize,
    /// How many of them Carteiro's own log has.
    pub logged: usize,
    /// How many requests that took.
    pub requests: u64,
    /// How often a device changed hands.
    pub takeovers: usize,
    /// How many messages arrived after their device had changed hands, and were written before: held by a cut network, and dropped by WhatsApp.
    pub late: usize,
    /// How long the faults took, and how long it was then until all was settled.
    pub times: (Duration, Duration),
    /// What must not be.
    pub violations: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        writeln!(
            f,
            "{} faults in {} s, settled {} s later; {} requests to AWS met trouble; {} takeovers; {} messages of an owner arrived after its time",
            self.faults.values().sum::<u32>(),
            self.times.0.as_secs(),
            self.times.1.as_secs(),
            self.troubled,
            self.takeovers,
            self.late
        )?;
        for (kind, count) in &self.faults {
            writeln!(f, "  {count:>5}  {kind}")?;
        }
        let failed: u32 = self.failed.values().sum();
        writeln!(
            f,
            "{} numbers: {} sends accepted, {} delivered, {failed} failed {:?}; {} messages received; {} events told in {} requests, {} in the log",
            self.numbers,
            self.accepted,
            self.delivered,
            self.failed,
            self.received,
            self.events,
            self.requests,
            self.logged
        )?;
        match self.violations.as_slice() {
            [] => writeln!(f, "nothing was lost, doubled or out of order"),
            violations => {
                writeln!(f, "{} VIOLATIONS", violations.len())?;
                violations.iter().try_for_each(|violation| writeln!(f, "  {violation}"))
            }
        }
    }
}
