//! Whom TLS trusts.

use std::sync::{Arc, OnceLock};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

/// The platform has no certificate authority to trust, or none that can be read.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the platform has no trusted certificate authorities")]
pub struct NoTrustedRoots;

/// Whom TLS trusts.
#[derive(Clone)]
pub(crate) struct Trust(Arc<OnceLock<Result<TlsConnector, NoTrustedRoots>>>);

impl Trust {
    /// The platform's authorities, which are read for the first connection: a start does not wait for them.
    pub(crate) fn in_the_platform() -> Self {
        Self(Arc::default())
    }

    /// These authorities.
    #[cfg(any(test, feature = "simulator"))]
    pub(crate) fn in_these(roots: Vec<CertificateDer<'static>>) -> Result<Self, NoTrustedRoots> {
        Ok(Self(Arc::new(OnceLock::from(Ok(connector(roots)?)))))
    }

    /// What opens encrypted connections.
    pub(crate) fn connector(&self) -> Result<&TlsConnector, NoTrustedRoots> {
        self.0.get_or_init(|| connector(platform_roots())).as_ref().map_err(|error| *error)
    }
}

/// The platform's bundle of authorities: the usual places of the system, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name, as
/// for the AWS SDK.
fn platform_roots() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

/// TLS 1.2 and 1.3 towards servers with certificates of these authorities. Those that cannot be read are left out.
fn connector(roots: Vec<CertificateDer<'static>>) -> Result<TlsConnector, NoTrustedRoots> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots);
    if store.is_empty() {
        return Err(NoTrustedRoots);
    }
    let config = config(store).map_err(|_| NoTrustedRoots)?;
    Ok(TlsConnector::from(Arc::new(config)))
}

fn config(store: RootCertStore) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
