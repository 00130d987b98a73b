//! What must be true at the end, whatever went wrong.

use crate::api::Api;
use crate::fault::REFUSAL;
use crate::heard::Heard;
use crate::kind::Kind;
use crate::lane::Lane;
use crate::report::Report;
use crate::settled::{Fate, message_id};
use carteiro_local::{Error, Fleet};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// The devices of the load's numbers, as the simulator has them.
pub(crate) async fn devices(api: &Api, lanes: &[Arc<Lane>]) -> Result<BTreeMap<String, Vec<Value>>, Error> {
    let answer = api.admin("GET", "/admin/devices", None).await?;
    let mut own: BTreeMap<String, Vec<Value>> =
        lanes.iter().map(|lane| (lane.worker.clone(), Vec::new())).collect();
    for device in answer["devices"].as_array().into_iter().flatten() {
        if let Some(devices) = device["number"].as_str().and_then(|number| own.get_mut(number)) {
            devices.push(device.clone());
        }
    }
    Ok(own)
}

/// The reason of a send that a fault has WhatsApp refuse.
fn refusal() -> String {
    format!("WHATSAPP_{REFUSAL}")
}

/// One number: its sends are at their recipient once and in order, or were refused as a fault wanted; what came to it was told in order.
pub(crate) async fn of_lane(
    api: &Api,
    lane: &Lane,
    fates: &BTreeMap<String, Fate>,
    heard: &Heard,
    report: &mut Report,
) -> Result<(), Error> {
    let worker = &lane.worker;
    report.violations.extend(lane.refused().map(|error| error.to_string()));
    let mut sends = Vec::new();
    for (id, text) in lane.sent() {
        let fate = fates.get(&id).cloned().unwrap_or_else(|| Fate::Pending("unknown".to_owned()));
        report.accepted += 1;
        match &fate {
            Fate::Delivered => report.delivered += 1,
            Fate::Failed(reason) => *report.failed.entry(reason.clone()).or_default() += 1,
            Fate::Pending(_) => {}
        }
        sends.push((id, text, fate));
    }
    let messages = api.messages(&lane.contact).await?;
    let text = |message: &Value| {
        let text = message["text"].as_str().or_else(|| message["media"]["caption"].as_str());
        text.unwrap_or("unreadable").to_owned()
    };
    let wrong = of_sends(&sends, messages.iter().map(text).collect());
    report.violations.extend(wrong.into_iter().map(|wrong| format!("{worker}: {wrong}")));
    let unreadable = messages.iter().filter(|message| message["undecryptable"] != 0).count();
    if unreadable > 0 {
        report.violations.push(format!("{worker}: {unreadable} messages could not be decrypted"));
    }
    let written = lane.written();
    report.received += written.len();
    let none = Vec::new();
    let of = heard.numbers.get(worker);
    if let Some(wrong) = difference(&written, of.map_or(&none, |of| &of.received)) {
        report.violations.push(format!("{worker}: what was told of messages that came: {wrong}"));
    }
    for (id, _) in lane.sent() {
        let acks = of.and_then(|of| of.acks.get(&message_id(&id))).cloned().unwrap_or_default();
        if fates.get(&id) == Some(&Fate::Delivered) && !acks.contains(&2) {
            report.violations.push(format!("{worker}: that {id} was delivered was not told"));
        }
        if !acks.is_sorted() {
            report.violations.push(format!("{worker}: {id} was told to go back: {acks:?}"));
        }
    }
    if of.is_some_and(|of| of.qr) {
        report.violations.push(format!("{worker}: a new QR was told"));
    }
    Ok(())
}

/// No more sends were refused than faults wanted: each has one message refused.
pub(crate) fn of_refusals(report: &mut Report) {
    let refused = report.failed.get(&refusal()).copied().unwrap_or_default();
    let wanted = report.faults.get(Kind::Nack.name()).copied().unwrap_or_default();
    if refused > wanted {
        report.violations.push(format!("{refused} sends were refused, and the faults wanted {wanted}"));
    }
}

/// The devices: none was paired anew, none was in two hands, no key was used twice.
pub(crate) async fn of_devices(
    api: &Api,
    before: &BTreeMap<String, Vec<Value>>,
    after: &BTreeMap<String, Vec<Value>>,
    fleet: &Fleet,
    report: &mut Report,
) -> Result<(), Error> {
    let ids = |devices: &[Value]| devices.iter().map(|one| one["device"].clone()).collect::<Vec<_>>();
    for (worker, devices) in after {
        let was = before.get(worker).map(|devices| ids(devices)).unwrap_or_default();
        if ids(devices) != was {
            report.violations.push(format!("{worker}: was paired anew"));
        }
        let hands = devices.iter().filter_map(|one| one["holders"].as_array()).map(Vec::len);
        report.takeovers += hands.map(|hands| hands.saturating_sub(1)).sum::<usize>();
    }
    let stats = api.admin("GET", "/admin/stats", None).await?;
    let found = |counter: &str| stats["stats"][counter].as_array().cloned().unwrap_or_default();
    for key in found("reused_keys") {
        report.violations.push(format!("a message key was used twice: {key}"));
    }
    for overlap in found("overlaps") {
        match Overlap::of(&overlap)
            .is_some_and(|overlap| overlap.was_held(|peer, at| fleet.last_written(peer, at)))
        {
            true => report.late += 1,
            false => report.violations.push(format!("a device was in two hands: {overlap}")),
        }
    }
    Ok(())
}

/// A message that came after its device had changed hands; moments are in milliseconds since the epoch.
struct Overlap {
    older: SocketAddr,
    since: u64,
    at: u64,
}

impl Overlap {
    /// As the simulator tells it.
    fn of(told: &Value) -> Option<Self> {
        let older = told["older"].as_str()?.parse().ok()?;
        Some(Self { older, since: told["since"].as_u64()?, at: told["at"].as_u64()? })
    }

    /// Whether the network only held it back: the older client wrote nothing over that stream once the newer one was there.
    fn was_held(&self, last_written: impl Fn(SocketAddr, u64) -> Option<u64>) -> bool {
        last_written(self.older, self.at).is_some_and(|last| last < self.since)
    }
}

/// What is wrong with a number's sends, each with its id, its text and its fate, in their order, where their recipient was shown this.
fn of_sends(sends: &[(String, String, Fate)], mut shown: Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut expected = Vec::new();
    for (id, text, fate) in sends {
        match fate {
            Fate::Delivered => expected.push(text.clone()),
            // Refused when it was written again, it may have arrived the first time.
            Fate::Failed(reason) if *reason == refusal() => shown.retain(|one| one != text),
            Fate::Failed(reason) => found.push(format!("{id} failed by {reason:?}, which no fault wants")),
            Fate::Pending(status) => found.push(format!("{id} is {status} for ever")),
        }
    }
    found.extend(difference(&expected, &shown).map(|wrong| format!("its recipient's messages: {wrong}")));
    found
}

/// Where two lists that should be the same are not, in words.
fn difference(expected: &[String], found: &[String]) -> Option<String> {
    if expected == found {
        return None;
    }
    let missing: Vec<&String> = expected.iter().filter(|one| !found.contains(one)).collect();
    if !missing.is_empty() {
        return Some(format!("missing {} of {}: {missing:?}", missing.len(), expected.len()));
    }
    let more: Vec<&String> = found.iter().filter(|one| !expected.contains(one)).collect();
    if !more.is_empty() {
        return Some(format!("too many: {more:?}"));
    }
    let place = expected.iter().zip(found).position(|(expected, found)| expected != found);
    let from = place.unwrap_or(expected.len());
    let around = |list: &[String]| list.iter().skip(from).take(4).cloned().collect::<Vec<_>>();
    Some(match found.len() > expected.len() {
        true => format!("doubled, from place {from}: {:?}", around(found)),
        false => format!("out of order, from place {from}: {:?} for {:?}", around(found), around(expected)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_in_two_hands_where_the_older_one_wrote_on() {
        let told = serde_json::json!({"older": "127.0.1.3:4242", "since": 1_000, "at": 1_500});
        let overlap = Overlap::of(&told).unwrap();
        for (last, held) in [(Some(999), true), (Some(1_000), false), (Some(1_400), false), (None, false)] {
            let last_written = |peer: SocketAddr, at| {
                assert_eq!((peer.port(), at), (4242, 1_500));
                last
            };
            assert_eq!(overlap.was_held(last_written), held, "{last:?}");
        }
        assert!(Overlap::of(&serde_json::json!({"older": "127.0.1.3"})).is_none());
    }

    /// What is wrong with sends of these texts and fates.
    fn found(sends: &[(&str, &str)], shown: &str) -> Vec<String> {
        let fate = |fate: &str| match fate {
            "delivered" => Fate::Delivered,
            "pending" => Fate::Pending("enviado".to_owned()),
            reason => Fate::Failed(reason.trim_matches('-').to_owned()),
        };
        let send = |(text, what): &(&str, &str)| (format!("id of {text}"), (*text).to_owned(), fate(what));
        of_sends(&sends.iter().map(send).collect::<Vec<_>>(), list(shown))
    }

    #[test]
    fn what_was_refused_may_have_arrived_and_what_failed_otherwise_must_not() {
        let refused = [("a", "delivered"), ("b", "WHATSAPP_479"), ("c", "delivered")];
        for shown in ["a c", "a b c"] {
            assert_eq!(found(&refused, shown), Vec::<String>::new(), "{shown}");
        }
        for shown in ["a b", "a c c", "c b a"] {
            assert_eq!(found(&refused, shown).len(), 1, "{shown}");
        }
        for reason in ["SEND_EXPIRED", "WHATSAPP_404", "-"] {
            let failed = [("a", "delivered"), ("b", reason), ("c", "delivered")];
            assert_eq!(found(&failed, "a c").len(), 1, "no fault wants {reason}");
            let delivered = found(&failed, "a b c");
            assert!(delivered.iter().any(|wrong| wrong.contains("too many: [\"b\"]")), "{delivered:?}");
        }
        assert_eq!(found(&[("a", "pending")], ""), ["id of a is enviado for ever"]);
    }

    #[test]
    fn no_more_is_refused_than_faults_want() {
        let wrong = |refused: u32, wanted: u32| {
            let mut report = Report::default();
            report.failed.extend([(refusal(), refused), ("SEND_EXPIRED".to_owned(), 9)]);
            report.faults.extend([(Kind::Nack.name(), wanted), (Kind::Drop.name(), 9)]);
            of_refusals(&mut report);
            report.violations
        };
        assert_eq!(wrong(2, 2), Vec::<String>::new(), "one may find nothing to refuse, or be sent again");
        assert_eq!(wrong(3, 2).len(), 1);
        let mut none = Report::default();
        of_refusals(&mut none);
        assert_eq!(none.violations, Vec::<String>::new());
    }

    fn list(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_lost_doubled_or_out_of_order_is_seen() {
        let expected = list("a b c");
        for (found, word) in [
            ("a b c", None),
            ("a c", Some("missing 1 of 3")),
            ("a b b c", Some("doubled, from place 2")),
            ("a c b", Some("out of order, from place 1")),
            ("a b c d", Some("too many")),
            ("a c d", Some("missing")),
        ] {
            let wrong = difference(&expected, &list(found));
            assert_eq!(wrong.is_none(), word.is_none(), "{found}: {wrong:?}");
            assert!(wrong.unwrap_or_default().starts_with(word.unwrap_or_default()), "{found}");
        }
    }
}
