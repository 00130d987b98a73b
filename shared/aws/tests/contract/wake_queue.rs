//! The contract of [`WakeQueue`], on the queue that infra/queues.yaml declares.

use crate::samples::{at, phone};
use crate::support::stack::{QUEUES, Stack};
use carteiro_aws::AwsClients;
use carteiro_aws::sqs::SqsWakeQueue;
use carteiro_core::command::Alarm;
use carteiro_core::ports::WakeQueue;
use std::time::{Duration, Instant};

async fn receive(client: &aws_sdk_sqs::Client, url: &str) -> Option<Alarm> {
    let answer = client.receive_message().queue_url(url).wait_time_seconds(1).send().await.unwrap();
    let message = answer.messages().first()?;
    let alarm = serde_json::from_str(message.body()?).unwrap();
    let receipt = message.receipt_handle().unwrap();
    client.delete_message().queue_url(url).receipt_handle(receipt).send().await.unwrap();
    Some(alarm)
}

#[tokio::test]
async fn an_alarm_rings_after_its_delay_and_as_often_as_it_is_told() {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let url = stack.output("WakesUrl");
    let queue = SqsWakeQueue::new(client.clone(), url);
    let alarm = Alarm::of(&phone(1), at(60));
    let pushed = Instant::now();
    // Rounded up to two seconds.
    queue.push(&alarm, Duration::from_millis(1_001)).await.unwrap();
    let came = loop {
        if let Some(alarm) = receive(&client, url).await {
            break alarm;
        }
        assert!(pushed.elapsed() < Duration::from_secs(90), "it never came");
    };
    assert_eq!(came, alarm);
    assert!(pushed.elapsed() >= Duration::from_millis(1_900), "it came after {:?}", pushed.elapsed());
    for _ in 0..2 {
        queue.push(&alarm, Duration::ZERO).await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(receive(&client, url).await, Some(alarm.clone()));
    }
    let many: Vec<_> = (0..23).map(|n| (Alarm::of(&phone(n), at(60)), Duration::ZERO)).collect();
    queue.push_all(&many).await.unwrap();
    let mut rung = std::collections::BTreeSet::new();
    let began = Instant::now();
    while rung.len() < many.len() {
        rung.extend(receive(&client, url).await);
        assert!(began.elapsed() < Duration::from_secs(90), "{} came", rung.len());
    }
    assert!(many.iter().all(|(alarm, _)| rung.contains(alarm)));
    queue.push(&alarm, Duration::from_secs(9_999)).await.expect("no longer than SQS takes");
    let missing = SqsWakeQueue::new(client, url.replace("wakes", "nothing"));
    assert!(missing.push(&alarm, Duration::ZERO).await.is_err());
    assert!(missing.push_all(&many).await.is_err());
}
