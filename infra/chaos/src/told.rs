//! What Carteiro itself has written down of the events: each was to be told, and in the order of its number's.

use crate::api::Api;
use crate::heard::Heard;
use crate::report::Report;
use carteiro_local::Error;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// An event whose publication and first try are further apart than this has its time from a clock that was moved. The log does
/// not say what waited together with it, so its place in the log says nothing; what people wrote is held against their own order
/// in any case.
const MOVED: SignedDuration = SignedDuration::from_mins(30);

/// One event of a tenant's log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Logged {
    id: String,
    kind: String,
    number: String,
    status: String,
    /// When it was published, by the clock of a task.
    at: Timestamp,
    /// When it was tried first, by that of a function, which is never moved.
    tried: Option<Timestamp>,
}

impl Logged {
    fn has_its_own_time(&self) -> bool {
        self.tried.is_some_and(|tried| tried.duration_since(self.at).abs() < MOVED)
    }
}

fn read(item: &Value) -> Option<Logged> {
    let text = |name: &str| item[name].as_str().map(str::to_owned);
    let at = item["created_at"].as_str()?.parse().ok()?;
    let tried = item["tries"][0]["at"].as_str().and_then(|at| at.parse().ok());
    let (id, kind, number, status) = (text("event_id")?, text("tipo")?, text("sessao")?, text("status")?);
    Some(Logged { id, kind, number, status, at, tried })
}

/// Whether a tenant has events that are still to be told.
pub(crate) async fn are_waiting(api: &Api, token: &str) -> bool {
    let page = api.insist("GET", "/v2/webhooks/deliveries?status=pendente&limit=1", token, None).await;
    page["items"].as_array().is_none_or(|items| !items.is_empty())
}

/// A tenant's events: each was taken by the receiver, and those of one number came in their order.
pub(crate) async fn of_tenant(
    api: &Api,
    token: &str,
    heard: &Heard,
    report: &mut Report,
) -> Result<(), Error> {
    let mut numbers: BTreeMap<String, Vec<Logged>> = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v2/webhooks/deliveries?limit=100{cursor}");
        let page = api.insist("GET", &path, token, None).await;
        for item in page["items"].as_array().into_iter().flatten() {
            let logged = read(item).ok_or_else(|| Error::new(format!("no delivery: {item}")))?;
            numbers.entry(logged.number.clone()).or_default().push(logged);
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    for (number, mut events) in numbers {
        report.logged += events.len();
        // The log is newest first.
        events.reverse();
        let wrong = wrong(&events, |id| heard.place(id));
        report.violations.extend(wrong.into_iter().map(|what| format!("{number}: {what}")));
    }
    Ok(())
}

/// What is wrong with a number's events, which are given in their order.
fn wrong(events: &[Logged], place: impl Fn(&str) -> Option<usize>) -> Vec<String> {
    let mut found = Vec::new();
    let mut latest: Option<(usize, &Logged)> = None;
    for event in events {
        let Logged { id, kind, status, .. } = event;
        if status != "entregue" {
            found.push(format!("the event {id} ({kind}) is {status}"));
        }
        let Some(place) = place(id) else {
            found.push(format!("the event {id} ({kind}) was not told"));
            continue;
        };
        if !event.has_its_own_time() {
            continue;
        }
        match latest {
            // Of those of one millisecond the log does not say which is first.
            Some((came, before)) if place < came => {
                if event.at > before.at {
                    let Logged { id: other, kind: what, .. } = before;
                    found.push(format!(
                        "the event {id} ({kind}) came before {other} ({what}), which is older"
                    ));
                }
            }
            _ => latest = Some((place, event)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, second: i64, status: &str) -> Logged {
        let [kind, number] = ["recebendoMensagem", "5511"].map(str::to_owned);
        let at = Timestamp::from_second(1_700_000_000 + second).unwrap();
        Logged { id: id.to_owned(), kind, number, status: status.to_owned(), at, tried: Some(at) }
    }

    fn found(events: &[(&str, i64)], heard: &[&str]) -> usize {
        let events: Vec<Logged> = events.iter().map(|(id, second)| event(id, *second, "entregue")).collect();
        wrong(&events, |id| heard.iter().position(|one| *one == id)).len()
    }

    #[test]
    fn what_was_not_told_or_came_out_of_order_is_found() {
        assert_eq!(found(&[("a", 0), ("b", 1), ("c", 2)], &["a", "b", "c"]), 0);
        assert_eq!(found(&[("a", 0), ("b", 1), ("c", 2)], &["a", "c", "b"]), 1);
        assert_eq!(found(&[("a", 0), ("b", 1), ("c", 2)], &["c", "a", "b"]), 1);
        assert_eq!(found(&[("a", 0), ("b", 1)], &["a"]), 1);
        assert_eq!(found(&[("a", 0), ("b", 0)], &["b", "a"]), 0, "of one time");
        assert_eq!(wrong(&[event("a", 0, "falha")], |_| Some(0)).len(), 1);
        let of_another_clock = Logged { tried: event("b", 9, "").tried, ..event("b", 3_600, "entregue") };
        let place = |id: &str| Some(usize::from(id == "a"));
        assert_eq!(wrong(&[event("a", 0, "entregue"), of_another_clock], place), Vec::<String>::new());
    }
}
