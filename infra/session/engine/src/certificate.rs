//! Whether the library, as it was compiled into this binary, checks who the server is.

use wacore::handshake::HandshakeUtils;
use waproto::buffa::{Message as _, MessageField};
use waproto::whatsapp::CertChain;
use waproto::whatsapp::cert_chain::NoiseCertificate;
use waproto::whatsapp::cert_chain::noise_certificate::Details;

/// Shows the library a chain that is right in every field but signed by nobody. One that takes it was compiled with
/// `danger-skip-cert-chain-verify`.
pub(crate) fn forgery_passes() -> bool {
    let key = [7; 32];
    let certificate = |serial, issuer| NoiseCertificate {
        details: Some(
            Details {
                serial: Some(serial),
                issuer_serial: Some(issuer),
                key: Some(key.to_vec()),
                not_before: Some(0),
                not_after: Some(u32::MAX.into()),
            }
            .encode_to_vec(),
        ),
        signature: Some(vec![0; 64]),
    };
    let chain = CertChain {
        intermediate: MessageField::some(certificate(1, 0)),
        leaf: MessageField::some(certificate(2, 1)),
    };
    HandshakeUtils::verify_server_cert(&chain.encode_to_vec(), &key).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feature_is_seen() {
        if cfg!(feature = "simulator") {
            assert!(forgery_passes(), "else the forged chain is wrong in more than its signatures");
        }
    }
}
