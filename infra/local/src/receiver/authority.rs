//! The receiver's certificate, and the authority that signs it, made anew at every start.

use crate::error::{Error, While};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the receiver identifies itself with.
pub(super) struct Authority {
    /// The authority's certificate, in PEM.
    pub(super) pem: String,
    /// How the server speaks TLS.
    pub(super) tls: TlsAcceptor,
}

impl Authority {
    pub(super) fn generate(host: &str) -> Result<Self, Error> {
        const DOING: &str = "make the certificate of the webhooks' receiver";
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().or_cannot(DOING)?;
        let pem = params.self_signed(&key).or_cannot(DOING)?.pem();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().or_cannot(DOING)?;
        let leaf = CertificateParams::new(vec![host.to_owned()]).or_cannot(DOING)?;
        let leaf = leaf.signed_by(&key, &issuer).or_cannot(DOING)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .or_cannot(DOING)?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .or_cannot(DOING)?;
        Ok(Self { pem, tls: TlsAcceptor::from(Arc::new(config)) })
    }
}
