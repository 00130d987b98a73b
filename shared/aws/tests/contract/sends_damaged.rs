//! Stored sends that cannot be read, such as those of a later version.

use crate::samples::{at, phone, send, user_id};
use crate::support::store::Store;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_aws::AwsClients;
use carteiro_core::ports::Sends;

async fn a_damaged_send_keeps_no_sweep_from_the_others(store: Store) {
    let sends = store.sends();
    let [first, damaged, last] = [0, 1, 2].map(|second| send(user_id(), &phone(1), at(second)));
    for send in [&first, &damaged, &last] {
        sends.create(send, at(60)).await.unwrap();
    }
    let update = AwsClients::new(store.config.clone()).dynamo().update_item().table_name(&store.sends_table);
    let update = update
        .key("pk", AttributeValue::S(format!("SEND#{}", damaged.id)))
        .key("sk", AttributeValue::S("SEND".into()))
        .update_expression("SET media_type = :kind")
        .expression_attribute_values(":kind", AttributeValue::S("holograma".into()));
    update.send().await.unwrap();
    let due = async |seconds| {
        let due = sends.due(at(seconds), 10).await.unwrap();
        let mut ids: Vec<_> = due.into_iter().map(|send| send.id).collect();
        ids.sort();
        ids
    };
    let mut others = [first.id, last.id];
    others.sort();
    assert_eq!(due(60).await, others);
    assert!(sends.find(damaged.id).await.is_err(), "who asks for it is told");
    assert_eq!(due(61).await, others, "it is put off");
    assert_eq!(due(60 + 3_600).await, others, "and skipped again when its time has come");
}

#[tokio::test]
async fn on_ministack() {
    a_damaged_send_keeps_no_sweep_from_the_others(Store::ministack().await).await;
}

#[tokio::test]
async fn on_dynoxide() {
    a_damaged_send_keeps_no_sweep_from_the_others(Store::dynoxide().await).await;
}
