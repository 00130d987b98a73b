//! What can go wrong, as the dice decide it.

use crate::kind::Kind;
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

/// How long what lasts lasts at least, in milliseconds: too short for anybody to notice.
const LEAST: u64 = 500;

/// The code that WhatsApp refuses messages with.
pub(crate) const REFUSAL: u16 = 479;

impl Fault {
    /// A fault of this kind in a fleet of so many tasks and numbers. It lasts no longer than `longest`, except that a task may stand still
    /// for twice as long.
    pub fn of(kind: Kind, dice: &mut Dice, tasks: usize, numbers: usize, longest: Duration) -> Self {
        let below = |dice: &mut Dice, count: usize| {
            usize::try_from(dice.below(u64::try_from(count).unwrap_or(1))).unwrap_or(0)
        };
        let (task, number) = (below(dice, tasks), below(dice, numbers));
        let most = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        let spell = Duration::from_millis(dice.between(LEAST, most));
        match kind {
            Kind::Kill => Self::Kill(task, spell / 4),
            Kind::Replace => Self::Replace(task),
            Kind::Freeze => Self::Freeze(task, if dice.below(4) == 0 { longest * 2 } else { spell }),
            Kind::Cut(cut) => {
                let way = if dice.below(2) == 0 { Way::Silent } else { Way::Broken };
                Self::Cut(task, cut, way, spell)
            }
            Kind::Clock => Self::Clock(task, [3_600, -3_600, 0][below(dice, 3)]),
            Kind::Aws => Self::Aws(rates(dice), spell),
            Kind::Calls => Self::Calls(task, failing_calls(dice), spell),
            Kind::Drop => Self::Drop(number, dice.below(3)),
            Kind::Nack => Self::Nack(number),
            Kind::Twice => Self::Twice(number),
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

    /// Of what kind it is.
    pub fn kind(&self) -> Kind {
        match *self {
            Self::Kill(..) => Kind::Kill,
            Self::Replace(_) => Kind::Replace,
            Self::Freeze(..) => Kind::Freeze,
            Self::Cut(_, cut, ..) => Kind::Cut(cut),
            Self::Clock(..) => Kind::Clock,
            Self::Aws(..) => Kind::Aws,
            Self::Calls(..) => Kind::Calls,
            Self::Drop(..) => Kind::Drop,
            Self::Nack(_) => Kind::Nack,
            Self::Twice(_) => Kind::Twice,
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
