//! Signatures, by which a receiver knows that a delivery is ours and is new.

use super::secret::WebhookSecret;
use crate::mac::mac;
use jiff::Timestamp;
use std::fmt::Write;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-signature";

/// `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA-256 of `<t>.<body>` under each of the secrets, one `v1` for each.
pub fn signature<'a>(
    secrets: impl IntoIterator<Item = &'a WebhookSecret>,
    at: Timestamp,
    body: &[u8],
) -> String {
    let at = at.as_second();
    let mut text = format!("t={at}");
    for secret in secrets {
        let mac = mac(secret.reveal().as_bytes(), &[format!("{at}.").as_bytes(), body]);
        // Writing to a string cannot fail.
        let _ = write!(text, ",v1={}", hex::encode(mac));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `node -e "crypto.createHmac('sha256', key).update('1700000000.' + body).digest('hex')"`.
    #[test]
    fn it_is_the_hmac_of_time_and_body() {
        let secret = WebhookSecret::from_random([0x11; 32]);
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(
            signature([&secret], at, br#"{"tipo":"qrcode"}"#),
            "t=1700000000,v1=f5b55fcbe6807b2b2b61d87c61d7fe2c03499d47163a874d5cb2ec08938a031a"
        );
    }

    #[test]
    fn each_secret_has_a_part() {
        let secrets = [WebhookSecret::from_random([1; 32]), WebhookSecret::from_random([2; 32])];
        let text = signature(&secrets, Timestamp::UNIX_EPOCH, b"x");
        let parts: Vec<&str> = text.split(',').collect();
        assert!(parts[0] == "t=0" && parts.len() == 3 && parts[1] != parts[2], "{text}");
        assert!(parts[1..].iter().all(|part| part.len() == 3 + 64 && part.starts_with("v1=")), "{text}");
    }
}
