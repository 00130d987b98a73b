//! The bucket of files, as infra/data.yaml declares it.

use super::stack::{DATA, Stack, config};
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use carteiro_aws::AwsClients;
use carteiro_aws::s3::{S3ObjectLinks, S3ObjectParts, S3Objects};
use carteiro_core::testing::ManualClock;
use jiff::Timestamp;
use std::sync::Arc;

/// A bucket of one test.
pub(crate) struct Bucket {
    clients: AwsClients,
    name: String,
}

impl Bucket {
    /// Empty, and nobody else's.
    pub(crate) async fn deploy() -> Self {
        let stack = Stack::deploy(DATA).await;
        let name = stack.output("MediaBucket").to_owned();
        Self { clients: AwsClients::new(stack.config), name }
    }

    /// One that does not answer.
    pub(crate) async fn nowhere() -> Self {
        let retry = RetryConfig::disabled();
        let config: SdkConfig = config("http://127.0.0.1:1").await.into_builder().retry_config(retry).build();
        Self { clients: AwsClients::new(config), name: "nenhum".into() }
    }

    pub(crate) fn objects(&self) -> S3Objects {
        S3Objects::new(self.clients.s3(), &self.name)
    }

    pub(crate) fn parts(&self) -> S3ObjectParts {
        S3ObjectParts::new(self.clients.s3(), &self.name)
    }

    pub(crate) fn links(&self) -> S3ObjectLinks {
        self.links_at(Timestamp::now())
    }

    /// Links that are made at that time.
    pub(crate) fn links_at(&self, time: Timestamp) -> S3ObjectLinks {
        let clock = Arc::new(ManualClock::at_second(time.as_second()));
        S3ObjectLinks::new(&self.clients, &self.name, clock)
    }
}
