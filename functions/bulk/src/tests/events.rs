//! The sample events of the workspace, and what the queue may bring.

use super::{Function, body, message, token};
use carteiro_core::bulk::BulkState;
use carteiro_core::ports::Bulks;
use serde_json::{Value, json};

#[tokio::test]
async fn both_sample_events_are_answered() {
    let function = Function::new().await;
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/bulk.json")).unwrap();
    assert_eq!(function.handle(event.clone()).await["statusCode"], 401, "its token is nobody's");
    event["headers"]["token"] = json!(token(1));
    let answer = function.handle(event).await;
    assert_eq!(answer["statusCode"], 202, "{answer}");
    assert!(function.take_turns().await.is_empty());
    let texts: Vec<String> =
        function.sends.all().iter().map(|send| send.content.summary().to_owned()).collect();
    assert_eq!(texts.len(), 2);
    assert!(texts.contains(&"Olá, Ana! Seu pedido 1042 saiu.".to_owned()), "{texts:?}");

    let sample: Value = serde_json::from_str(include_str!("../../../../events/bulk-turn.json")).unwrap();
    let answer = function.handle(sample).await;
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1, "its operation may not be seen yet");
}

#[tokio::test]
async fn turns_are_taken_until_it_is_done() {
    let function = Function::new().await;
    let id = function.an_operation(3).await;
    assert!(function.take_turns().await.is_empty());
    assert_eq!(function.sends.all().len(), 3);
    let at = carteiro_core::ports::Clock::now(&*function.clock);
    for send in function.sends.all() {
        let read = carteiro_core::send::Step::Read;
        carteiro_core::ports::Sends::apply(&*function.sends, send.id, &read, at).await.unwrap();
    }
    assert!(function.take_turns().await.is_empty());
    assert_eq!(function.bulks.find(id).await.unwrap().unwrap().state, BulkState::Done);
    assert!(function.take_turns().await.is_empty() && function.queue.take().is_empty());
}

#[tokio::test]
async fn what_cannot_be_taken_comes_again_and_what_is_nothing_does_not_for_ever() {
    let function = Function::new().await;
    let failures = async |event| function.handle(event).await["batchItemFailures"].as_array().unwrap().len();
    let unknown = r#"{"operation_id":"00000000-0000-4000-8000-000000000000","turn":0}"#;
    assert_eq!(failures(message(unknown, 1)).await, 1);
    assert_eq!(failures(message(unknown, 2)).await, 0);
    assert_eq!(failures(message("{\"operation_id\":\"segredo\"}", 1)).await, 1);

    let id = function.an_operation(3).await;
    let mut busy = function.bulks.find(id).await.unwrap().unwrap();
    busy.busy_until = Some("2023-11-14T22:13:21Z".parse().unwrap());
    assert_eq!(function.bulks.save(&mut busy).await, Ok(true));
    assert_eq!(function.take_turns().await.len(), 1);
    function.bulks.switch.fail();
    assert_eq!(failures(message(&format!(r#"{{"operation_id":"{id}","turn":0}}"#), 1)).await, 1);
}

#[tokio::test]
async fn an_outage_is_told_and_the_same_again_goes_on() {
    let function = Function::new().await;
    function.queue.switch.fail();
    let reply = function.start(body(2), "a").await;
    assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"));
    function.queue.switch.recover();
    let reply = function.start(body(2), "a").await;
    assert_eq!((reply.status, reply.header("idempotency-replayed")), (202, "true"));
    function.take_turns().await;
    assert_eq!(function.sends.all().len(), 2);
}
