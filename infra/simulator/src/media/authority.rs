//! The media server's certificate, and the authority that signs it. Both are made at every start, so that no key
//! that anybody is told to trust outlives the process.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::SimulatorError;

/// The names that the certificate is for; the last is the host that WhatsApp's own clients fall back to, for who is led here by it.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "mmg.whatsapp.net"];

/// What the media server identifies itself with.
pub(crate) struct Authority {
    /// The authority's certificate, in PEM: what a client has to trust.
    pub(crate) pem: String,
    /// How the server speaks TLS.
    pub(crate) tls: Arc<ServerConfig>,
}

impl Authority {
    /// A new authority and a certificate signed by it.
    pub(crate) fn generate() -> Result<Self, SimulatorError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Carteiro simulator");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        valid(&mut params);
        let key = KeyPair::generate().map_err(SimulatorError::crypto)?;
        let pem = params.self_signed(&key).map_err(SimulatorError::crypto)?.pem();
        let issuer = Issuer::new(params, key);

        let names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).map_err(SimulatorError::crypto)?;
        params.distinguished_name.push(DnType::CommonName, NAMES[0]);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid(&mut params);
        let key = KeyPair::generate().map_err(SimulatorError::crypto)?;
        let certificate = params.signed_by(&key, &issuer).map_err(SimulatorError::crypto)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // The provider is named, so that another one in the same process is no matter.
        let tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(SimulatorError::crypto)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .map_err(SimulatorError::crypto)?;
        Ok(Self { pem, tls: Arc::new(tls) })
    }
}

/// The same years as the certificates of the Noise handshake.
fn valid(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2023, 11, 14);
    params.not_after = date_time_ymd(2033, 5, 7);
}
