//! What is stored carries its end, by which DynamoDB deletes it: read as items, since no port shows it of a message.

use crate::chat_samples::{ana, received, sent};
use crate::samples::{at, phone, send, user_id};
use crate::support::store::Store;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_aws::AwsClients;
use carteiro_core::chat::Message;
use carteiro_core::ports::{ChatWriter, Sends};
use carteiro_core::retention::RetentionDays;
use carteiro_core::send::Send;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The ends of a table's items, by their keys; of those that have none, `None`.
async fn ends(store: &Store, table: &str) -> BTreeMap<String, Option<i64>> {
    let client = AwsClients::new(store.config.clone()).dynamo();
    let found = client.scan().table_name(table).send().await.unwrap();
    let text = |value: &AttributeValue| value.as_s().unwrap().clone();
    let end = |value: &AttributeValue| value.as_n().unwrap().parse().unwrap();
    let entry = |item: &std::collections::HashMap<String, AttributeValue>| {
        (format!("{} {}", text(&item["pk"]), text(&item["sk"])), item.get("ttl").map(end))
    };
    found.items().iter().map(entry).collect()
}

async fn stored_items_carry_their_ends(store: Store) {
    let days: RetentionDays = 30.try_into().unwrap();
    let send: Send = send(user_id(), &phone(1), at(0)).kept_for(days, None);
    store.sends().create(&send, at(60)).await.unwrap();
    let month = |time: Timestamp| Some(days.end_of(time).as_second());
    let sends = ends(&store, &store.sends_table).await;
    assert_eq!(sends.values().copied().collect::<Vec<_>>(), [month(send.queued_at)]);

    let (chats, number) = (store.chats(), phone(1));
    let (live, own, old) =
        (received(&ana(), "A1", 9, "um"), sent(&ana(), "S1", 10, "dois"), received(&ana(), "H1", 1, "três"));
    chats.add(&number, &live, true, days).await.unwrap();
    chats.add(&number, &own, true, days).await.unwrap();
    chats.add_history(&number, &[], std::slice::from_ref(&old), days).await.unwrap();
    let items = ends(&store, &store.chats_table).await;
    let end_of = |message: &Message| {
        let of =
            items.iter().filter(|(key, _)| key.starts_with("M#") && key.contains(message.key.id.as_str()));
        of.map(|(_, end)| *end).collect::<Vec<_>>()
    };
    for message in [&live, &own, &old] {
        assert_eq!(end_of(message), [month(message.at)], "{}", message.key.id.as_str());
    }
    let others: Vec<_> = items.iter().filter(|(key, _)| key.starts_with("N#")).collect();
    assert!(
        !others.is_empty() && others.iter().all(|(_, end)| end.is_none()),
        "by the chat its messages are found"
    );
}

#[tokio::test]
async fn on_ministack() {
    stored_items_carry_their_ends(Store::ministack().await).await;
}

#[tokio::test]
async fn on_dynoxide() {
    stored_items_carry_their_ends(Store::dynoxide().await).await;
}
