//! The SDK's clients, from the environment.

use crate::connections::Connections;
use crate::counter::{CALLS, CallCounter};
use crate::role;
use crate::s3::S3Client;
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

/// What the clients are made of: the environment's region, the role's credentials and `AWS_ENDPOINT_URL` (read by the SDK itself).
///
/// Each client is made on demand, so that a binary links only the services that it calls, and once: whoever asks for it again
/// gets the same, with its connections.
#[derive(Debug, Clone)]
pub struct AwsClients {
    base: Base,
    dynamo: OnceLock<aws_sdk_dynamodb::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    s3: OnceLock<S3Client>,
    ses: OnceLock<aws_sdk_ses::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
}

/// What all clients have.
#[derive(Debug, Clone)]
struct Base {
    config: SdkConfig,
    counter: Option<CallCounter>,
    interceptor: Option<SharedInterceptor>,
}

/// The client of one service, made of what all have.
macro_rules! client {
    ($base:expr, $sdk:ident) => {{
        let base: &Base = &$base;
        let mut builder = $sdk::config::Builder::from(&base.config);
        if let Some(counter) = &base.counter {
            builder = builder.interceptor(counter.clone());
        }
        if let Some(interceptor) = &base.interceptor {
            builder = builder.interceptor(interceptor.clone());
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
        let connections = Connections::new();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(EnvironmentVariableRegionProvider::new())
            .credentials_provider(role::credentials(&connections))
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
        Self::of(Base { config, counter: None, interceptor: None })
    }

    fn of(base: Base) -> Self {
        Self {
            base,
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
        Self::of(Base { counter: Some(counter), ..self.base })
    }

    /// Has every call of these clients, which are made anew, go through an interceptor, as trials of failing calls do.
    pub fn intercepted(self, interceptor: impl Intercept + 'static) -> Self {
        Self::of(Base { interceptor: Some(SharedInterceptor::new(interceptor)), ..self.base })
    }

    /// A client of DynamoDB.
    pub fn dynamo(&self) -> aws_sdk_dynamodb::Client {
        self.dynamo.get_or_init(|| client!(self.base, aws_sdk_dynamodb)).clone()
    }

    /// A client of SQS.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.sqs.get_or_init(|| client!(self.base, aws_sdk_sqs)).clone()
    }

    /// A client of S3, which is made when it is first used.
    pub fn s3(&self) -> S3Client {
        let lazy = || {
            let base = self.base.clone();
            S3Client::new(move || client!(base, aws_sdk_s3))
        };
        self.s3.get_or_init(lazy).clone()
    }

    /// What requests are signed with, for signing forms.
    pub(crate) fn credentials(&self) -> Option<SharedCredentialsProvider> {
        self.base.config.credentials_provider()
    }

    /// A client of SES.
    pub fn ses(&self) -> aws_sdk_ses::Client {
        self.ses.get_or_init(|| client!(self.base, aws_sdk_ses)).clone()
    }

    /// A client of SNS.
    pub fn sns(&self) -> aws_sdk_sns::Client {
        self.sns.get_or_init(|| client!(self.base, aws_sdk_sns)).clone()
    }

    /// A client of Secrets Manager.
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        self.secrets.get_or_init(|| client!(self.base, aws_sdk_secretsmanager)).clone()
    }
}
