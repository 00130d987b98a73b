//! What can go wrong, as the dice decide it.

use carteiro_local::{Dice, FailingCalls, Rates, Way};
use std::time::Duration;

/// What a task can be cut off from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// DynamoDB.
    Dynamo,
    /// SQS.
    Sqs,
    /// S3.
    S3,
    /// WhatsApp.
    WhatsApp,
}

/// One fault. Tasks and numbers are by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL, and a new process after a while.
    Kill(usize, Duration),
    /// SIGTERM, and a new process: a deployment.
    Replace(usize),
    /// SIGSTOP, and SIGCONT after a while.
    Freeze(usize, Duration),
    /// A way is cut, and mended after a while.
    Cut(usize, Cut, Way, Duration),
    /// A clock jumps by so many seconds.
    Clock(usize, i64),
    /// AWS is in trouble for a while: requests of the functions and the tasks fail, and may be made again.
    Aws(Rates, Duration),
    /// A task's calls to AWS fail for a while, whatever it tries.
    Calls(usize, FailingCalls, Duration),
    /// A number's stream breaks, after so many more messages.
    Drop(usize, u64),
    /// WhatsApp refuses a number's next message.
    Nack(usize),
    /// WhatsApp delivers a number's next message twice.
    Twice(usize),
}

/// How long a task may be cut off or stand still, in milliseconds: from nothing that anybody notices to twice a lease.
const SPELL: (u64, u64) = (500, 16_000);

impl Fault {
    /// The next fault of a fleet of so many tasks and numbers.
    pub fn next(dice: &mut Dice, tasks: usize, numbers: usize) -> Self {
        let below = |dice: &mut Dice, count: usize| {
            usize::try_from(dice.below(u64::try_from(count).unwrap_or(1))).unwrap_or(0)
        };
        let (task, number) = (below(dice, tasks), below(dice, numbers));
        let spell = Duration::from_millis(dice.between(SPELL.0, SPELL.1));
        match dice.below(100) {
            0..12 => Self::Kill(task, spell / 4),
            12..20 => Self::Replace(task),
            20..30 => Self::Freeze(task, if dice.below(4) == 0 { Duration::from_secs(30) } else { spell }),
            30..54 => {
                let cut = [Cut::Dynamo, Cut::Sqs, Cut::WhatsApp, Cut::S3][below(dice, 4)];
                let way = if dice.below(2) == 0 { Way::Silent } else { Way::Broken };
                Self::Cut(task, cut, way, spell)
            }
            54..60 => Self::Clock(task, [3_600, -3_600, 0][below(dice, 3)]),
            60..70 => Self::Aws(rates(dice), spell),
            70..75 => Self::Calls(task, failing_calls(dice), spell),
            75..87 => Self::Drop(number, dice.below(3)),
            87..95 => Self::Nack(number),
            _ => Self::Twice(number),
        }
    }

    /// The task that it is about, where it is about one.
    pub fn task(&self) -> Option<usize> {
        match *self {
            Self::Kill(task, _)
            | Self::Replace(task)
            | Self::Freeze(task, _)
            | Self::Cut(task, ..)
            | Self::Clock(task, _)
            | Self::Calls(task, ..) => Some(task),
            Self::Aws(..) | Self::Drop(..) | Self::Nack(_) | Self::Twice(_) => None,
        }
    }

    /// What kind it is, for the report.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Kill(..) => "killed",
            Self::Replace(_) => "replaced",
            Self::Freeze(..) => "frozen",
            Self::Cut(_, Cut::Dynamo, ..) => "cut off from DynamoDB",
            Self::Cut(_, Cut::Sqs, ..) => "cut off from SQS",
            Self::Cut(_, Cut::S3, ..) => "cut off from S3",
            Self::Cut(_, Cut::WhatsApp, ..) => "cut off from WhatsApp",
            Self::Clock(..) => "clock moved",
            Self::Aws(..) => "AWS in trouble",
            Self::Calls(..) => "calls to AWS fail",
            Self::Drop(..) => "stream dropped",
            Self::Nack(_) => "message refused",
            Self::Twice(_) => "message delivered twice",
        }
    }
}

fn rates(dice: &mut Dice) -> Rates {
    let mut rate = |most| u8::try_from(dice.below(most)).unwrap_or(0);
    Rates {
        throttled: rate(12),
        failed: rate(8),
        denied: rate(6),
        lost: rate(8),
        slow: rate(10),
        doubled: rate(60),
        overtaken: rate(60),
    }
}

fn failing_calls(dice: &mut Dice) -> FailingCalls {
    let mut rate = |most| u8::try_from(dice.below(most)).unwrap_or(0);
    FailingCalls { throttled: rate(15), failed: rate(10), denied: rate(10), timed_out: rate(10) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_makes_the_same_faults_again_and_every_kind_of_them() {
        let faults = |seed| {
            let mut dice = Dice::new(seed);
            (0..500).map(|_| Fault::next(&mut dice, 3, 50)).collect::<Vec<_>>()
        };
        assert_eq!(faults(1), faults(1));
        assert_ne!(faults(1), faults(2));
        let kinds: BTreeSet<&str> = faults(1).iter().map(Fault::kind).collect();
        assert_eq!(kinds.len(), 13, "{kinds:?}");
        assert!(faults(1).iter().all(|fault| fault.task().is_none_or(|task| task < 3)));
    }
}
