//! What chats cost in requests, as the table at the head of the adapter says, and what becomes of writes that DynamoDB does not
//! take at once.

use crate::chat_samples::{ana, media, received, second, sent};
use crate::outages::{THROTTLED, quick, scripted};
use crate::samples::phone;
use crate::support::store::Store;
use carteiro_aws::dynamo::DynamoChats;
use carteiro_aws::{AwsClients, CallCounter};
use carteiro_core::chat::{Ack, ChatChange, Contact, Message};
use carteiro_core::ports::{ChatReader, ChatWriter};
use carteiro_core::retention::RetentionDays;

/// The requests since the last look, such as `GetItem 1`.
fn requests(counter: &CallCounter) -> Vec<String> {
    let calls = counter.snapshot();
    counter.reset();
    let shown = |name: &str, requests| format!("{} {requests}", name.trim_start_matches("dynamodb "));
    calls.iter().map(|(name, calls)| shown(name, calls.requests)).collect()
}

#[tokio::test]
async fn each_access_makes_the_requests_that_it_says() {
    let store = Store::ministack().await;
    let counter = CallCounter::default();
    let client = AwsClients::new(store.config.clone()).counting(counter.clone()).dynamo();
    let (chats, number) = (DynamoChats::new(client, &store.chats_table), phone(1));
    let text = received(&ana(), "A1", 10, "um");
    for _ in 0..2 {
        chats.add(&number, &text, true, RetentionDays::default()).await.unwrap();
        assert_eq!(requests(&counter), ["TransactWriteItems 1"], "new or known");
    }
    chats.add(&number, &received(&ana(), "A0", 5, "velha"), true, RetentionDays::default()).await.unwrap();
    assert_eq!(requests(&counter), ["TransactWriteItems 2"], "it came after a later one");
    let picture = Message { body: media(None), ..received(&ana(), "A2", 11, "") };
    chats.add(&number, &picture, true, RetentionDays::default()).await.unwrap();
    let own = sent(&ana(), "S1", 12, "nossa");
    chats.add(&number, &own, true, RetentionDays::default()).await.unwrap();
    requests(&counter);

    chats.acknowledge(&number, &ana(), std::slice::from_ref(&own.key.id), Ack::Read).await.unwrap();
    assert_eq!(requests(&counter), ["UpdateItem 1"]);
    chats.acknowledge(&number, &ana(), std::slice::from_ref(&own.key.id), Ack::Received).await.unwrap();
    assert_eq!(requests(&counter), ["UpdateItem 1"], "a step that leads nowhere reads nothing");
    chats.edit(&number, &text.key, "1", second(20)).await.unwrap();
    assert_eq!(requests(&counter), ["UpdateItem 1"]);
    chats.edit(&number, &picture.key, "praia", second(20)).await.unwrap();
    assert_eq!(requests(&counter), ["UpdateItem 2"], "what is no text is found out by a refusal");
    chats.revoke(&number, &text.key).await.unwrap();
    assert_eq!(requests(&counter), ["UpdateItem 1"]);
    chats.change_chat(&number, &ana(), &ChatChange::Read).await.unwrap();
    assert_eq!(requests(&counter), ["UpdateItem 1"]);

    let history: Vec<Message> = (0..60).map(|n| received(&ana(), &format!("H{n}"), n, "x")).collect();
    chats.add_history(&number, &[], &history, RetentionDays::default()).await.unwrap();
    assert_eq!(requests(&counter), ["BatchGetItem 2", "BatchWriteItem 3", "UpdateItem 1"]);
    chats.add_history(&number, &[], &history, RetentionDays::default()).await.unwrap();
    assert_eq!(requests(&counter), ["BatchGetItem 2"], "what is known is not written");
    let people = [Contact { push_name: Some("Ana".into()), ..Contact::new(ana().into()) }];
    chats.add_contacts(&number, &people).await.unwrap();
    assert_eq!(requests(&counter), ["BatchGetItem 1", "BatchWriteItem 1"]);
    chats.add_contacts(&number, &people).await.unwrap();
    assert_eq!(requests(&counter), ["BatchGetItem 1"], "what is known is not written");

    chats.chats(&number, None, 100).await.unwrap();
    assert_eq!(requests(&counter), ["Query 1"]);
    chats.chats_with_last(&number, None, 100).await.unwrap();
    assert_eq!(requests(&counter), ["BatchGetItem 1", "Query 1"]);
    chats.chat(&number, &ana()).await.unwrap();
    assert_eq!(requests(&counter), ["BatchGetItem 1", "GetItem 1"]);
    chats.messages(&number, &ana(), None, 50).await.unwrap();
    assert_eq!(requests(&counter), ["Query 1"]);
    chats.canonical(&number, &ana()).await.unwrap();
    assert!(requests(&counter).is_empty(), "a phone number is known for what it is");
    chats.erase(&number).await.unwrap();
    let erased = requests(&counter);
    assert!(erased.contains(&"BatchWriteItem 4".to_owned()), "64 messages and what is left: {erased:?}");
}

const NOTHING: &str = "{}";
const UNPROCESSED: &str =
    r#"{"UnprocessedItems":{"chats":[{"PutRequest":{"Item":{"pk":{"S":"N#1"},"sk":{"S":"CHAT#1"}}}}]}}"#;

async fn chats(answers: &[(u16, &str)]) -> DynamoChats {
    let endpoint = scripted(answers).await;
    DynamoChats::new(AwsClients::new(quick(&endpoint).await).dynamo(), "chats")
}

#[tokio::test]
async fn writes_that_are_not_processed_are_made_again() {
    // Look for the chat, write it (thrice), look for the message, write it.
    let answers = [NOTHING, UNPROCESSED, UNPROCESSED, NOTHING, NOTHING, NOTHING].map(|body| (200, body));
    let chats = chats(&answers).await;
    let history = [received(&ana(), "A1", 1, "um")];
    chats.add_history(&phone(1), &[], &history, RetentionDays::default()).await.unwrap();
    // All the answers were asked for: now nobody answers any more.
    assert!(chats.chat(&phone(1), &ana()).await.is_err());
}

#[tokio::test]
async fn writes_that_are_never_processed_are_told() {
    let mut answers = vec![(200, NOTHING)];
    answers.extend([(200, UNPROCESSED); 40]);
    let chats = chats(&answers).await;
    let error = chats
        .add_history(&phone(1), &[], &[received(&ana(), "A1", 1, "um")], RetentionDays::default())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "dynamodb BatchWriteItem chats: writes stay unprocessed");
}

#[tokio::test]
async fn a_store_that_is_away_is_told_without_what_was_to_be_stored() {
    let number = phone(1);
    let secret = received(&ana(), "A1", 1, "segredo");
    let throttled = chats(&[(400, THROTTLED); 9]).await;
    let errors = [
        throttled.add(&number, &secret, true, RetentionDays::default()).await.unwrap_err(),
        throttled
            .add_history(&number, &[], std::slice::from_ref(&secret), RetentionDays::default())
            .await
            .unwrap_err(),
        throttled.revoke(&number, &secret.key).await.unwrap_err(),
        chats(&[]).await.erase(&number).await.unwrap_err(),
        chats(&[]).await.chats(&number, None, 10).await.unwrap_err(),
        chats(&[]).await.put_group(&number, &group()).await.unwrap_err(),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(text.starts_with("dynamodb ") && text.contains(" chats: "), "{text}");
        assert!(!text.contains("segredo") && !text.contains(number.digits()) && !text.contains(ana().user()));
    }
}

fn group() -> carteiro_core::chat::Group {
    carteiro_core::chat::Group {
        address: "120363000000000001@g.us".parse().unwrap(),
        subject: "segredo".into(),
        description: None,
        owner: None,
        created_at: None,
        announce: false,
        locked: false,
        participants: Vec::new(),
    }
}
