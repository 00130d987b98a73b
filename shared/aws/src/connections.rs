//! The connections of all clients.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::OnceLock;

/// One HTTP client for all services. By itself the SDK gives each client of a service its own, each of which takes the system's
/// authorities to pieces twice, once for a connector that is only to show that it can be made.
#[derive(Debug)]
pub(crate) struct Connections {
    client: SharedHttpClient,
    tried: OnceLock<()>,
}

impl Connections {
    pub(crate) fn new() -> Self {
        let tls = Provider::Rustls(CryptoMode::AwsLc);
        Self { client: Builder::new().tls_provider(tls).build_https(), tried: OnceLock::new() }
    }
}

impl HttpClient for Connections {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.client.http_connector(settings, components)
    }

    /// Makes the connector once. It has the authorities read at the start, and not by the first request.
    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        match self.tried.set(()) {
            Ok(()) => self.client.validate_base_client_config(components, config),
            Err(()) => Ok(()),
        }
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.client.connector_metadata()
    }
}
