//! A large file goes up, is checked by the phone that gets it, and comes down decrypted, in an amount of memory that has
//! nothing to do with its size.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a test fails by panicking; the modules are shared with the other tests"
)]

use std::io::{Read, Seek as _, SeekFrom};

use sha2::{Digest as _, Sha256};
use wacore::download::MediaType;
use wacore::upload::{UploadSource, encrypt_media_streaming};
use waproto::buffa::MessageField;
use waproto::whatsapp::{self as wa, message as wm};

use admin::Sim;
use client::Client;

#[path = "whatsapp_rust/admin.rs"]
mod admin;
#[path = "whatsapp_rust/client.rs"]
mod client;

const ANA: &str = "5511999990001";
const CONTACT: &str = "5531977770003";

/// The largest document that WhatsApp takes, and how much of it may be in memory at a time, on both sides.
const LENGTH: u64 = 100 << 20;
const MEMORY: u64 = 32 << 20;

struct Ciphertext(std::fs::File, u64);

impl UploadSource for Ciphertext {
    fn len(&self) -> u64 {
        self.1
    }

    fn reader_from(&self, offset: u64) -> std::io::Result<Box<dyn Read + Send>> {
        let mut file = self.0.try_clone()?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }
}

/// The most memory that this process has had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_pass_in_constant_memory() {
    let sim = Sim::start().await;
    sim.contact(CONTACT).await;
    let ana = Client::paired(&sim, ANA).await;
    let sealed = tempfile::tempfile().unwrap();
    let mut out = std::io::BufWriter::new(sealed.try_clone().unwrap());
    let info =
        encrypt_media_streaming(std::io::repeat(7).take(LENGTH), &mut out, MediaType::Document).unwrap();
    let length = out.into_inner().unwrap().metadata().unwrap().len();
    let (enc, plain, key) = (info.file_enc_sha256, info.file_sha256, info.media_key);

    let before = peak();
    let source = Ciphertext(sealed, length);
    let media = ana.inner().upload_stream(source, info, MediaType::Document).await.unwrap();
    let document = wm::DocumentMessage {
        direct_path: Some(media.direct_path),
        media_key: Some(key.to_vec()),
        file_sha256: Some(plain.to_vec()),
        file_enc_sha256: Some(enc.to_vec()),
        file_length: Some(LENGTH),
        mimetype: Some("application/octet-stream".to_owned()),
        ..Default::default()
    };
    let document = wa::Message { document_message: MessageField::some(document), ..Default::default() };
    let id = ana.send_message(CONTACT, document).await;
    sim.messages(CONTACT, 1).await;
    let url = format!("{}/admin/accounts/{CONTACT}/messages/{id}/media", sim.handle.admin_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answer = http.get(url).send().await.unwrap().error_for_status().unwrap();
    let (mut came, mut hash) = (0, Sha256::new());
    while let Some(block) = answer.chunk().await.unwrap() {
        came += block.len() as u64;
        hash.update(&block);
    }
    assert_eq!((came, hash.finalize().to_vec()), (LENGTH, plain.to_vec()));
    let grown = peak() - before;
    assert!(grown < MEMORY, "{grown} bytes");
    ana.stop().await;
}
