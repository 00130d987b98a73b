//! What the recipient makes of a prepared file.

use aes::cipher::{BlockModeDecrypt, KeyIvInit, array::Array};
use carteiro_core::ids::SendId;
use carteiro_core::media::{FileKind, FileName, MediaKey, Prepared};
use carteiro_core::object::ObjectKey;
use carteiro_media::{PrepareError, prepare};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The file as the recipient has it, and what the recipient was told.
pub(crate) struct Opened {
    pub(crate) told: Prepared,
    pub(crate) file: Vec<u8>,
}

/// Prepares a file, then opens it as a client does: checks both hashes and the MAC, deciphers.
pub(crate) fn sent(kind: FileKind, file: &[u8], name: Option<&str>) -> Result<Opened, PrepareError> {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");
    std::fs::write(&plain, file).unwrap();
    let work = dir.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let name = name.and_then(FileName::sanitised);
    let made = prepare(kind, &plain, name.as_ref(), &work, MediaKey([7; 32]))?;
    let upload = std::fs::read(&made.ciphertext).unwrap();
    assert_eq!(std::fs::read_dir(&work).unwrap().count(), 1, "only the ciphertext is left");
    let told = made.into_prepared(ObjectKey::outgoing(SendId::from_bytes([1; 16])));
    assert_eq!(told.encrypted_length, upload.len() as u64);
    assert_eq!(told.encrypted_sha256, <[u8; 32]>::from(Sha256::digest(&upload)));
    let file = deciphered(kind, &told.key, upload);
    assert_eq!((told.length, told.sha256), (file.len() as u64, Sha256::digest(&file).into()));
    Ok(Opened { told, file })
}

fn deciphered(kind: FileKind, key: &MediaKey, mut upload: Vec<u8>) -> Vec<u8> {
    let info = match kind {
        FileKind::Image => "WhatsApp Image Keys",
        FileKind::Audio => "WhatsApp Audio Keys",
        FileKind::Video => "WhatsApp Video Keys",
        FileKind::Document => "WhatsApp Document Keys",
    };
    let mut keys = [0; 112];
    Hkdf::<Sha256>::new(None, &key.0).expand(info.as_bytes(), &mut keys).unwrap();
    let mac = upload.split_off(upload.len() - 10);
    let expected = Hmac::<Sha256>::new_from_slice(&keys[48..80])
        .unwrap()
        .chain_update(&keys[..16])
        .chain_update(&upload)
        .finalize();
    assert_eq!(mac, expected.into_bytes()[..10]);
    let mut cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(&keys[16..48], &keys[..16]).unwrap();
    cipher.decrypt_blocks(Array::slice_as_chunks_mut(&mut upload).0);
    upload.truncate(upload.len() - usize::from(*upload.last().unwrap()));
    upload
}
