//! The contracts of [`SendQueue`], [`ShardSender`] and [`ShardReceiver`], on the queues that infra/queues.yaml declares.

use crate::samples::{phone, send_id};
use crate::support::stack::{QUEUES, Stack};
use aws_sdk_sqs::types::MessageSystemAttributeName as Attribute;
use carteiro_aws::AwsClients;
use carteiro_aws::sqs::{ShardQueues, SqsSendQueue, SqsShardReceiver, SqsShardSender};
use carteiro_core::command::{SendAccepted, ShardCommand};
use carteiro_core::ports::{ReceivedCommand, SendQueue, ShardReceiver, ShardSender};
use carteiro_core::shard::Shard;
use std::time::{Duration, Instant};

struct Queues {
    client: aws_sdk_sqs::Client,
    sends_url: String,
    sends: SqsSendQueue,
    sender: SqsShardSender,
    receiver: SqsShardReceiver,
    shards: ShardQueues,
}

async fn queues() -> Queues {
    let stack = Stack::deploy(QUEUES).await;
    let client = AwsClients::new(stack.config.clone()).sqs();
    let shards = ShardQueues::new(stack.output("SessionUrlPrefix"));
    let sends_url = stack.output("SendsUrl").to_owned();
    Queues {
        sends: SqsSendQueue::new(client.clone(), &sends_url),
        sender: SqsShardSender::new(client.clone(), shards.clone()),
        receiver: SqsShardReceiver::new(client.clone(), shards.clone()),
        client,
        sends_url,
        shards,
    }
}

fn shard() -> Shard {
    Shard::from_stored(7)
}

fn send_command(number: u32) -> ShardCommand {
    ShardCommand::Send { number: phone(number), send_id: send_id() }
}

impl Queues {
    async fn push(&self, command: &ShardCommand, dedup: &str) {
        self.sender.push(shard(), command, dedup).await.unwrap();
    }

    async fn receive(&self) -> Vec<ReceivedCommand> {
        self.receiver.receive(shard(), Duration::from_secs(1)).await.unwrap()
    }

    async fn give_back(&self, received: &[ReceivedCommand]) {
        self.receiver.extend(shard(), &receipts(received), Duration::ZERO).await.unwrap();
    }
}

fn receipts(received: &[ReceivedCommand]) -> Vec<String> {
    received.iter().map(|r| r.receipt.clone()).collect()
}

fn commands(received: &[ReceivedCommand]) -> Vec<ShardCommand> {
    received.iter().filter_map(|r| r.command.clone()).collect()
}

#[tokio::test]
async fn sends_stand_in_line_by_number() {
    let queues = queues().await;
    let accepted: Vec<_> = (0..3).map(|_| SendAccepted { send_id: send_id() }).collect();
    for accepted in &accepted {
        queues.sends.push(&phone(1), accepted, 0).await.unwrap();
    }
    // A doubled request is dropped; a wanted repetition is not.
    queues.sends.push(&phone(1), &accepted[0], 0).await.unwrap();
    queues.sends.push(&phone(1), &accepted[0], 1).await.unwrap();
    let answer = queues
        .client
        .receive_message()
        .queue_url(&queues.sends_url)
        .max_number_of_messages(10)
        .message_system_attribute_names(Attribute::MessageGroupId)
        .send()
        .await
        .unwrap();
    let bodies: Vec<SendAccepted> =
        answer.messages().iter().map(|m| serde_json::from_str(m.body().unwrap()).unwrap()).collect();
    let expected = [&accepted[0], &accepted[1], &accepted[2], &accepted[0]].map(Clone::clone);
    assert_eq!(bodies, expected);
    for message in answer.messages() {
        assert_eq!(message.attributes().unwrap()[&Attribute::MessageGroupId], phone(1).digits());
    }
}

#[tokio::test]
async fn a_shards_commands_come_in_order() {
    let queues = queues().await;
    let pushed: Vec<_> = (0..5).map(|_| send_command(1)).collect();
    for (n, command) in pushed.iter().enumerate() {
        queues.push(command, &n.to_string()).await;
    }
    let received = queues.receive().await;
    assert_eq!(commands(&received), pushed);
    assert!(received.iter().all(|r| r.receives == 1));
    let other = queues.receiver.receive(Shard::from_stored(8), Duration::ZERO).await.unwrap();
    assert!(other.is_empty(), "another shard has its own");
}

#[tokio::test]
async fn none_of_a_group_comes_while_earlier_ones_are_held() {
    let queues = queues().await;
    let (first, second) = (send_command(1), send_command(1));
    queues.push(&first, "1").await;
    let held = queues.receive().await;
    queues.push(&second, "2").await;
    // Control and other numbers do not wait behind them.
    let align = ShardCommand::Align { number: phone(1) };
    let other = send_command(2);
    queues.push(&align, "3").await;
    queues.push(&other, "4").await;
    let received = commands(&queues.receive().await);
    assert_eq!(received.len(), 2);
    assert!(received.contains(&align) && received.contains(&other));
    queues.receiver.delete(shard(), &receipts(&held)).await.unwrap();
    assert_eq!(commands(&queues.receive().await), [second]);
}

#[tokio::test]
async fn what_is_given_back_comes_again_in_order() {
    let queues = queues().await;
    let pushed: Vec<_> = (0..3).map(|_| send_command(1)).collect();
    for (n, command) in pushed.iter().enumerate() {
        queues.push(command, &n.to_string()).await;
    }
    let received = queues.receive().await;
    queues.receiver.delete(shard(), &receipts(&received[..1])).await.unwrap();
    queues.give_back(&received[1..]).await;
    let again = queues.receive().await;
    assert_eq!(commands(&again), pushed[1..]);
    assert!(again.iter().all(|r| r.receives == 2), "{again:?}");
}

#[tokio::test]
async fn what_is_extended_stays_held() {
    let queues = queues().await;
    queues.push(&send_command(1), "1").await;
    let received = queues.receive().await;
    queues.receiver.extend(shard(), &receipts(&received), Duration::from_secs(600)).await.unwrap();
    assert!(queues.receive().await.is_empty());
    let attributes = queues.client.get_queue_attributes().queue_url(queues.shards.url(shard()));
    let held = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
    let answer = attributes.attribute_names(held.clone()).send().await.unwrap();
    assert_eq!(answer.attributes().unwrap()[&held], "1");
}

#[tokio::test]
async fn any_number_is_deleted() {
    let queues = queues().await;
    for n in 0..25 {
        queues.push(&send_command(n), &n.to_string()).await;
    }
    let mut received = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(60);
    while received.len() < 25 && Instant::now() < deadline {
        received.extend(queues.receive().await);
    }
    assert_eq!(received.len(), 25);
    queues.receiver.delete(shard(), &[]).await.unwrap();
    queues.receiver.delete(shard(), &receipts(&received)).await.unwrap();
    assert!(queues.receive().await.is_empty());
}

#[tokio::test]
async fn a_bad_receipt_fails_alone() {
    let queues = queues().await;
    queues.push(&send_command(1), "1").await;
    let received = queues.receive().await;
    let mut with_bad = vec!["no receipt of ours".to_owned()];
    with_bad.extend(receipts(&received));
    let deleted = queues.receiver.delete(shard(), &with_bad).await;
    let text = deleted.expect_err("one failed").to_string();
    assert!(text.starts_with("sqs DeleteMessageBatch session-07: ReceiptHandleIsInvalid"), "{text}");
    assert!(!text.contains("no receipt of ours"));
    queues.push(&send_command(1), "2").await;
    let next = queues.receive().await;
    assert_eq!(next.len(), 1, "the good one was deleted: its group goes on");
    assert_eq!(next[0].receives, 1);
}

#[tokio::test]
async fn doubled_commands_are_one() {
    let queues = queues().await;
    let command = send_command(1);
    for _ in 0..3 {
        queues.push(&command, "same").await;
    }
    assert_eq!(queues.receive().await.len(), 1);
}

#[tokio::test]
async fn what_is_no_command_is_shown_as_none() {
    let queues = queues().await;
    let message = queues.client.send_message().queue_url(queues.shards.url(shard()));
    let message =
        message.message_body(r#"{"kind":"sing"}"#).message_group_id("g").message_deduplication_id("d");
    message.send().await.unwrap();
    let received = queues.receive().await;
    assert_eq!(received.len(), 1);
    assert!(received[0].command.is_none());
    queues.receiver.delete(shard(), &receipts(&received)).await.unwrap();
}

#[tokio::test]
async fn a_receive_waits_for_what_comes() {
    let queues = queues().await;
    let wait = queues.receiver.receive(shard(), Duration::from_secs(15));
    let command = send_command(1);
    let begin = Instant::now();
    let (received, ()) = tokio::join!(wait, queues.push(&command, "1"));
    assert_eq!(commands(&received.unwrap()), [command]);
    assert!(begin.elapsed() < Duration::from_secs(14), "it came before the wait was over");
    let begin = Instant::now();
    assert!(queues.receiver.receive(shard(), Duration::from_secs(1)).await.unwrap().is_empty());
    assert!(begin.elapsed() >= Duration::from_millis(900), "an empty queue is waited for");
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_unavailable() {
    let queues = queues().await;
    let nowhere = Shard::from_stored(99);
    assert!(queues.sender.push(nowhere, &send_command(1), "1").await.is_err());
    assert!(queues.receiver.receive(nowhere, Duration::ZERO).await.is_err());
    assert!(queues.receiver.delete(nowhere, &["r".into()]).await.is_err());
}
