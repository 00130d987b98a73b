//! What the queues carry: ids only, the truth being in the tables. A lost or doubled message can be made again from them.

use crate::ids::SendId;
use crate::phone::Phone;
use serde::{Deserialize, Serialize};

/// Says that a send was accepted: what the `sends` queue carries to `dispatch`. Its group is the sending number, which
/// keeps each number's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendAccepted {
    /// The send.
    pub send_id: SendId,
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
}

impl ShardCommand {
    /// The number that it is about.
    pub fn number(&self) -> &Phone {
        match self {
            ShardCommand::Send { number, .. } | ShardCommand::Align { number } => number,
        }
    }

    /// Its message group: a number's sends keep their order, and control never waits behind them.
    pub fn group(&self) -> String {
        match self {
            ShardCommand::Send { number, .. } => format!("s:{number}"),
            ShardCommand::Align { number } => format!("c:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_stable() {
        let number: Phone = "5511988887777".parse().unwrap();
        let send_id = SendId::from_random([0; 16]);
        let cases = [
            (
                ShardCommand::Send { number: number.clone(), send_id },
                r#"{"kind":"send","number":"5511988887777","send_id":"00000000-0000-4000-8000-000000000000"}"#,
            ),
            (ShardCommand::Align { number }, r#"{"kind":"align","number":"5511988887777"}"#),
        ];
        for (command, json) in cases {
            assert_eq!(serde_json::to_string(&command).unwrap(), json);
            assert_eq!(serde_json::from_str::<ShardCommand>(json).unwrap(), command);
        }
    }
}
