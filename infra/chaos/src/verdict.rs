//! What must be true at the end, whatever went wrong.

use crate::api::Api;
use crate::heard::Heard;
use crate::lane::Lane;
use crate::report::Report;
use crate::settled::{Fate, message_id};
use carteiro_local::Error;
use serde_json::Value;
use std::collections::BTreeMap;
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
    for (counter, what) in
        [("overlaps", "a device was in two hands"), ("reused_keys", "a message key was used twice")]
    {
        for found in stats["stats"][counter].as_array().into_iter().flatten() {
            report.violations.push(format!("{what}: {found}"));
        }
    }
    Ok(())
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
