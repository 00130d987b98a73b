//! The contract of [`ExportQueue`], on the queue that infra/queues.yaml declares.

use crate::samples::random;
use crate::support::stack::{QUEUES, Stack};
use carteiro_aws::AwsClients;
use carteiro_aws::sqs::SqsExportQueue;
use carteiro_core::ids::ExportId;
use carteiro_core::ports::ExportQueue;
use carteiro_core::report::ExportWanted;
use std::time::{Duration, Instant};

async fn receive(client: &aws_sdk_sqs::Client, url: &str) -> Option<ExportWanted> {
    let answer = client.receive_message().queue_url(url).wait_time_seconds(1).send().await.unwrap();
    let body = answer.messages().first().and_then(|message| message.body())?.to_owned();
    Some(serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn an_export_comes_out_and_not_before_its_delay() {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let url = stack.output("ExportsUrl");
    let queue = SqsExportQueue::new(client.clone(), url);
    let id = ExportId::from_random(random());
    queue.push(id, Duration::ZERO).await.unwrap();
    assert_eq!(receive(&client, url).await, Some(ExportWanted { export_id: id }));

    let later = ExportId::from_random(random());
    let pushed = Instant::now();
    queue.push(later, Duration::from_secs(2)).await.unwrap();
    let deadline = pushed + Duration::from_secs(90);
    let came = loop {
        if let Some(wanted) = receive(&client, url).await {
            break wanted;
        }
        assert!(Instant::now() < deadline, "it never came");
    };
    assert_eq!(came, ExportWanted { export_id: later });
    assert!(pushed.elapsed() >= Duration::from_millis(1_900), "it came after {:?}", pushed.elapsed());
}

#[tokio::test]
async fn a_delay_longer_than_sqs_has_is_cut_and_a_missing_queue_is_told() {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let url = stack.output("ExportsUrl");
    let id = ExportId::from_random(random());
    SqsExportQueue::new(client.clone(), url).push(id, Duration::from_secs(9_999)).await.unwrap();
    let missing = SqsExportQueue::new(client, url.replace("exports", "nothing"));
    assert!(missing.push(id, Duration::ZERO).await.is_err());
}
