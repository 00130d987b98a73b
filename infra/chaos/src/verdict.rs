//! What must be true at the end, whatever went wrong.

use crate::api::Api;
use crate::heard::Heard;
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

/// One number: its sends are at their recipient once and in order, or failed with a reason; what came to it was told in order.
pub(crate) async fn of_lane(
    api: &Api,
    lane: &Lane,
    fates: &BTreeMap<String, Fate>,
    heard: &Heard,
    report: &mut Report,
) -> Result<(), Error> {
    let worker = &lane.worker;
    report.violations.extend(lane.refused().map(|error| error.to_string()));
    let mut expected = Vec::new();
    let mut failed = Vec::new();
    for (id, text) in lane.sent() {
        report.accepted += 1;
        match fates.get(&id) {
            Some(Fate::Delivered) => expected.push(text),
            Some(Fate::Failed(reason)) => {
                if reason.is_empty() {
                    report.violations.push(format!("{worker}: {id} failed without a reason"));
                }
                *report.failed.entry(reason.clone()).or_default() += 1;
                failed.push(text);
            }
            other => report.violations.push(format!("{worker}: {id} is {other:?} for ever")),
        }
    }
    report.delivered += expected.len();
    let messages = api.messages(&lane.contact).await?;
    let text = |message: &Value| {
        let text = message["text"].as_str().or_else(|| message["media"]["caption"].as_str());
        text.unwrap_or("unreadable").to_owned()
    };
    // One that WhatsApp refused when it was written again may have arrived the first time.
    let shown: Vec<String> = messages.iter().map(text).filter(|text| !failed.contains(text)).collect();
    if let Some(wrong) = difference(&expected, &shown) {
        report.violations.push(format!("{worker}: its recipient's messages: {wrong}"));
    }
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
