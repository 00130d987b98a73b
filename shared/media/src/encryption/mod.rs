//! WhatsApp's encryption of files: AES-256-CBC with PKCS #7, then an HMAC-SHA256 cut to 10 bytes, under keys that HKDF-SHA256
//! makes of 32 random bytes. What it needs of memory does not grow with the file.

mod keys;
mod open;
mod sidecar;

pub use open::{OpenError, Opened, open};

use aes::cipher::{BlockModeEncrypt, KeyIvInit, array::Array};
use carteiro_core::media::{FileKind, MediaKey};
use hmac::{Hmac, KeyInit, Mac};
use keys::Keys;
use sha2::{Digest, Sha256};
use sidecar::Sidecar;
use std::io::{self, Read, Write};

type Encryptor = cbc::Encryptor<aes::Aes256>;

const BLOCK: usize = 16;
/// How much is read, encrypted and written at a time; a multiple of the block.
const CHUNK: usize = 64 * 1024;

/// What the recipient must know to fetch and check a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encrypted {
    pub(crate) length: u64,
    pub(crate) sha256: [u8; 32],
    pub(crate) encrypted_length: u64,
    pub(crate) encrypted_sha256: [u8; 32],
    /// For audio and video only.
    pub(crate) sidecar: Option<Vec<u8>>,
}

/// Encrypts all of `plain` into `sink`.
///
/// # Errors
/// Those of reading and writing.
pub(crate) fn encrypt(
    plain: &mut impl Read,
    sink: &mut impl Write,
    key: &MediaKey,
    kind: FileKind,
) -> io::Result<Encrypted> {
    let mut upload = Upload::new(sink, key, kind)?;
    let mut hash = Sha256::new();
    let mut length = 0;
    let mut chunk = vec![0; CHUNK + BLOCK];
    loop {
        let read = fill(plain, &mut chunk[..CHUNK])?;
        hash.update(&chunk[..read]);
        length += read as u64;
        if read == CHUNK {
            upload.encrypt(&mut chunk[..CHUNK])?;
            continue;
        }
        let padding = BLOCK - read % BLOCK;
        chunk[read..read + padding].fill(padding as u8);
        upload.encrypt(&mut chunk[..read + padding])?;
        let (encrypted_length, encrypted_sha256, sidecar) = upload.finish()?;
        return Ok(Encrypted {
            length,
            sha256: hash.finalize().into(),
            encrypted_length,
            encrypted_sha256,
            sidecar,
        });
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What is uploaded: the ciphertext with its MAC.
struct Upload<'a, W> {
    sink: &'a mut W,
    cipher: Encryptor,
    mac: Hmac<Sha256>,
    hash: Sha256,
    sidecar: Option<Sidecar>,
    length: u64,
}

impl<'a, W: Write> Upload<'a, W> {
    fn new(sink: &'a mut W, key: &MediaKey, kind: FileKind) -> io::Result<Self> {
        let keys = Keys::derive(key, kind)?;
        let keyed = Hmac::<Sha256>::new_from_slice(&keys.mac).map_err(io::Error::other)?;
        let sidecar = matches!(kind, FileKind::Audio | FileKind::Video).then(|| Sidecar::new(keyed.clone()));
        let mut mac = keyed;
        mac.update(&keys.iv);
        let cipher = Encryptor::new(&keys.cipher.into(), &keys.iv.into());
        Ok(Self { sink, cipher, mac, hash: Sha256::new(), sidecar, length: 0 })
    }

    /// Encrypts whole blocks in place and writes them.
    fn encrypt(&mut self, blocks: &mut [u8]) -> io::Result<()> {
        let (whole, _) = Array::slice_as_chunks_mut(blocks);
        self.cipher.encrypt_blocks(whole);
        self.mac.update(blocks);
        self.write(blocks)
    }

    fn finish(mut self) -> io::Result<(u64, [u8; 32], Option<Vec<u8>>)> {
        let mac = self.mac.clone().finalize().into_bytes();
        self.write(&mac[..sidecar::MAC_BYTES])?;
        self.sink.flush()?;
        Ok((self.length, self.hash.finalize().into(), self.sidecar.map(Sidecar::finish)))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        if let Some(sidecar) = &mut self.sidecar {
            sidecar.update(bytes);
        }
        self.length += bytes.len() as u64;
        self.sink.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> MediaKey {
        MediaKey(std::array::from_fn(|i| i as u8))
    }

    fn plain(length: usize) -> Vec<u8> {
        (0..length).map(|i| ((i * 7 + i / 251) % 256) as u8).collect()
    }

    /// Gives a few bytes at a time, as a pipe does.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(self.1);
            self.0.read(&mut buffer[..most])
        }
    }

    /// Made by `tests/fixtures/encryption.py`, which knows nothing of this code.
    const KNOWN: [(FileKind, usize, &str, &str, Option<&str>); 8] = [
        (
            FileKind::Image,
            0,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "4823dd6041674bbff6e76b84d1547fdc05fbddbdfd2e97c864ef245926afa92c",
            None,
        ),
        (
            FileKind::Image,
            15,
            "0e67afc0c726b49d7edd84e83cec79b68167f04a0972da170970e432f8ae7065",
            "a92ace64473234c20430e26df7c07e7acd4033b361b0256619585f5a982d888d",
            None,
        ),
        (
            FileKind::Document,
            16,
            "f7bc6c13e813d37799484d9cd24d1570d3e943fe0fe6e8f64925faabce0af40d",
            "8dbb05d2f37addd1ee2b012c205c0abd2ac29d1afc1742e701f31a744e17b2f9",
            None,
        ),
        (
            FileKind::Audio,
            65_519,
            "53e1c459ba68c5dce0b6e37b2937cae1ba127a3f58accc7c3f0988d95e51cbf2",
            "4a7220c61125d0c5df00dad87b1e5cfaecbb9b3594602776cb229ea60b4a77a4",
            Some("328c0013a3ffc939f3cb"),
        ),
        (
            FileKind::Audio,
            65_520,
            "5db25a75774f084d88a45dcf8b44e5a238416412b179ca781b7ae4046bf9f6ad",
            "5577e15a9ecf70227fa7c3098425dd7b025bdbe35738e0613fa5214659bd29f1",
            Some("b61ccf45380d379cb8e3"),
        ),
        (
            FileKind::Video,
            200_000,
            "e870fec3223bac8f6147b08b31e6e6e4bb9abd783820bcd212b7737af6a02174",
            "5b5d796359ce7394030fe8422d405eb9f76c7db6e6675480fa8dc0827cc57f7e",
            Some("be13a2c6ce92cfb9068bcdb414e7b5cc6b0c9ff81db2a75cc4f2e8e8a10acdfef1d3d28048eb8137"),
        ),
        (
            FileKind::Audio,
            131_040,
            "152943b482d1dda0b1b668bf72086c0e6a4333838059a67449f5f3f30e436343",
            "ab58dd1f44f752a4d2da117216e0e3110efd091c01d548b7e30f975085bbdc4a",
            Some("9bd1acaec551f8cf8e9ec9ab89f3ba8dfea864fe"),
        ),
        (
            FileKind::Video,
            131_056,
            "48562a8657413bebf2e2d734ff89e5b68f52c606364fa61ae5581c7dde8f0ed4",
            "4c45c0d0378a3ef76844f011bc911250c677562881c920598fd752ff9494bd5b",
            Some("be13a2c6ce92cfb9068b98cee433a1744b3f1d69"),
        ),
    ];

    #[test]
    fn answers_are_those_of_another_implementation() {
        for (kind, length, sha256, encrypted_sha256, sidecar) in KNOWN {
            let mut upload = Vec::new();
            let made = encrypt(&mut plain(length).as_slice(), &mut upload, &key(), kind).unwrap();
            let expected = Encrypted {
                length: length as u64,
                sha256: hex::decode(sha256).unwrap().try_into().unwrap(),
                encrypted_length: upload.len() as u64,
                encrypted_sha256: hex::decode(encrypted_sha256).unwrap().try_into().unwrap(),
                sidecar: sidecar.map(|hex| hex::decode(hex).unwrap()),
            };
            assert_eq!(made, expected, "{kind:?} of {length}");
            assert_eq!(<[u8; 32]>::from(Sha256::digest(&upload)), expected.encrypted_sha256);
            assert_eq!(upload.len(), (length / 16 + 1) * 16 + 10);
        }
    }

    #[test]
    fn an_error_of_the_file_or_of_the_disk_is_passed_on() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        let error = encrypt(&mut Broken, &mut io::sink(), &key(), FileKind::Image).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        let mut full: &mut [u8] = &mut [0; 100];
        let error = encrypt(&mut plain(1_000).as_slice(), &mut full, &key(), FileKind::Image).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn how_it_is_read_makes_no_difference(length in 0..200_000usize, step in 1..70_000usize) {
            let plain = plain(length);
            let (mut whole, mut trickled) = (Vec::new(), Vec::new());
            let first = encrypt(&mut plain.as_slice(), &mut whole, &key(), FileKind::Video).unwrap();
            let step = step.max(length / 1_000);
            let second = encrypt(&mut Trickle(&plain, step), &mut trickled, &key(), FileKind::Video).unwrap();
            prop_assert_eq!(first, second);
            prop_assert_eq!(whole, trickled);
        }
    }
}
