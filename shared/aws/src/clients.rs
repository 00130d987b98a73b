//! The SDK's clients, from the environment.

use crate::connections::Connections;
use crate::counter::{CALLS, CallCounter};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use std::sync::OnceLock;
use std::time::Duration;

/// How long one attempt of a request may take. DynamoDB answers in milliseconds; what takes seconds is lost and tried anew.
const ATTEMPT: Duration = Duration::from_secs(5);
/// How long a request may take with all its attempts, so that a function answers before its own caller gives up.
const OPERATION: Duration = Duration::from_secs(12);

/// What the clients are made of: the environment's region, credentials and `AWS_ENDPOINT_URL` (read by the SDK itself).
///
/// Each client is made on demand, so that a binary links only the services that it calls, and once: whoever asks for it again
/// gets the same, with its connections.
#[derive(Debug, Clone)]
pub struct AwsClients {
    config: SdkConfig,
    counter: Option<CallCounter>,
    interceptor: Option<SharedInterceptor>,
    dynamo: OnceLock<aws_sdk_dynamodb::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    ses: OnceLock<aws_sdk_ses::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
}

/// The client of one service, made with what is attached to all when it is first asked for.
macro_rules! client {
    ($self:ident . $service:ident, $sdk:ident) => {
        $self
            .$service
            .get_or_init(|| {
                let mut builder = $sdk::config::Builder::from(&$self.config);
                if let Some(counter) = &$self.counter {
                    builder = builder.interceptor(counter.clone());
                }
                if let Some(interceptor) = &$self.interceptor {
                    builder = builder.interceptor(interceptor.clone());
                }
                $sdk::Client::from_conf(builder.build())
            })
            .clone()
    };
}

impl AwsClients {
    /// Reads the environment. The region comes from `AWS_REGION` alone: asking a machine's metadata service for it would
    /// cost a start seconds wherever there is none. Calls are counted, and told in the log, where the log lets
    /// [`CALLS`] through at `trace`.
    pub async fn load() -> Self {
        let timeouts =
            TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build();
        let connections = Connections::new();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(EnvironmentVariableRegionProvider::new())
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(100)))
            .timeout_config(timeouts)
            .http_client(connections.clone())
            .load()
            .await;
        if config.endpoint_url().is_some() {
            connections.trust_the_system();
        }
        let clients = Self::new(config);
        match tracing::enabled!(target: CALLS, tracing::Level::TRACE) {
            true => clients.counting(CallCounter::default()),
            false => clients,
        }
    }

    /// Takes a configuration as it is.
    pub fn new(config: SdkConfig) -> Self {
        Self {
            config,
            counter: None,
            interceptor: None,
            dynamo: OnceLock::new(),
            sqs: OnceLock::new(),
            s3: OnceLock::new(),
            ses: OnceLock::new(),
            sns: OnceLock::new(),
            secrets: OnceLock::new(),
        }
    }

    /// Counts every call of these clients, which are made anew.
    pub fn counting(self, counter: CallCounter) -> Self {
        Self { counter: Some(counter), interceptor: self.interceptor, ..Self::new(self.config) }
    }

    /// Has every call of these clients, which are made anew, go through an interceptor, as trials of failing calls do.
    pub fn intercepted(self, interceptor: impl Intercept + 'static) -> Self {
        let interceptor = Some(SharedInterceptor::new(interceptor));
        Self { counter: self.counter, interceptor, ..Self::new(self.config) }
    }

    /// A client of DynamoDB.
    pub fn dynamo(&self) -> aws_sdk_dynamodb::Client {
        client!(self.dynamo, aws_sdk_dynamodb)
    }

    /// A client of SQS.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        client!(self.sqs, aws_sdk_sqs)
    }

    /// A client of S3.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        client!(self.s3, aws_sdk_s3)
    }

    /// What requests are signed with, for signing forms.
    pub(crate) fn credentials(&self) -> Option<SharedCredentialsProvider> {
        self.config.credentials_provider()
    }

    /// A client of SES.
    pub fn ses(&self) -> aws_sdk_ses::Client {
        client!(self.ses, aws_sdk_ses)
    }

    /// A client of SNS.
    pub fn sns(&self) -> aws_sdk_sns::Client {
        client!(self.sns, aws_sdk_sns)
    }

    /// A client of Secrets Manager.
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        client!(self.secrets, aws_sdk_secretsmanager)
    }
}
