//! The compression of history (RFC 1950).

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A zlib stream of these bytes.
pub(super) fn zlib(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_is_smaller_and_the_same_again() {
        let plain = b"oi ".repeat(1000);
        let small = zlib(&plain).unwrap();
        assert!(small.len() < plain.len() / 10);
        let back = wacore_binary::zlib_pool::decompress_zlib_pooled(&small, 1 << 20).unwrap();
        assert_eq!(back, plain);
    }
}
