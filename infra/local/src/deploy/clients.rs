//! Clients of the emulated AWS. Plain HTTP: it is on loopback, and without TLS this program builds in half the time.

use crate::emulator::REGION;
use aws_sdk_cloudformation::config::{BehaviorVersion, Credentials, Region};

/// One client for each service that a deployment needs.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) gateway: aws_sdk_apigatewayv2::Client,
    pub(crate) objects: aws_sdk_s3::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
}

impl Clients {
    /// Clients of the service at `endpoint`.
    pub(crate) fn new(endpoint: &str) -> Self {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let behavior = BehaviorVersion::v2026_01_12();
        let keys = Credentials::new("test", "test", None, None, "local");
        macro_rules! config {
            ($service:ident) => {
                $service::Config::builder()
                    .behavior_version(behavior)
                    .http_client(http.clone())
                    .endpoint_url(endpoint)
                    .region(Region::new(REGION))
                    .credentials_provider(keys.clone())
            };
        }
        let objects = config!(aws_sdk_s3).force_path_style(true).build();
        Self {
            cloudformation: aws_sdk_cloudformation::Client::from_conf(
                config!(aws_sdk_cloudformation).build(),
            ),
            gateway: aws_sdk_apigatewayv2::Client::from_conf(config!(aws_sdk_apigatewayv2).build()),
            objects: aws_sdk_s3::Client::from_conf(objects),
            secrets: aws_sdk_secretsmanager::Client::from_conf(config!(aws_sdk_secretsmanager).build()),
        }
    }
}
