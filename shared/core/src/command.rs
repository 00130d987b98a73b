//! What the queues carry: ids, and numbers of the tenant's own, the truth being in the tables. A lost message can be made again from
//! them, a doubled one does no harm. Only a question to a session ([`ShardCommand::Query`]) has what it asks about in itself: nobody waits
//! for it after [`crate::query::PATIENCE`].

use crate::chat::MessageKey;
use crate::ids::{PairingId, SendId, UserId};
use crate::phone::Phone;
use crate::query::Asked;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Says that a send was accepted: what the `sends` queue carries to `dispatch`. Its group is the sending number, which
/// keeps each number's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendAccepted {
    /// The send.
    pub send_id: SendId,
}

/// Says that a message with a file came: what the `media` queue carries to the function that copies the file into the
/// deployment's bucket, while WhatsApp's servers have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaReceived {
    /// Whose number received it.
    pub user: UserId,
    /// The number.
    pub number: Phone,
    /// The message.
    pub key: MessageKey,
}

/// Says that a number has scheduled sends to be released at that time: what the `wakes` queue carries to the sweeper. They are in
/// the table; however many there are, one alarm tells of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alarm {
    /// When, in whole seconds.
    pub at: Timestamp,
    /// The number.
    pub number: Phone,
}

impl Alarm {
    /// The alarm of a send that is scheduled for that time: the first whole second that is not before it.
    pub fn of(number: &Phone, send_at: Timestamp) -> Self {
        let whole = Timestamp::from_second(send_at.as_second()).unwrap_or(send_at);
        let at = if whole < send_at { whole + SignedDuration::from_secs(1) } else { whole };
        Self { at, number: number.clone() }
    }
}

/// What the owner of a shard is told to do: what the shard queues carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ShardCommand {
    /// Send this send.
    Send {
        /// The number it goes out from.
        number: Phone,
        /// The send.
        send_id: SendId,
    },
    /// Bring the number to what its link says is wanted of it (connected, disconnected, removed).
    Align {
        /// The number.
        number: Phone,
    },
    /// Answer this question, if it is not too late. The question is short-lived and in no table, so the command has it whole.
    Query {
        /// The number that is asked.
        number: Phone,
        /// The question.
        #[serde(flatten)]
        asked: Asked,
    },
    /// Bring a pairing to what it says is wanted of it.
    Pair {
        /// The pairing.
        pairing: PairingId,
    },
    /// Nothing: a task that gives the shard up ends its own receive with it. Whoever receives it deletes it.
    Wake,
}

/// Whom a command is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Addressee {
    /// A number's session.
    Number(Phone),
    /// A pairing, whose number is not known yet.
    Pairing(PairingId),
}

impl ShardCommand {
    /// Whom it is for; `None` for one that is for nobody.
    pub fn addressee(&self) -> Option<Addressee> {
        match self {
            ShardCommand::Send { number, .. }
            | ShardCommand::Align { number }
            | ShardCommand::Query { number, .. } => Some(Addressee::Number(number.clone())),
            ShardCommand::Pair { pairing } => Some(Addressee::Pairing(*pairing)),
            ShardCommand::Wake => None,
        }
    }

    /// Its message group: a number's sends keep their order, and neither control nor a question waits behind them.
    pub fn group(&self) -> String {
        match self {
            ShardCommand::Send { number, .. } => format!("s:{number}"),
            ShardCommand::Align { number } => format!("c:{number}"),
            ShardCommand::Query { number, asked } => format!("q:{number}:{}", asked.id),
            ShardCommand::Pair { pairing } => format!("p:{pairing}"),
            ShardCommand::Wake => "w".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Address;
    use crate::ids::QueryId;
    use crate::query::Query;

    #[test]
    fn an_alarm_is_never_before_what_it_is_for() {
        let number: Phone = "5511988887777".parse().unwrap();
        for (micros, seconds) in [(0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2)] {
            let alarm = Alarm::of(&number, Timestamp::from_microsecond(micros).unwrap());
            assert_eq!(alarm.at.as_second(), seconds, "{micros}");
        }
        let alarm = Alarm { at: Timestamp::UNIX_EPOCH, number };
        let json = r#"{"at":"1970-01-01T00:00:00Z","number":"5511988887777"}"#;
        assert_eq!(serde_json::to_string(&alarm).unwrap(), json);
        assert_eq!(serde_json::from_str::<Alarm>(json).unwrap(), alarm);
    }

    #[test]
    fn the_wire_form_is_stable() {
        let number: Phone = "5511988887777".parse().unwrap();
        let send_id = SendId::from_random([0; 16]);
        let cases = [
            (
                ShardCommand::Send { number: number.clone(), send_id },
                r#"{"kind":"send","number":"5511988887777","send_id":"00000000-0000-4000-8000-000000000000"}"#,
            ),
            (ShardCommand::Align { number: number.clone() }, r#"{"kind":"align","number":"5511988887777"}"#),
            (
                ShardCommand::Query {
                    number: number.clone(),
                    asked: Asked {
                        id: QueryId::from_random([0; 16]),
                        deadline: Timestamp::UNIX_EPOCH,
                        query: Query::About { who: Address::of_phone(&number) },
                    },
                },
                r#"{"kind":"query","number":"5511988887777","id":"00000000-0000-4000-8000-000000000000","deadline":"1970-01-01T00:00:00Z","query":{"ask":"about","who":"5511988887777@s.whatsapp.net"}}"#,
            ),
            (
                ShardCommand::Pair { pairing: PairingId::from_random([0; 16]) },
                r#"{"kind":"pair","pairing":"00000000-0000-4000-8000-000000000000"}"#,
            ),
            (ShardCommand::Wake, r#"{"kind":"wake"}"#),
        ];
        for (command, json) in cases {
            assert_eq!(serde_json::to_string(&command).unwrap(), json);
            assert_eq!(serde_json::from_str::<ShardCommand>(json).unwrap(), command);
        }
    }
}
