//! Whether everything that was begun has come to its end.

use crate::api::Api;
use crate::heard::Heard;
use crate::lane::Lane;
use serde_json::Value;
use std::collections::BTreeMap;

/// How far a send is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing more will become of it than that it is read.
    Delivered,
    /// `falha`, with this reason.
    Failed(String),
    /// Neither yet.
    Pending(String),
}

fn fate(send: &Value) -> Fate {
    match send["status"].as_str() {
        Some("entregue" | "lido") => Fate::Delivered,
        Some("falha") => Fate::Failed(send["error_code"].as_str().unwrap_or_default().to_owned()),
        other => Fate::Pending(other.unwrap_or("?").to_owned()),
    }
}

/// The fates of a lane's sends; those that are settled are not asked for again.
pub(crate) async fn look(api: &Api, lane: &Lane, fates: &mut BTreeMap<String, Fate>) {
    for (id, _) in lane.sent() {
        if !matches!(fates.get(&id), Some(Fate::Delivered | Fate::Failed(_))) {
            let send = api.insist("GET", &format!("/v2/sends/{id}"), &lane.token, None).await;
            fates.insert(id, fate(&send));
        }
    }
}

/// What is still awaited of a lane, in words; `None` when all of it is there.
pub(crate) fn awaited(lane: &Lane, fates: &BTreeMap<String, Fate>, heard: &Heard) -> Option<String> {
    let sent = lane.sent();
    let pending: Vec<&Fate> =
        sent.iter().filter_map(|(id, _)| fates.get(id)).filter(|f| matches!(f, Fate::Pending(_))).collect();
    if let Some(first) = pending.first() {
        return Some(format!("{}: {} sends are not settled, one is {first:?}", lane.worker, pending.len()));
    }
    let of = heard.numbers.get(&lane.worker);
    let received = of.map_or(&[][..], |of| &of.received);
    let untold = lane.written().iter().filter(|id| !received.contains(id)).count();
    if untold > 0 {
        return Some(format!("{}: {untold} messages that came were not told", lane.worker));
    }
    let told =
        |id: &String| of.and_then(|of| of.acks.get(&message_id(id))).is_some_and(|acks| acks.contains(&2));
    let silent = sent.iter().filter(|(id, _)| fates.get(id) == Some(&Fate::Delivered) && !told(id)).count();
    (silent > 0).then(|| format!("{}: {silent} deliveries were not told", lane.worker))
}

/// The id of the WhatsApp message that a send becomes.
pub(crate) fn message_id(send: &str) -> String {
    let hex: String = send.chars().filter(|c| *c != '-').collect();
    hex.to_uppercase()
}
