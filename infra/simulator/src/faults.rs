//! Faults that the admin API injects.

use serde::{Deserialize, Serialize};
use wacore_binary::Node;

use crate::account::DeviceRef;
use crate::stream::Outbound;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The stream breaks without a word. With `after_messages`, after that many messages were relayed and before
    /// the last one is acknowledged; without, at once.
    DropStream,
    /// The server keeps the stream open and says nothing on it any more.
    Stall,
    /// Messages are refused: the ack carries `code` as its error.
    Nack,
    /// The stream ends as if the same device had opened another; timing as `drop_stream`.
    Replaced,
    /// The phone unlinks the device; timing as `drop_stream`.
    LoggedOut,
    /// Messages are relayed and their acks kept back until the faults are deleted.
    HoldAcks,
    /// Each message is delivered twice.
    Duplicate,
    /// Messages arrive so that nobody can decrypt them, and have to be asked for again.
    Garble,
    /// Logins are refused with `code` as the reason (401 by default, 403 for a ban, 503 for a busy server).
    RefuseLogin,
}

/// A fault in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Whose clients it concerns.
    pub number: String,
    /// Only this device of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<u16>,
    /// Only messages to this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The error code, for the kinds that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// How many messages pass first.
    #[serde(default)]
    pub after_messages: u64,
    /// How often it happens; for ever when absent (once for the kinds that end a stream).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Refuse(u16),
    Duplicate,
    Garble,
    HoldAck,
    Drop,
    Replaced,
    LoggedOut,
}

/// The faults in force, and the acks that they hold back.
#[derive(Default)]
pub(crate) struct Faults {
    active: Vec<Active>,
    held: Vec<(Outbound, Node)>,
}

struct Active {
    fault: Fault,
    messages: u64,
    happened: u64,
}

impl FaultKind {
    /// Whether it ends a stream.
    pub(crate) fn ends_stream(self) -> bool {
        matches!(self, Self::DropStream | Self::Replaced | Self::LoggedOut)
    }
}

impl Active {
    fn concerns(&self, device: &DeviceRef) -> bool {
        let fault = &self.fault;
        fault.number == device.number && fault.device.is_none_or(|only| only == device.device)
    }

    fn used_up(&self) -> bool {
        let times = self.fault.times.or(self.fault.kind.ends_stream().then_some(1));
        times.is_some_and(|times| self.happened >= times)
    }

    /// Counts a message, and says whether the fault happens to it.
    fn strikes(&mut self, from: &DeviceRef, to: &str) -> bool {
        let elsewhere = self.fault.to.as_deref().is_some_and(|only| only != to);
        if elsewhere || !self.concerns(from) || self.used_up() {
            return false;
        }
        self.messages += 1;
        // A stream ends on the last of the messages that pass; the other kinds start with the one after.
        let due = match self.fault.kind.ends_stream() {
            true => self.messages >= self.fault.after_messages.max(1),
            false => self.messages > self.fault.after_messages,
        };
        if due {
            self.happened += 1;
            self.messages = if self.fault.kind.ends_stream() { 0 } else { self.messages };
        }
        due
    }
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.active.push(Active { fault, messages: 0, happened: 0 });
    }

    /// The faults that can still happen.
    pub(crate) fn list(&self) -> Vec<Fault> {
        self.active.iter().filter(|active| !active.used_up()).map(|active| active.fault.clone()).collect()
    }

    /// Ends all faults and lets the held acks go.
    pub(crate) fn clear(&mut self) {
        self.active.clear();
        for (outbound, ack) in self.held.drain(..) {
            outbound.stanza(&ack);
        }
    }

    /// What becomes of a message from a client. The first fault that strikes decides.
    pub(crate) fn judge(&mut self, from: &DeviceRef, to: &str) -> Verdict {
        for active in &mut self.active {
            let kind = active.fault.kind;
            if matches!(kind, FaultKind::Stall | FaultKind::RefuseLogin) || !active.strikes(from, to) {
                continue;
            }
            return match kind {
                FaultKind::Nack => Verdict::Refuse(active.fault.code.unwrap_or(479)),
                FaultKind::Duplicate => Verdict::Duplicate,
                FaultKind::Garble => Verdict::Garble,
                FaultKind::HoldAcks => Verdict::HoldAck,
                FaultKind::DropStream => Verdict::Drop,
                FaultKind::Replaced => Verdict::Replaced,
                FaultKind::LoggedOut => Verdict::LoggedOut,
                FaultKind::Stall | FaultKind::RefuseLogin => Verdict::Pass,
            };
        }
        Verdict::Pass
    }

    /// Keeps an ack back.
    pub(crate) fn hold(&mut self, outbound: &Outbound, ack: Node) {
        self.held.push((outbound.clone(), ack));
    }

    /// Whether the server is silent towards a device.
    pub(crate) fn stalls(&self, device: &DeviceRef) -> bool {
        self.active.iter().any(|active| active.fault.kind == FaultKind::Stall && active.concerns(device))
    }

    /// The reason to refuse a login, if one is in force.
    pub(crate) fn refuses_login(&mut self, device: &DeviceRef) -> Option<u16> {
        let refusing = self.active.iter_mut().find(|active| {
            active.fault.kind == FaultKind::RefuseLogin && active.concerns(device) && !active.used_up()
        })?;
        refusing.happened += 1;
        Some(refusing.fault.code.unwrap_or(401))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(json: &str) -> Fault {
        serde_json::from_str(json).unwrap()
    }

    fn sender() -> DeviceRef {
        DeviceRef { number: "5511999990001".to_owned(), device: 1 }
    }

    fn verdicts(fault: Fault, count: usize) -> Vec<Verdict> {
        let mut faults = Faults::default();
        faults.add(fault);
        (0..count).map(|_| faults.judge(&sender(), "5511999990002")).collect()
    }

    #[test]
    fn a_stream_drops_once_on_the_last_message_that_passes() {
        let drop = fault(r#"{"kind":"drop_stream","number":"5511999990001","after_messages":2}"#);
        assert_eq!(verdicts(drop, 4), [Verdict::Pass, Verdict::Drop, Verdict::Pass, Verdict::Pass]);
    }

    #[test]
    fn a_nack_starts_after_its_messages_and_ends_after_its_times() {
        let nack =
            fault(r#"{"kind":"nack","number":"5511999990001","code":463,"after_messages":1,"times":2}"#);
        let refused = Verdict::Refuse(463);
        assert_eq!(verdicts(nack, 4), [Verdict::Pass, refused, refused, Verdict::Pass]);
    }

    #[test]
    fn others_are_not_concerned() {
        let nack = fault(r#"{"kind":"nack","number":"5511999990001","to":"5511999990009"}"#);
        assert_eq!(verdicts(nack, 1), [Verdict::Pass]);
        let nack = fault(r#"{"kind":"nack","number":"5511999990001","device":7}"#);
        assert_eq!(verdicts(nack, 1), [Verdict::Pass]);
    }

    #[test]
    fn a_login_is_refused_as_often_as_asked() {
        let mut faults = Faults::default();
        faults.add(fault(r#"{"kind":"refuse_login","number":"5511999990001","code":503,"times":1}"#));
        assert_eq!(faults.refuses_login(&sender()), Some(503));
        assert_eq!(faults.refuses_login(&sender()), None);
    }
}
