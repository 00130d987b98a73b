//! Clients of the emulated AWS, for the benchmarks' own part in it.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use carteiro_local::System;

fn config(system: &System) -> aws_config::SdkConfig {
    aws_config::SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(system.aws_endpoint())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "bench",
        )))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

/// A client of the emulated SQS.
pub(crate) fn sqs(system: &System) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(&config(system))
}

/// How many messages of chats are stored.
pub(super) async fn messages(system: &System) -> Result<usize, Box<dyn std::error::Error>> {
    let table = system.output("ChatsTable")?;
    let client = aws_sdk_dynamodb::Client::new(&config(system));
    let (mut count, mut start) = (0, None);
    loop {
        let scan = client.scan().table_name(table).select(aws_sdk_dynamodb::types::Select::Count);
        let scan = scan.filter_expression("begins_with(pk, :messages)");
        let scan = scan.expression_attribute_values(
            ":messages",
            aws_sdk_dynamodb::types::AttributeValue::S("M#".to_owned()),
        );
        let answer = scan.set_exclusive_start_key(start).send().await?;
        count += usize::try_from(answer.count)?;
        start = answer.last_evaluated_key;
        if start.is_none() {
            return Ok(count);
        }
    }
}
