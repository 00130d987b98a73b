//! The connections of all clients.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_rustls::rustls::{self, CertificateError};

/// The authorities of Amazon Trust Services, one of which has signed the certificate of each of AWS's endpoints:
/// <https://www.amazontrust.com/repository/>. The first of them to end does so on 2037-12-31.
const AMAZON: &[u8] = include_bytes!("amazon.pem");

/// One HTTP client for all services, over TLS.
///
/// By itself the SDK gives each client of a service its own, each of which takes the system's authorities to pieces, a hundred
/// and forty of them, before it is asked for anything. This one begins with Amazon's own five. Where a server's
/// certificate is of none of them, as behind a proxy that looks into TLS or in a partition with authorities of its own, it
/// trusts the system's from then on, which `SSL_CERT_FILE` and `SSL_CERT_DIR` name; the SDK's next attempt succeeds.
#[derive(Debug, Clone)]
pub struct Connections {
    amazon: SharedHttpClient,
    system: SharedHttpClient,
    wide: Arc<AtomicBool>,
}

impl Connections {
    /// Connections to AWS's own endpoints. No authority is read before the first request.
    pub fn new() -> Self {
        let builder = || Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        let five = TrustStore::empty().with_pem_certificate(AMAZON);
        // The default trusts the system; the SDK has no way to refuse this.
        let amazon = TlsContext::builder().with_trust_store(five).build().unwrap_or_default();
        Self {
            amazon: builder().tls_context(amazon).build_https(),
            system: builder().build_https(),
            wide: Arc::default(),
        }
    }

    /// Trusts whom the system trusts, from now on: for endpoints that are not AWS's own.
    pub fn trust_the_system(&self) {
        self.wide.store(true, Ordering::Relaxed);
    }

    /// Whether it trusts whom the system trusts.
    pub fn trusts_the_system(&self) -> bool {
        self.wide.load(Ordering::Relaxed)
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpClient for Connections {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        if self.trusts_the_system() {
            return self.system.http_connector(settings, components);
        }
        let connector = self.amazon.http_connector(settings, components);
        SharedHttpConnector::new(Watched { connector, connections: self.clone() })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.system.connector_metadata()
    }
}

/// A connector that notices when a server is vouched for by somebody else.
#[derive(Debug)]
struct Watched {
    connector: SharedHttpConnector,
    connections: Connections,
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, connections) = (self.connector.call(request), self.connections.clone());
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            if let Err(error) = &answer
                && is_of_another_authority(error)
                && !connections.trusts_the_system()
            {
                tracing::warn!(
                    "an endpoint's certificate is not of Amazon's: the system's authorities are trusted"
                );
                connections.trust_the_system();
            }
            answer
        })
    }
}

/// Whether a server was refused for who signed its certificate. What an `io::Error` wraps is no source of it.
fn is_of_another_authority(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) = error.downcast_ref()
        {
            return true;
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref()) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}
