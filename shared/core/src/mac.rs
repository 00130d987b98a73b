//! HMAC-SHA-256 (RFC 2104).

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What SHA-256 takes at a time: a longer key is hashed first, a shorter one is filled up with zeros (RFC 2104, 2).
const BLOCK: usize = 64;

/// The MAC of what `parts` are one after the other.
pub fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
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

    /// The sixth case of RFC 4231, 4.7; and keys on both sides of a block's length, by the crate's own reading of a key.
    #[test]
    fn keys_have_any_length() {
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        let data = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(hex::encode(mac(&[0xaa; 131], &[data])), expected);
        for length in [0, 1, 63, 64, 65, 200] {
            let key = vec![7; length];
            let theirs = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(b"x").finalize();
            assert_eq!(mac(&key, &[b"x"])[..], theirs.into_bytes()[..], "{length}");
        }
    }

    #[test]
    fn parts_of_a_list_do_not_run_together() {
        assert_ne!(mac_of_list(b"k", &[b"ab", b"c"]), mac_of_list(b"k", &[b"a", b"bc"]));
        assert_ne!(mac_of_list(b"k", &[b"abc"]), mac(b"k", &[b"abc"]));
    }
}
