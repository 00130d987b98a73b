//! What a batch answers: exactly the records that must come again, each group's order kept.
#![allow(clippy::unwrap_used, reason = "a test may")]

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

/// One record of a made-up batch: its group, and what handling it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Planned {
    group: u8,
    ends: Ends,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Well,
    Badly,
    Unparsed,
}

#[derive(Deserialize)]
struct Body {
    index: usize,
}

fn event(planned: &[Planned]) -> SqsEvent {
    let records: Vec<Value> = planned
        .iter()
        .enumerate()
        .map(|(index, record)| {
            let body = match record.ends {
                Ends::Unparsed => "{\"index\":\"segredo\"}".to_owned(),
                _ => json!({ "index": index }).to_string(),
            };
            json!({ "messageId": format!("m{index}"), "body": body,
                    "attributes": { "MessageGroupId": format!("g{}", record.group), "ApproximateReceiveCount": "1" } })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

fn failures(response: &SqsBatchResponse) -> Vec<&str> {
    response.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect()
}

/// Runs a batch; gives the answer and the records that were handled, in the order in which they began.
async fn run(planned: &[Planned], as_fifo: bool) -> (SqsBatchResponse, Vec<usize>) {
    let handled = Mutex::new(Vec::new());
    let busy = Mutex::new(BTreeSet::new());
    let handle = async |body: Body| {
        let Planned { group, ends } = planned[body.index];
        handled.lock().unwrap().push(body.index);
        let alone = busy.lock().unwrap().insert(group);
        assert!(alone || !as_fifo, "two records of one group at the same time");
        tokio::task::yield_now().await;
        busy.lock().unwrap().remove(&group);
        if ends == Ends::Well { Ok(()) } else { Err("the store did not answer") }
    };
    let event = event(planned);
    let response = if as_fifo {
        carteiro_queue::fifo(&event, handle).await.unwrap()
    } else {
        carteiro_queue::standard(&event, handle).await.unwrap()
    };
    (response, handled.into_inner().unwrap())
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn any_batch() -> impl Strategy<Value = Vec<Planned>> {
    let ends = prop_oneof![4 => Just(Ends::Well), 1 => Just(Ends::Badly), 1 => Just(Ends::Unparsed)];
    prop::collection::vec((0u8..4, ends).prop_map(|(group, ends)| Planned { group, ends }), 0..20)
}

proptest! {
    #[test]
    fn a_fifo_batch_stops_each_group_at_its_first_failure(planned in any_batch()) {
        let (response, handled) = block_on(run(&planned, true));

        // What must come again: each group's first failure and everything of that group after it.
        let mut stopped = BTreeSet::new();
        let mut again = BTreeSet::new();
        let mut begun: HashMap<u8, Vec<usize>> = HashMap::new();
        for (index, record) in planned.iter().enumerate() {
            if stopped.contains(&record.group) {
                again.insert(format!("m{index}"));
                continue;
            }
            if record.ends != Ends::Unparsed {
                begun.entry(record.group).or_default().push(index);
            }
            if record.ends != Ends::Well {
                stopped.insert(record.group);
                again.insert(format!("m{index}"));
            }
        }
        let reported = failures(&response);
        prop_assert_eq!(reported.len(), again.len(), "each is reported once");
        prop_assert_eq!(reported.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), again);
        for group in 0..4 {
            let seen: Vec<usize> = handled.iter().copied().filter(|i| planned[*i].group == group).collect();
            prop_assert_eq!(seen, begun.remove(&group).unwrap_or_default(), "in order, and nothing after a failure");
        }
    }

    #[test]
    fn a_standard_batch_tries_every_record(planned in any_batch()) {
        let (response, mut handled) = block_on(run(&planned, false));
        handled.sort_unstable();
        let parsed: Vec<usize> = (0..planned.len()).filter(|i| planned[*i].ends != Ends::Unparsed).collect();
        prop_assert_eq!(handled, parsed);
        let failed: Vec<String> =
            (0..planned.len()).filter(|i| planned[*i].ends != Ends::Well).map(|i| format!("m{i}")).collect();
        prop_assert_eq!(failures(&response), failed);
    }
}

#[tokio::test]
async fn groups_do_not_wait_for_each_other() {
    // The first record ends only once the second, of another group, has begun.
    let second_began = tokio::sync::Notify::new();
    let planned = [Planned { group: 0, ends: Ends::Well }, Planned { group: 1, ends: Ends::Well }];
    let handle = async |body: Body| -> Result<(), String> {
        if body.index == 0 {
            second_began.notified().await;
        } else {
            second_began.notify_one();
        }
        Ok(())
    };
    let response = carteiro_queue::fifo(&event(&planned), handle).await.unwrap();
    assert!(response.batch_item_failures.is_empty());
}

#[tokio::test]
async fn a_record_that_could_not_be_reported_fails_the_whole_batch() {
    let event: SqsEvent = serde_json::from_value(
        json!({ "Records": [{ "messageId": "m0", "body": "{\"index\":0}" }, { "body": "" }] }),
    )
    .unwrap();
    let handle = async |_: Body| -> Result<(), String> { panic!("nothing must be handled") };
    assert_eq!(carteiro_queue::fifo(&event, handle).await, Err(carteiro_queue::NoMessageId));
    assert_eq!(carteiro_queue::standard(&event, handle).await, Err(carteiro_queue::NoMessageId));
}

#[tokio::test]
async fn an_empty_batch_and_the_answers_form() {
    let (response, _) = run(&[], true).await;
    assert_eq!(serde_json::to_value(response).unwrap(), json!({ "batchItemFailures": [] }));
    let (response, _) = run(&[Planned { group: 0, ends: Ends::Badly }], true).await;
    assert_eq!(
        serde_json::to_value(response).unwrap(),
        json!({ "batchItemFailures": [{ "itemIdentifier": "m0" }] })
    );
}

#[tokio::test]
async fn a_message_is_told_how_often_it_came() {
    let record = |id: &str, count: Option<&str>| {
        let attributes = count.map_or(json!({}), |count| json!({ "ApproximateReceiveCount": count }));
        json!({ "messageId": id, "body": json!({ "index": 0 }).to_string(), "attributes": attributes })
    };
    let records = [record("a", Some("1")), record("b", Some("7")), record("c", None), record("d", Some("x"))];
    let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
    let handle = async |_: Body, receives: u32| if receives > 1 { Err("again") } else { Ok(()) };
    let answer = carteiro_queue::standard_counted(&event, handle).await.unwrap();
    assert_eq!(failures(&answer), ["b", "c", "d"]);
}
