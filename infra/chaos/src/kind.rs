//! The kinds of faults.

use crate::fault::Cut;
use carteiro_local::Dice;

/// What happens, whomever it befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A task is killed.
    Kill,
    /// A task ends in order, and another process takes its place.
    Replace,
    /// A task stands still.
    Freeze,
    /// A task is cut off from something.
    Cut(Cut),
    /// A task's clock jumps.
    Clock,
    /// AWS is in trouble.
    Aws,
    /// A task's calls to AWS fail.
    Calls,
    /// A number's stream breaks.
    Drop,
    /// WhatsApp refuses a message.
    Nack,
    /// WhatsApp delivers a message twice.
    Twice,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Kill,
        Self::Replace,
        Self::Freeze,
        Self::Cut(Cut::Dynamo),
        Self::Cut(Cut::Sqs),
        Self::Cut(Cut::S3),
        Self::Cut(Cut::WhatsApp),
        Self::Clock,
        Self::Aws,
        Self::Calls,
        Self::Drop,
        Self::Nack,
        Self::Twice,
    ];

    /// Any of them, some more often than others.
    pub(crate) fn any(dice: &mut Dice) -> Self {
        match dice.below(100) {
            0..12 => Self::Kill,
            12..20 => Self::Replace,
            20..30 => Self::Freeze,
            30..36 => Self::Cut(Cut::Dynamo),
            36..42 => Self::Cut(Cut::Sqs),
            42..48 => Self::Cut(Cut::S3),
            48..54 => Self::Cut(Cut::WhatsApp),
            54..60 => Self::Clock,
            60..70 => Self::Aws,
            70..75 => Self::Calls,
            75..87 => Self::Drop,
            87..95 => Self::Nack,
            _ => Self::Twice,
        }
    }

    /// As the report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "killed",
            Self::Replace => "replaced",
            Self::Freeze => "frozen",
            Self::Cut(Cut::Dynamo) => "cut off from DynamoDB",
            Self::Cut(Cut::Sqs) => "cut off from SQS",
            Self::Cut(Cut::S3) => "cut off from S3",
            Self::Cut(Cut::WhatsApp) => "cut off from WhatsApp",
            Self::Clock => "clock moved",
            Self::Aws => "AWS in trouble",
            Self::Calls => "calls to AWS fail",
            Self::Drop => "stream dropped",
            Self::Nack => "message refused",
            Self::Twice => "message delivered twice",
        }
    }
}
