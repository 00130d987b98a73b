//! The SDK's clients, from the environment.

use crate::counter::{CALLS, CallCounter};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use std::time::Duration;

/// How long one attempt of a request may take. DynamoDB answers in milliseconds; what takes seconds is lost and tried anew.
const ATTEMPT: Duration = Duration::from_secs(5);
/// How long a request may take with all its attempts, so that a function answers before its own caller gives up.
const OPERATION: Duration = Duration::from_secs(12);

/// What the clients are made of: the environment's region, credentials and `AWS_ENDPOINT_URL` (read by the SDK itself).
///
/// Each client is made on demand, so that a binary links only the services that it calls. Clients are cheap to clone; make
/// one of each at start.
#[derive(Debug, Clone)]
pub struct AwsClients {
    config: SdkConfig,
    counter: Option<CallCounter>,
}

/// Makes the client of one service, with the counter attached.
macro_rules! client {
    ($self:ident, $sdk:ident) => {{
        let mut builder = $sdk::config::Builder::from(&$self.config);
        if let Some(counter) = &$self.counter {
            builder = builder.interceptor(counter.clone());
        }
        $sdk::Client::from_conf(builder.build())
    }};
}

impl AwsClients {
    /// Reads the environment. The region comes from `AWS_REGION` alone: asking a machine's metadata service for it would
    /// cost a start seconds wherever there is none. Calls are counted, and told in the log, where the log lets
    /// [`CALLS`] through at `trace`.
    pub async fn load() -> Self {
        let timeouts =
            TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(EnvironmentVariableRegionProvider::new())
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(100)))
            .timeout_config(timeouts)
            .load()
            .await;
        let clients = Self::new(config);
        match tracing::enabled!(target: CALLS, tracing::Level::TRACE) {
            true => clients.counting(CallCounter::default()),
            false => clients,
        }
    }

    /// Takes a configuration as it is.
    pub fn new(config: SdkConfig) -> Self {
        Self { config, counter: None }
    }

    /// Counts every call of the clients made from here on.
    pub fn counting(mut self, counter: CallCounter) -> Self {
        self.counter = Some(counter);
        self
    }

    /// A client of DynamoDB.
    pub fn dynamo(&self) -> aws_sdk_dynamodb::Client {
        client!(self, aws_sdk_dynamodb)
    }

    /// A client of SQS.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        client!(self, aws_sdk_sqs)
    }

    /// A client of S3.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        client!(self, aws_sdk_s3)
    }

    /// What requests are signed with, for signing forms.
    pub(crate) fn credentials(&self) -> Option<SharedCredentialsProvider> {
        self.config.credentials_provider()
    }

    /// A client of SES.
    pub fn ses(&self) -> aws_sdk_ses::Client {
        client!(self, aws_sdk_ses)
    }

    /// A client of SNS.
    pub fn sns(&self) -> aws_sdk_sns::Client {
        client!(self, aws_sdk_sns)
    }

    /// A client of Secrets Manager.
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        client!(self, aws_sdk_secretsmanager)
    }
}
