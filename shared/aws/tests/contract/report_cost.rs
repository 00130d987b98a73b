//! What a page of the report costs does not grow with the number's history.

use crate::samples::{at, phone, send, subject, user_id};
use crate::support::store::Store;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_aws::dynamo::DynamoSends;
use carteiro_aws::{AwsClients, CallCounter};
use carteiro_core::ids::UserId;
use carteiro_core::ports::{PageKey, SendHistory, Sends};
use dynoxide::{ImportOptions, Item};
use std::collections::BTreeMap;

/// What pages at the beginning, in the middle and at the end of a history of so many sends cost: requests and read units, by
/// operation.
async fn costs(store: &Store, count: usize) -> Vec<BTreeMap<String, (u64, f64)>> {
    let user = user_id();
    seed(store, user, count).await;
    let counter = CallCounter::default();
    let client = AwsClients::new(store.config.clone()).counting(counter.clone()).dynamo();
    let sends = DynamoSends::new(client, &store.sends_table);
    let all = subject(user, 0, count as i64);
    let mut costs = Vec::new();
    for begin in [0, count / 2, count - 100] {
        let from_there = subject(user, begin as i64, count as i64);
        let page = sends.page(&from_there, None, 100).await.unwrap();
        assert_eq!(page.sends.len(), 100);
        let wanted: Vec<_> = (begin..begin + 100).map(|second| at(second as i64)).collect();
        assert!(
            page.sends.iter().map(|send| send.queued_at).eq(wanted),
            "the page is the one that was asked for"
        );
        assert_eq!(page.next.is_some(), begin + 100 < count);
        let by_period = take(&counter);
        // The same page by its cursor, in the report of everything.
        if begin > 0 {
            let last = sends.page(&subject(user, begin as i64 - 1, count as i64), None, 1).await.unwrap();
            let after: PageKey = PageKey::of(&last.sends[0]);
            counter.reset();
            assert_eq!(sends.page(&all, Some(&after), 100).await.unwrap().sends, page.sends);
            assert_eq!(take(&counter), by_period);
        }
        costs.push(by_period);
    }
    costs
}

fn take(counter: &CallCounter) -> BTreeMap<String, (u64, f64)> {
    let calls = counter.snapshot();
    counter.reset();
    calls.into_iter().map(|(operation, calls)| (operation, (calls.requests, calls.read_units))).collect()
}

/// Stores sends that were accepted a second apart: one as the adapter writes it, and the others as it is but for their ids and
/// times.
async fn seed(store: &Store, user: UserId, count: usize) {
    let client = AwsClients::new(store.config.clone()).dynamo();
    let model = send(user, &phone(1), at(0));
    DynamoSends::new(client.clone(), &store.sends_table).create(&model, at(60)).await.unwrap();
    let stored = client
        .get_item()
        .table_name(&store.sends_table)
        .key("pk", AttributeValue::S(format!("SEND#{}", model.id)))
        .key("sk", AttributeValue::S("SEND".into()))
        .send()
        .await
        .unwrap();
    let mut item: Item = stored.item.unwrap().into_iter().map(|(name, value)| (name, plain(value))).collect();
    // What is no longer pending is in the one index alone.
    item.remove("due_pk");
    item.remove("due_sk");
    item.insert("status".into(), dynoxide::AttributeValue::S("enviado".into()));
    let database = store.database.clone().expect("an emulator in this process");
    let table = store.sends_table.clone();
    let import = move || {
        for begin in (1..count).step_by(10_000) {
            let items = (begin..count.min(begin + 10_000)).map(|place| at_place(&item, place)).collect();
            database.import_items(&table, items, ImportOptions::default()).expect("items that are stored");
        }
    };
    tokio::task::spawn_blocking(import).await.unwrap();
}

/// An attribute of a send as the emulator has it.
fn plain(value: AttributeValue) -> dynoxide::AttributeValue {
    match value {
        AttributeValue::S(text) => dynoxide::AttributeValue::S(text),
        AttributeValue::N(number) => dynoxide::AttributeValue::N(number),
        other => panic!("a send has texts and numbers alone, not {other:?}"),
    }
}

fn at_place(model: &Item, place: usize) -> Item {
    let mut item = model.clone();
    let (id, micros) = (crate::samples::send_id(), at(place as i64).as_microsecond());
    item.insert("pk".into(), dynoxide::AttributeValue::S(format!("SEND#{id}")));
    item.insert("queued_at".into(), dynoxide::AttributeValue::N(micros.to_string()));
    item.insert("number_sk".into(), dynoxide::AttributeValue::S(format!("{micros:020}#{id}")));
    item
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_costs_the_same_at_a_thousand_and_at_two_hundred_thousand_sends() {
    let few = costs(&Store::dynoxide().await, 1_000).await;
    let many = costs(&Store::dynoxide().await, 200_000).await;
    assert_eq!(few, many);
    for page in few {
        let operations: Vec<(&str, u64)> =
            page.iter().map(|(name, (requests, _))| (name.as_str(), *requests)).collect();
        assert_eq!(operations, [("dynamodb BatchGetItem", 1), ("dynamodb Query", 1)]);
        // 100 sends below 4 KB at half a unit each, and their keys.
        assert_eq!(page["dynamodb BatchGetItem"].1, 50.0);
        assert!(page["dynamodb Query"].1 > 0.0 && page["dynamodb Query"].1 <= 5.0, "{page:?}");
    }
}
