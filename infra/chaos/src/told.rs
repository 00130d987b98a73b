//! What Carteiro itself has written down of the events: each was to be told, and in the order of its number's.
//!
//! Two things say which of two events is first. The log has each at its place; but a place is the time of a task's clock, which a
//! run moves, so of events that did not wait together it may say anything. And the proxy before DynamoDB saw when each was stored,
//! by a clock that nobody moves; but of two that are stored at about the same time, by calls that are tried more than once, that
//! need not be the order in which they were published. So one event is before another when both say so, or when it had been stored
//! for longer than any call takes before the other was first asked for.

use crate::api::Api;
use crate::heard::Heard;
use crate::report::Report;
use carteiro_local::{Error, Stored};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a call to AWS takes at most, all of its tries included, and what a busy machine adds.
const CALL: Duration = Duration::from_secs(15);

/// One event of a tenant's log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Logged {
    id: String,
    kind: String,
    number: String,
    status: String,
}

/// An event that came, among its number's.
struct Told<'a> {
    event: &'a Logged,
    /// Its place in the log.
    logged: usize,
    stored: Stored,
    /// As how many-th it came.
    came: usize,
}

impl Told<'_> {
    fn is_before(&self, other: &Told<'_>) -> bool {
        match other.stored.asked.checked_duration_since(self.stored.done) {
            Some(after) => after > CALL || self.logged < other.logged,
            None => false,
        }
    }
}

fn read(item: &Value) -> Option<Logged> {
    let text = |name: &str| item[name].as_str().map(str::to_owned);
    let (id, kind, number, status) = (text("event_id")?, text("tipo")?, text("sessao")?, text("status")?);
    Some(Logged { id, kind, number, status })
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
    stored: &BTreeMap<String, Stored>,
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
        let wrong = wrong(&events, stored, |id| heard.place(id));
        report.violations.extend(wrong.into_iter().map(|what| format!("{number}: {what}")));
    }
    Ok(())
}

/// What is wrong with a number's events, which are given in the order of the log.
fn wrong(
    events: &[Logged],
    stored: &BTreeMap<String, Stored>,
    came: impl Fn(&str) -> Option<usize>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut told: Vec<Told> = Vec::new();
    for (logged, event) in events.iter().enumerate() {
        let Logged { id, kind, status, .. } = event;
        if status != "entregue" {
            found.push(format!("the event {id} ({kind}) is {status}"));
        }
        match (came(id), stored.get(id)) {
            (Some(came), Some(stored)) => told.push(Told { event, logged, stored: *stored, came }),
            (None, _) => found.push(format!("the event {id} ({kind}) was not told")),
            (Some(_), None) => found.push(format!("nobody saw the event {id} ({kind}) being stored")),
        }
    }
    for one in &told {
        if let Some(first) = told.iter().find(|other| one.came < other.came && other.is_before(one)) {
            let Logged { id, kind, .. } = one.event;
            let Logged { id: other, kind: what, .. } = first.event;
            found
                .push(format!("the event {id} ({kind}) came before {other} ({what}), which was there first"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn event(id: &str, status: &str) -> Logged {
        let [kind, number] = ["recebendoMensagem", "5511"].map(str::to_owned);
        Logged { id: id.to_owned(), kind, number, status: status.to_owned() }
    }

    /// `logged` are events in the log's order, each with the seconds when it was asked for and when it was there.
    fn found(logged: &[(&str, u64, u64)], heard: &[&str]) -> Vec<String> {
        let start = Instant::now();
        let at = |second: &u64| start + Duration::from_secs(*second);
        let stored = |(id, asked, done): &(&str, u64, u64)| {
            ((*id).to_owned(), Stored { asked: at(asked), done: at(done) })
        };
        let events: Vec<Logged> = logged.iter().map(|(id, ..)| event(id, "entregue")).collect();
        wrong(&events, &logged.iter().map(stored).collect(), |id| heard.iter().position(|one| *one == id))
    }

    #[test]
    fn what_was_not_told_or_came_out_of_order_is_found() {
        let three = [("a", 0, 1), ("b", 2, 3), ("c", 4, 5)];
        assert_eq!(found(&three, &["a", "b", "c"]), Vec::<String>::new());
        assert_eq!(found(&three, &["a", "c", "b"]).len(), 1);
        assert_eq!(found(&three, &["c", "a", "b"]).len(), 1);
        assert_eq!(found(&three, &["c", "b", "a"]).len(), 2);
        assert_eq!(found(&three[..2], &["a"]).len(), 1);
        let (events, nothing) = ([event("a", "falha")], BTreeMap::new());
        assert_eq!(wrong(&events, &nothing, |_| Some(0)).len(), 2, "given up, and stored unseen");
    }

    /// A task whose clock is behind stores at an earlier place what comes when nothing waits any more.
    #[test]
    fn a_place_of_a_clock_that_was_moved_is_no_order() {
        assert_eq!(found(&[("later", 60, 61), ("sooner", 0, 1)], &["sooner", "later"]), Vec::<String>::new());
    }

    #[test]
    fn what_had_been_there_for_long_is_first_wherever_the_log_has_it() {
        let overtaken = [("new", 60, 61), ("waits", 0, 1)];
        assert_eq!(found(&overtaken, &["new", "waits"]).len(), 1);
    }

    #[test]
    fn of_what_was_stored_at_once_either_may_be_first() {
        let together = [("a", 0, 3), ("b", 2, 5)];
        assert_eq!(found(&together, &["b", "a"]), Vec::<String>::new());
        // One's first try went wrong, after it had got its place.
        let tried_again = [("a", 2, 3), ("b", 0, 1)];
        assert_eq!(found(&tried_again, &["a", "b"]), Vec::<String>::new());
    }
}
