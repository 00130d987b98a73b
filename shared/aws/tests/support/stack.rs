//! Stacks of the deployment's own templates, deployed to the emulated AWS: what the adapters take for granted of tables,
//! indexes and queues is held against what is deployed.

use super::emulator;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_cloudformation::types::{Parameter, StackStatus};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) const DATA: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/data.yaml"));
pub(crate) const QUEUES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/queues.yaml"));
pub(crate) const SECRETS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/secrets.yaml"));

/// A configuration of the SDK that reaches an emulated AWS.
pub(crate) async fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "tests");
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .load()
        .await
}

/// A deployed stack.
pub(crate) struct Stack {
    /// How its clients are configured.
    pub(crate) config: SdkConfig,
    /// What its names begin with; no other test's do.
    pub(crate) prefix: String,
    outputs: HashMap<String, String>,
}

impl Stack {
    /// Deploys a template under names of its own.
    pub(crate) async fn deploy(template: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("t{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // The first test starts the emulator, which takes its time.
        let endpoint = tokio::task::spawn_blocking(emulator::endpoint).await.expect("an emulated AWS");
        let config = config(endpoint).await;
        let client = aws_sdk_cloudformation::Client::new(&config);
        let parameter = Parameter::builder().parameter_key("Prefix").parameter_value(&prefix).build();
        // AWS reads the parameter "false" as a boolean; the emulator keeps the string, which the SDK then refuses to read.
        let template = template.replace("!Ref DeletionProtection\n", "false\n");
        let create = client.create_stack().stack_name(&prefix).template_body(template).parameters(parameter);
        create.send().await.expect("a stack");
        for _ in 0..600 {
            let answer = client.describe_stacks().stack_name(&prefix).send().await.expect("stacks");
            let stack = answer.stacks().first().expect("the stack");
            match stack.stack_status() {
                Some(StackStatus::CreateComplete) => {
                    let output = |o: &aws_sdk_cloudformation::types::Output| {
                        Some((o.output_key()?.to_owned(), o.output_value()?.to_owned()))
                    };
                    let outputs = stack.outputs().iter().filter_map(output).collect();
                    return Self { config, prefix, outputs };
                }
                Some(StackStatus::CreateInProgress) => tokio::time::sleep(Duration::from_millis(20)).await,
                other => panic!("the stack is {other:?}: {:?}", stack.stack_status_reason()),
            }
        }
        panic!("the stack was not deployed in time");
    }

    /// An output of the template.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("the template has no output {name}"))
    }
}
