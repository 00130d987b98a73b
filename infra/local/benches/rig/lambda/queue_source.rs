//! An SQS event source: what Lambda's poller does for a FIFO queue, with a worker for each batch in flight.

use super::Environment;
use aws_sdk_sqs::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Polls a queue and feeds a function; it ends when it is dropped.
pub(crate) struct QueueSource {
    _pollers: JoinSet<()>,
}

impl QueueSource {
    /// Starts `pollers` pollers of `queue`, each with up to ten messages in flight.
    pub(crate) fn start(
        client: &Client,
        queue: &str,
        function: &Arc<Environment>,
        pollers: usize,
    ) -> QueueSource {
        let mut tasks = JoinSet::new();
        for _ in 0..pollers {
            let (client, queue, function) = (client.clone(), queue.to_owned(), function.clone());
            tasks.spawn(async move {
                loop {
                    if let Err(error) = one_batch(&client, &queue, &function).await {
                        eprintln!("queue source: {error}");
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                }
            });
        }
        QueueSource { _pollers: tasks }
    }
}

async fn one_batch(
    client: &Client,
    queue: &str,
    function: &Environment,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    use aws_sdk_sqs::types::MessageSystemAttributeName::All;
    let received = client.receive_message().queue_url(queue).max_number_of_messages(10).wait_time_seconds(20);
    let received = received.message_system_attribute_names(All).send().await?;
    let messages = received.messages.unwrap_or_default();
    if messages.is_empty() {
        return Ok(());
    }
    let records: Vec<Value> = messages
        .iter()
        .map(|message| {
            let attributes = message.attributes().into_iter().flatten();
            let attributes: serde_json::Map<String, Value> =
                attributes.map(|(name, value)| (name.as_str().to_owned(), value.as_str().into())).collect();
            json!({
                "messageId": message.message_id(), "receiptHandle": message.receipt_handle(), "body": message.body(),
                "attributes": attributes, "messageAttributes": {}, "md5OfBody": message.md5_of_body(),
                "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:bench", "awsRegion": "us-east-1"
            })
        })
        .collect();
    let answer = function.invoke(json!({ "Records": records }).to_string(), Duration::from_secs(60)).await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    let failed: BTreeSet<&str> = answer["batchItemFailures"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|f| f["itemIdentifier"].as_str())
        .collect();
    for message in &messages {
        if let (Some(id), Some(receipt)) = (message.message_id(), message.receipt_handle())
            && !failed.contains(id)
        {
            client.delete_message().queue_url(queue).receipt_handle(receipt).send().await?;
        }
    }
    Ok(())
}
