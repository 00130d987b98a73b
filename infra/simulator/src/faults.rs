//! The faults in force: what becomes of each message, login and upload.

use std::time::Duration;

use wacore_binary::Node;

use crate::account::DeviceRef;
use crate::fault::{Fault, FaultKind};
use crate::stream::Outbound;

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

/// What is to be done with an upload or a download.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MediaVerdict {
    pub(crate) delay: Duration,
    pub(crate) bytes_per_second: Option<u64>,
    /// The status to answer an upload with.
    pub(crate) refuse: Option<u16>,
    pub(crate) cut: Option<Cut>,
}

/// When an upload's connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// After half of the body.
    Half,
    /// After so many bytes of it.
    After(u64),
}

/// The reason of a login refused by a temporary ban, and the usual reason of the ban.
const BANNED_FOR_A_WHILE: u16 = 402;
const TOO_MANY_PEOPLE: u16 = 101;

/// How a login is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoginRefusal {
    pub(crate) reason: u16,
    /// A temporary ban's reason and how long it lasts, in seconds.
    pub(crate) ban: Option<(u16, u64)>,
}

impl LoginRefusal {
    pub(crate) fn with(reason: u16) -> Self {
        Self { reason, ban: None }
    }
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

impl Active {
    fn concerns(&self, device: &DeviceRef) -> bool {
        let fault = &self.fault;
        fault.number == device.number && fault.device.is_none_or(|only| only == device.device)
    }

    fn used_up(&self) -> bool {
        let times = self.fault.times.or(self.fault.kind.usual_times());
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

impl MediaVerdict {
    fn slow(&mut self, fault: &Fault) {
        self.delay += Duration::from_millis(fault.delay_ms.unwrap_or(0));
        self.bytes_per_second = fault.bytes_per_second.or(self.bytes_per_second);
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
            if !kind.is_of_messages() || !active.strikes(from, to) {
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
                _ => Verdict::Pass,
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

    /// What becomes of an upload. All the faults that strike do.
    pub(crate) fn judge_upload(&mut self, from: &DeviceRef) -> MediaVerdict {
        let mut verdict = MediaVerdict::default();
        for active in &mut self.active {
            let kind = active.fault.kind;
            // One upload is refused or cut once: the next fault of that sort is for the next upload.
            let spoiled = verdict.refuse.is_some() || verdict.cut.is_some();
            if !kind.is_of_media() || (spoiled && kind != FaultKind::SlowMedia) {
                continue;
            }
            let to = active.fault.to.clone().unwrap_or_default();
            if !active.strikes(from, &to) {
                continue;
            }
            match kind {
                FaultKind::SlowMedia => verdict.slow(&active.fault),
                FaultKind::RefuseMedia => verdict.refuse = Some(active.fault.code.unwrap_or(500)),
                _ => verdict.cut = Some(active.fault.after_bytes.map_or(Cut::Half, Cut::After)),
            }
        }
        verdict
    }

    /// What becomes of a download: it is slow at most.
    pub(crate) fn judge_download(&self, by: &DeviceRef) -> MediaVerdict {
        let mut verdict = MediaVerdict::default();
        let slow = self.active.iter().filter(|active| active.fault.kind == FaultKind::SlowMedia);
        slow.filter(|active| active.concerns(by)).for_each(|active| verdict.slow(&active.fault));
        verdict
    }

    /// Why a login is refused, if it is.
    pub(crate) fn refuses_login(&mut self, device: &DeviceRef) -> Option<LoginRefusal> {
        let kinds = [FaultKind::RefuseLogin, FaultKind::TemporaryBan];
        let refusing = self.active.iter_mut().find(|active| {
            kinds.contains(&active.fault.kind) && active.concerns(device) && !active.used_up()
        })?;
        refusing.happened += 1;
        let fault = &refusing.fault;
        if fault.kind == FaultKind::RefuseLogin {
            return Some(LoginRefusal::with(fault.code.unwrap_or(401)));
        }
        let ban = (fault.code.unwrap_or(TOO_MANY_PEOPLE), fault.expire_s.unwrap_or(3600));
        Some(LoginRefusal { reason: BANNED_FOR_A_WHILE, ban: Some(ban) })
    }

    /// The error for a client that asks for a code to pair with this number, if it gets none.
    pub(crate) fn refuses_code(&mut self, number: &str) -> Option<u16> {
        let refusing = self.active.iter_mut().find(|active| {
            active.fault.kind == FaultKind::RefuseCode && active.fault.number == number && !active.used_up()
        })?;
        refusing.happened += 1;
        Some(refusing.fault.code.unwrap_or(429))
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
    fn an_upload_is_refused_or_cut_once_by_each_fault_and_slow_besides() {
        let mut faults = Faults::default();
        faults.add(fault(r#"{"kind":"refuse_media","number":"5511999990001","code":413,"times":1}"#));
        faults.add(fault(r#"{"kind":"drop_media","number":"5511999990001","after_bytes":10}"#));
        faults.add(fault(r#"{"kind":"slow_media","number":"5511999990001","delay_ms":5}"#));
        let delay = Duration::from_millis(5);
        let verdicts: Vec<MediaVerdict> = (0..3).map(|_| faults.judge_upload(&sender())).collect();
        let slow = MediaVerdict { delay, ..MediaVerdict::default() };
        let expected = [
            MediaVerdict { refuse: Some(413), ..slow },
            MediaVerdict { cut: Some(Cut::After(10)), ..slow },
            slow,
        ];
        assert_eq!(verdicts, expected);
        assert_eq!(faults.judge(&sender(), "5511999990002"), Verdict::Pass);
        assert_eq!(faults.judge_download(&sender()), slow);
    }

    #[test]
    fn a_login_is_refused_as_often_as_asked() {
        let mut faults = Faults::default();
        faults.add(fault(r#"{"kind":"refuse_login","number":"5511999990001","code":503,"times":1}"#));
        assert_eq!(faults.refuses_login(&sender()), Some(LoginRefusal::with(503)));
        assert_eq!(faults.refuses_login(&sender()), None);
    }
}
