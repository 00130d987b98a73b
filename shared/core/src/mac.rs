//! HMAC-SHA-256 (RFC 2104).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The MAC of what `parts` are one after the other.
pub fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// The MAC of parts, each with its length before it, so that no two lists of parts run together to the same bytes.
pub fn mac_of_list(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
    let framed: Vec<&[u8]> =
        lengths.iter().zip(parts).flat_map(|(length, part)| [&length[..], part]).collect();
    mac(key, &framed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second case of RFC 4231, 4.3.
    #[test]
    fn it_is_the_mac_of_the_rfc() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(mac(b"Jefe", &[b"what do ya want ", b"for nothing?"])), expected);
        assert_eq!(hex::encode(mac(b"Jefe", &[b"what do ya want for nothing?"])), expected);
    }

    #[test]
    fn parts_of_a_list_do_not_run_together() {
        assert_ne!(mac_of_list(b"k", &[b"ab", b"c"]), mac_of_list(b"k", &[b"a", b"bc"]));
        assert_ne!(mac_of_list(b"k", &[b"abc"]), mac(b"k", &[b"abc"]));
    }
}
