//! What only the session of a number can answer, asked through its shard's queue.

use crate::chat::{Address, Group, InviteCode, Person};
use crate::ids::QueryId;
use crate::phone::Phone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// How long an answer is waited for by who asked; a session that comes later does not ask WhatsApp any more.
pub const PATIENCE: SignedDuration = SignedDuration::from_secs(8);
/// For how long an answer can be read.
pub const ANSWER_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// For how long it is believed that a number is on WhatsApp.
pub const VALIDATION_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// For how long it is believed that a number is not on WhatsApp: people join.
pub const ABSENCE_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// For how long a picture is believed to be someone's. WhatsApp's addresses of pictures last for days.
pub const PICTURE_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// A question to a number's session, or something small that it is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Query {
    /// Whether these numbers are on WhatsApp, each in both of its forms. At most 50.
    Validate {
        /// The numbers, as they were asked for.
        numbers: Vec<Phone>,
    },
    /// Whether a person is online now.
    Online {
        /// Who.
        who: Address,
    },
    /// What a person says about themselves.
    About {
        /// Who.
        who: Address,
    },
    /// The picture of a person or a group.
    Picture {
        /// Whose.
        who: Address,
    },
    /// To join a group.
    JoinGroup {
        /// By this invite.
        code: InviteCode,
    },
    /// To leave a group.
    LeaveGroup {
        /// Which.
        group: Address,
    },
    /// What a group is now, from WhatsApp and not from what is stored.
    Group {
        /// Which.
        group: Address,
    },
    /// To tell the people of a chat, and the number's other devices, that it was read.
    MarkRead {
        /// Which.
        chat: Address,
    },
    /// To mark a chat as unread on all devices of the number.
    MarkUnread {
        /// Which.
        chat: Address,
    },
    /// To ask the phone for messages of a chat from before the oldest that is stored. They come as history; the answer says
    /// how many were stored, and they are then read from where they are stored.
    MoreHistory {
        /// Which.
        chat: Address,
        /// How many, at most 50.
        count: u32,
    },
}

/// What a session answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Query::Validate`], in the order that was asked.
    Validated {
        /// One for each number.
        numbers: Vec<Validation>,
    },
    /// To [`Query::Online`].
    Online {
        /// Whether they are; `false` also where they hide it.
        online: bool,
    },
    /// To [`Query::About`].
    About {
        /// The text; `None` where they show none.
        text: Option<String>,
    },
    /// To [`Query::Picture`].
    Picture {
        /// The picture; `None` where they show none.
        picture: Option<Picture>,
    },
    /// To [`Query::JoinGroup`] and [`Query::Group`].
    Group {
        /// The group.
        group: Group,
    },
    /// To [`Query::JoinGroup`], where an administrator has to let the number in first.
    AwaitsApproval {
        /// The group.
        group: Address,
    },
    /// It was done.
    Done,
    /// To [`Query::MoreHistory`].
    History {
        /// How many messages of the chat came and were stored; 0 at the beginning of the chat.
        count: u32,
    },
    /// It could not be answered.
    Failed {
        /// Why.
        why: QueryFailure,
    },
}

impl Query {
    /// The most numbers of one [`Query::Validate`].
    pub const MAX_NUMBERS: usize = 50;
    /// The most messages of one [`Query::MoreHistory`].
    pub const MAX_HISTORY: u32 = 50;

    /// The id under which the latest answer to this question is kept, for the questions whose answers are: the same for everyone
    /// who asks this number the same.
    pub fn memory_id(&self, number: &Phone) -> Option<QueryId> {
        match self {
            Query::Validate { .. } | Query::Picture { .. } => self.derived_id(number, "memory", 0),
            _ => None,
        }
    }

    /// The id of this question when it is asked at that time, for the questions that are worth asking once for everyone who asks
    /// the same within [`PATIENCE`]. What changes something, or what a change shows in, is asked each time.
    pub fn flight_id(&self, number: &Phone, at: Timestamp) -> Option<QueryId> {
        let window = at.as_millisecond().div_euclid(i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX));
        match self {
            Query::Validate { .. } | Query::Picture { .. } | Query::About { .. } | Query::Online { .. } => {
                self.derived_id(number, "flight", window)
            }
            _ => None,
        }
    }

    fn derived_id(&self, number: &Phone, of: &str, window: i64) -> Option<QueryId> {
        let query = serde_json::to_vec(self).ok()?;
        Some(QueryId::derived(&[of.as_bytes(), number.digits().as_bytes(), &window.to_be_bytes(), &query]))
    }
}

impl Answer {
    /// For how long it may be given again, under [`Query::memory_id`]; `None` where it may not.
    pub fn kept_for(&self) -> Option<SignedDuration> {
        match self {
            Answer::Validated { numbers } if numbers.iter().all(|found| found.person.is_some()) => {
                Some(VALIDATION_LIFETIME)
            }
            Answer::Validated { .. } => Some(ABSENCE_LIFETIME),
            Answer::Picture { .. } => Some(PICTURE_LIFETIME),
            _ => None,
        }
    }
}

/// Whether a number is on WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// The number that was asked for.
    pub asked: Phone,
    /// Who it is on WhatsApp, by the number as WhatsApp writes it; `None` when it is not there.
    pub person: Option<Person>,
    /// Whether it is a business.
    pub business: bool,
}

/// A picture of a person or a group. Its addresses are WhatsApp's and open to whoever has them, for some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// WhatsApp's id of it, which changes with the picture.
    pub id: String,
    /// Its address in full size.
    pub url: String,
    /// The address of its small form.
    pub preview_url: Option<String>,
}

/// Why a question was not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum QueryFailure {
    /// The number is not connected.
    NotConnected,
    /// It was too late to ask when the question came, or WhatsApp did not answer in time.
    TimedOut,
    /// There is no such person, group or chat, or the invite is not valid.
    NotFound,
    /// The number may not: it is not in the group, or it was removed from it.
    Forbidden,
    /// WhatsApp refused it.
    Refused {
        /// By this code.
        code: u16,
    },
    /// Something broke on our side.
    Internal,
}

/// A question on its way to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What its answer is found by.
    pub id: QueryId,
    /// After when nobody waits for the answer.
    pub deadline: Timestamp,
    /// The question.
    pub query: Query,
}
