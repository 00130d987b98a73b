//! Opening files that others encrypted.

use super::keys::Keys;
use super::sidecar::MAC_BYTES;
use super::{BLOCK, CHUNK, fill};
use aes::cipher::{BlockModeDecrypt, KeyIvInit, array::Array};
use carteiro_core::media::{FileKind, MediaKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::Path;

type Decryptor = cbc::Decryptor<aes::Aes256>;

/// A file that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its length in bytes.
    pub length: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is not what this key encrypted as this kind, or it was changed on the way.
    #[error("the file is not what its key encrypted")]
    Damaged,
    /// The disk failed or is full.
    #[error("the disk: {0}")]
    Disk(#[from] io::Error),
}

/// Decrypts the file at `sealed`, its MAC at its end, into a new file at `to`. Its MAC is checked before anything is written. Blocking;
/// what it needs of memory does not grow with the file.
///
/// # Errors
/// [`OpenError`]; what was written of `to` stays then.
pub fn open(sealed: &Path, to: &Path, key: &MediaKey, kind: FileKind) -> Result<Opened, OpenError> {
    let mut sealed = File::open(sealed)?;
    let body = sealed.metadata()?.len().checked_sub(MAC_BYTES as u64).ok_or(OpenError::Damaged)?;
    if body == 0 || body % BLOCK as u64 != 0 {
        return Err(OpenError::Damaged);
    }
    let keys = Keys::derive(key, kind)?;
    check(&mut sealed, body, &keys)?;
    sealed.rewind()?;
    let mut sink = BufWriter::new(File::create(to)?);
    let opened = decrypt(&mut sealed.take(body), &mut sink, &keys)?;
    sink.flush()?;
    Ok(opened)
}

fn check(sealed: &mut File, body: u64, keys: &Keys) -> Result<(), OpenError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&keys.mac).map_err(io::Error::other)?;
    mac.update(&keys.iv);
    let mut chunk = vec![0; CHUNK];
    let mut ciphertext = Read::take(&mut *sealed, body);
    loop {
        let read = fill(&mut ciphertext, &mut chunk)?;
        mac.update(&chunk[..read]);
        if read < CHUNK {
            break;
        }
    }
    let mut tag = [0; MAC_BYTES];
    sealed.read_exact(&mut tag)?;
    mac.verify_truncated_left(&tag).map_err(|_| OpenError::Damaged)
}

fn decrypt(ciphertext: &mut impl Read, sink: &mut impl Write, keys: &Keys) -> Result<Opened, OpenError> {
    let mut cipher = Decryptor::new(&keys.cipher.into(), &keys.iv.into());
    let (mut hash, mut length) = (Sha256::new(), 0);
    let mut write = |plain: &[u8]| {
        hash.update(plain);
        length += plain.len() as u64;
        sink.write_all(plain)
    };
    // The last block says how much of it is padding, so one block is always held back.
    let mut held: Option<[u8; BLOCK]> = None;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = fill(ciphertext, &mut chunk)?;
        if read == 0 {
            break;
        }
        let (whole, rest) = Array::slice_as_chunks_mut(&mut chunk[..read]);
        if !rest.is_empty() {
            return Err(OpenError::Damaged);
        }
        cipher.decrypt_blocks(whole);
        if let Some(before) = held.take() {
            write(&before)?;
        }
        let (plain, last) = chunk[..read].split_at(read - BLOCK);
        write(plain)?;
        held = last.try_into().ok();
    }
    let last = held.ok_or(OpenError::Damaged)?;
    let padding = usize::from(last[BLOCK - 1]);
    let valid = (1..=BLOCK).contains(&padding)
        && last[BLOCK - padding..].iter().all(|byte| usize::from(*byte) == padding);
    if !valid {
        return Err(OpenError::Damaged);
    }
    write(&last[..BLOCK - padding])?;
    Ok(Opened { length, sha256: hash.finalize().into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::encrypt;
    use proptest::prelude::*;
    use std::fs;

    fn sealed(plain: &[u8], kind: FileKind) -> (tempfile::TempDir, Vec<u8>) {
        let mut upload = Vec::new();
        encrypt(&mut &*plain, &mut upload, &MediaKey([7; 32]), kind).unwrap();
        (tempfile::tempdir().unwrap(), upload)
    }

    fn opened(
        dir: &Path,
        bytes: &[u8],
        key: &MediaKey,
        kind: FileKind,
    ) -> Result<(Opened, Vec<u8>), OpenError> {
        let (from, to) = (dir.join("sealed"), dir.join("plain"));
        fs::write(&from, bytes).unwrap();
        let opened = open(&from, &to, key, kind)?;
        Ok((opened, fs::read(&to).unwrap()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_was_encrypted_is_opened(length in 0..200_000usize, kind in 0..4usize) {
            let kind = [FileKind::Image, FileKind::Audio, FileKind::Video, FileKind::Document][kind];
            let plain: Vec<u8> = (0..length).map(|i| (i * 7 % 253) as u8).collect();
            let (dir, upload) = sealed(&plain, kind);
            let (opened, read) = opened(dir.path(), &upload, &MediaKey([7; 32]), kind).unwrap();
            prop_assert_eq!(opened.length, length as u64);
            prop_assert_eq!(opened.sha256, <[u8; 32]>::from(Sha256::digest(&plain)));
            prop_assert!(read == plain);
        }

        #[test]
        fn what_was_changed_is_not(at: prop::sample::Index, bit in 0..8u8, length in 0..100usize) {
            let (dir, mut upload) = sealed(&vec![1; length], FileKind::Image);
            let at = at.index(upload.len());
            upload[at] ^= 1 << bit;
            let error = opened(dir.path(), &upload, &MediaKey([7; 32]), FileKind::Image).unwrap_err();
            prop_assert!(matches!(error, OpenError::Damaged));
            prop_assert!(!dir.path().join("plain").exists());
        }
    }

    #[test]
    fn another_key_another_kind_or_half_a_file_opens_nothing() {
        let (dir, upload) = sealed(&[5; 1_000], FileKind::Image);
        let key = MediaKey([7; 32]);
        let cases: [(&[u8], &MediaKey, FileKind); 6] = [
            (&upload, &MediaKey([8; 32]), FileKind::Image),
            (&upload, &key, FileKind::Video),
            (&upload[..upload.len() - 16], &key, FileKind::Image),
            (&upload[..upload.len() - 1], &key, FileKind::Image),
            (&upload[..9], &key, FileKind::Image),
            (&[], &key, FileKind::Image),
        ];
        for (bytes, key, kind) in cases {
            let error = opened(dir.path(), bytes, key, kind).unwrap_err();
            assert!(matches!(error, OpenError::Damaged), "{error}");
        }
        let nowhere = open(&dir.path().join("nada"), &dir.path().join("plain"), &key, FileKind::Image);
        assert!(matches!(nowhere, Err(OpenError::Disk(_))));
    }
}
