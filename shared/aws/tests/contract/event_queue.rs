//! The contract of [`EventQueue`], on the queue that infra/queues.yaml declares.

use crate::samples::{random, user_id};
use crate::support::stack::{QUEUES, Stack};
use carteiro_aws::AwsClients;
use carteiro_aws::sqs::SqsEventQueue;
use carteiro_core::ids::ReceiverId;
use carteiro_core::ports::EventQueue;
use carteiro_core::webhook::{ReceiverScope, StreamKey, StreamSignal};
use std::time::{Duration, Instant};

fn signal(wake: Option<u64>) -> StreamSignal {
    let stream = StreamKey {
        user: user_id(),
        scope: ReceiverScope::Session("Recepção 1".parse().unwrap()),
        receiver: ReceiverId::from_random(random()),
        origin: "Recepção 1".into(),
    };
    StreamSignal { stream, wake }
}

async fn receive(client: &aws_sdk_sqs::Client, url: &str) -> Option<StreamSignal> {
    let answer = client.receive_message().queue_url(url).wait_time_seconds(1).send().await.unwrap();
    let message = answer.messages().first()?;
    let signal = serde_json::from_str(message.body()?).unwrap();
    let receipt = message.receipt_handle().unwrap();
    client.delete_message().queue_url(url).receipt_handle(receipt).send().await.unwrap();
    Some(signal)
}

#[tokio::test]
async fn a_signal_comes_out_and_not_before_its_delay() {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let url = stack.output("EventsUrl");
    let queue = SqsEventQueue::new(client.clone(), url);
    let now = signal(None);
    queue.push(&now, Duration::ZERO).await.unwrap();
    assert_eq!(receive(&client, url).await, Some(now.clone()));

    let later = signal(Some(u64::MAX));
    let pushed = Instant::now();
    // Rounded up to two seconds.
    queue.push(&later, Duration::from_millis(1_001)).await.unwrap();
    let deadline = pushed + Duration::from_secs(90);
    let came = loop {
        if let Some(signal) = receive(&client, url).await {
            break signal;
        }
        assert!(Instant::now() < deadline, "it never came");
    };
    assert_eq!(came, later);
    assert!(pushed.elapsed() >= Duration::from_millis(1_900), "it came after {:?}", pushed.elapsed());

    // The very same signal again is another one: none is dropped for looking like one before it.
    for _ in 0..2 {
        queue.push(&now, Duration::ZERO).await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(receive(&client, url).await, Some(now.clone()));
    }
}

#[tokio::test]
async fn a_delay_longer_than_sqs_has_is_cut_and_a_missing_queue_is_told() {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let url = stack.output("EventsUrl");
    SqsEventQueue::new(client.clone(), url).push(&signal(None), Duration::from_secs(9_999)).await.unwrap();
    let missing = SqsEventQueue::new(client, url.replace("events", "nothing"));
    assert!(missing.push(&signal(None), Duration::ZERO).await.is_err());
}
