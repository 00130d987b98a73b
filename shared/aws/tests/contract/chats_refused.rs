//! What can never be stored in the chats, and what cannot be read from them, is told from what may pass.

use crate::chat_samples::{ana, received, second};
use crate::samples::phone;
use crate::support::store::Store;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_aws::AwsClients;
use carteiro_core::chat::{Chat, Contact, Message};
use carteiro_core::ports::{ChatWriter, Unavailable};
use carteiro_core::retention::RetentionDays;

/// More than an item holds.
fn endless() -> String {
    "A".repeat(500_000)
}

async fn what_is_too_large_is_refused_for_good(store: Store) {
    let (chats, number, days) = (store.chats(), phone(1), RetentionDays::default());
    let message = Message { push_name: Some(endless()), ..received(&ana(), "A1", 10, "oi") };
    let person = Contact { name: Some(endless()), ..Contact::new(ana().into()) };
    let chat = Chat { name: Some(endless()), ..Chat::unknown(ana()) };
    let refused: [Result<(), Unavailable>; 4] = [
        chats.add(&number, &message, true, days).await.map(drop),
        chats.add_history(&number, &[], &[message], days).await,
        chats.add_history(&number, &[chat], &[], days).await,
        chats.add_contacts(&number, &[person]).await,
    ];
    for refused in refused {
        let error = refused.unwrap_err();
        assert!(error.lasting, "{error}");
        assert!(error.to_string().len() < 200, "it does not quote what was sent");
    }
}

async fn what_cannot_be_read_cannot_be_read_another_time(store: Store) {
    let (chats, number) = (store.chats(), phone(1));
    let message = received(&ana(), "A1", 10, "oi");
    chats.add(&number, &message, true, RetentionDays::default()).await.unwrap();
    let update = AwsClients::new(store.config.clone()).dynamo().update_item().table_name(&store.chats_table);
    let update = update
        .key("pk", AttributeValue::S(format!("M#{}#{}", number.digits(), ana())))
        .key("sk", AttributeValue::S("i##A1".into()))
        .update_expression("SET ack = :ack")
        .expression_attribute_values(":ack", AttributeValue::S("lida".into()));
    update.send().await.unwrap();
    let error = chats.edit(&number, &message.key, "olá", second(11)).await.unwrap_err();
    assert!(error.lasting, "{error}");
}

#[tokio::test]
async fn on_ministack() {
    what_is_too_large_is_refused_for_good(Store::ministack().await).await;
    what_cannot_be_read_cannot_be_read_another_time(Store::ministack().await).await;
}

#[tokio::test]
async fn on_dynoxide() {
    what_is_too_large_is_refused_for_good(Store::dynoxide().await).await;
    what_cannot_be_read_cannot_be_read_another_time(Store::dynoxide().await).await;
}
