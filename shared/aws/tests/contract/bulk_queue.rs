//! The contract of [`BulkQueue`], on the queue that infra/queues.yaml declares.

use crate::samples::random;
use crate::support::stack::{QUEUES, Stack};
use carteiro_aws::AwsClients;
use carteiro_aws::sqs::SqsBulkQueue;
use carteiro_core::bulk::BulkWanted;
use carteiro_core::ids::BulkId;
use carteiro_core::ports::BulkQueue;
use std::time::{Duration, Instant};

async fn receive(client: &aws_sdk_sqs::Client, url: &str) -> Option<BulkWanted> {
    let answer = client.receive_message().queue_url(url).wait_time_seconds(1).send().await.unwrap();
    let body = answer.messages().first().and_then(|message| message.body())?.to_owned();
    Some(serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_turn_comes_out_and_not_before_its_delay() {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let url = stack.output("BulkUrl");
    let queue = SqsBulkQueue::new(client.clone(), url);
    let operation_id = BulkId::from_random(random());
    let (now, later) = (BulkWanted { operation_id, turn: 0 }, BulkWanted { operation_id, turn: 1 });
    queue.push(&now, Duration::ZERO).await.unwrap();
    assert_eq!(receive(&client, url).await, Some(now));

    let pushed = Instant::now();
    // Seconds are whole ones in SQS: never is a message early.
    queue.push(&later, Duration::from_millis(1_100)).await.unwrap();
    let came = loop {
        if let Some(wanted) = receive(&client, url).await {
            break wanted;
        }
        assert!(pushed.elapsed() < Duration::from_secs(90), "it never came");
    };
    assert_eq!(came, later);
    assert!(pushed.elapsed() >= Duration::from_millis(1_900), "it came after {:?}", pushed.elapsed());
}

#[tokio::test]
async fn a_delay_longer_than_sqs_has_is_cut_and_a_missing_queue_is_told() {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let url = stack.output("BulkUrl");
    let wanted = BulkWanted { operation_id: BulkId::from_random(random()), turn: 0 };
    SqsBulkQueue::new(client.clone(), url).push(&wanted, Duration::from_secs(9_999)).await.unwrap();
    let missing = SqsBulkQueue::new(client, url.replace("bulk", "nothing"));
    assert!(missing.push(&wanted, Duration::ZERO).await.is_err());
}
