//! The contract of [`MediaQueue`], on the queue that infra/queues.yaml declares.

use crate::chat_samples::{ana, received};
use crate::samples::{phone, user_id};
use crate::support::stack::{QUEUES, Stack};
use carteiro_aws::AwsClients;
use carteiro_aws::sqs::SqsMediaQueue;
use carteiro_core::command::MediaReceived;
use carteiro_core::ports::MediaQueue;

#[tokio::test]
async fn a_received_file_comes_out_by_the_key_of_its_message() {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let url = stack.output("MediaUrl");
    let file = MediaReceived { user: user_id(), number: phone(1), key: received(&ana(), "A1", 1, "").key };
    SqsMediaQueue::new(client.clone(), url).push(&file).await.unwrap();
    let answer = client.receive_message().queue_url(url).wait_time_seconds(5).send().await.unwrap();
    let body = answer.messages().first().and_then(|message| message.body()).expect("a message").to_owned();
    assert_eq!(serde_json::from_str::<MediaReceived>(&body).unwrap(), file);
    let missing = SqsMediaQueue::new(client, url.replace("media", "nothing"));
    assert!(missing.push(&file).await.is_err());
}
