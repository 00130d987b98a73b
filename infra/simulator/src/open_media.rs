//! Opening encrypted media: AES-256 in CBC mode, then ten bytes of HMAC-SHA256 over the initial vector and all that
//! comes before them, with keys derived from the media key by kind. Block by block, by the cryptography of the TLS
//! server, which is fast unoptimised too.

use std::io::{Read, Write};

use aws_lc_rs::cipher::{AES_256, DecryptionContext, StreamingDecryptingKey, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use wacore::download::{DownloadUtils, MediaType};

/// How much of the MAC travels, in bytes.
const MAC: usize = 10;

/// How much is opened at a time, in bytes.
const BLOCK: usize = 64 << 10;

/// The size of a block of the cipher, in bytes.
const CIPHER_BLOCK: usize = 16;

/// Writes what is sealed in `sealed`. Answers its length in bytes. What was written before an error is not to be used.
pub(crate) fn open(
    mut sealed: impl Read,
    media_key: &[u8],
    kind: MediaType,
    out: &mut dyn Write,
) -> Result<u64, String> {
    let failed = |_| "the cipher failed".to_owned();
    let (iv, cipher_key, mac_key) =
        DownloadUtils::get_media_keys(media_key, kind).map_err(|error| error.to_string())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&mac_key).map_err(|error| error.to_string())?;
    mac.update(&iv);
    let key = UnboundCipherKey::new(&AES_256, &cipher_key).map_err(failed)?;
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let mut cipher = StreamingDecryptingKey::cbc_pkcs7(key, context).map_err(failed)?;
    let mut held = vec![0; BLOCK + MAC];
    let mut plain = vec![0; BLOCK + CIPHER_BLOCK];
    let (mut filled, mut length) = (0, 0);
    loop {
        let read = sealed.read(&mut held[filled..]).map_err(|error| error.to_string())?;
        filled += read;
        if read > 0 && filled < held.len() {
            continue;
        }
        // The last bytes may be the MAC.
        let known = filled.saturating_sub(MAC);
        mac.update(&held[..known]);
        let opened = cipher.update(&held[..known], &mut plain).map_err(failed)?;
        length += write(out, opened.written())?;
        held.copy_within(known..filled, 0);
        filled -= known;
        if read == 0 {
            break;
        }
    }
    if filled != MAC || mac.verify_truncated_left(&held[..MAC]).is_err() {
        return Err("the MAC is wrong".to_owned());
    }
    let rest = cipher.finish(&mut plain).map_err(|_| "the padding is wrong".to_owned())?;
    Ok(length + write(out, rest.written())?)
}

fn write(out: &mut dyn Write, bytes: &[u8]) -> Result<u64, String> {
    out.write_all(bytes).map_err(|error| error.to_string())?;
    Ok(bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the WhatsApp library seals is opened; so are sizes around the edges of both kinds of blocks.
    #[test]
    fn what_is_sealed_is_opened_and_what_is_spoiled_is_not() {
        for length in [0, 1, 15, 16, 17, BLOCK - 16, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5] {
            let plain: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let sealed = wacore::upload::encrypt_media(&plain, MediaType::Video).unwrap();
            let open = |sealed: &[u8], key: &[u8], kind| {
                let mut out = Vec::new();
                open(sealed, key, kind, &mut out).map(|length| (length, out))
            };
            let (bytes, key) = (&sealed.data_to_upload, &sealed.media_key);
            assert_eq!(open(bytes, key, MediaType::Video), Ok((length as u64, plain)), "{length}");
            assert!(open(bytes, key, MediaType::Image).is_err());
            assert!(open(&bytes[..bytes.len() - 1], key, MediaType::Video).is_err());
            for at in [0, bytes.len() / 2, bytes.len() - 1] {
                let mut spoiled = bytes.clone();
                spoiled[at] ^= 1;
                assert!(open(&spoiled, key, MediaType::Video).is_err(), "{length} {at}");
            }
        }
        assert!(open(&b""[..], &[0; 32], MediaType::Image, &mut Vec::new()).is_err());
    }
}
