//! HTTP, which the library needs for what WhatsApp keeps outside the connection: files, and a large app state at pairing.

use crate::error::EngineError;
use std::time::Duration;
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use whatsapp_rust::http::UreqHttpClient;

/// An app-state snapshot of the largest accounts is some megabytes; a server must not be able to fill the memory.
const LARGEST_BODY: u64 = 32 * 1024 * 1024;
/// What each connection keeps for reading and for writing.
const BUFFER: usize = 16 * 1024;
/// How many connections wait for their next use.
const IDLE_CONNECTIONS: usize = 8;
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How long a server may take neither bytes nor give any.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);

/// A client whose connections all sessions share. It trusts the public authorities, or only the one whose certificate is
/// given in PEM.
pub(crate) fn client(authority: Option<&[u8]>) -> Result<UreqHttpClient, EngineError> {
    let roots = match authority {
        None => RootCerts::WebPki,
        Some(pem) => trusted(pem)?,
    };
    let config = Config::builder()
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        .max_idle_connections(IDLE_CONNECTIONS)
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_per_read(Some(SILENCE_LIMIT))
        .timeout_per_write(Some(SILENCE_LIMIT))
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build();
    Ok(UreqHttpClient::with_agent(Agent::new_with_config(config)).with_max_body_bytes(LARGEST_BODY))
}

fn trusted(pem: &[u8]) -> Result<RootCerts, EngineError> {
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            _ => return Err(EngineError::Authority),
        }
    }
    if certificates.is_empty() {
        return Err(EngineError::Authority);
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n"] {
            assert_eq!(client(Some(pem.as_bytes())).err(), Some(EngineError::Authority), "{pem}");
        }
        assert!(client(None).is_ok());
    }
}
