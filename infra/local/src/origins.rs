//! Hosts on this machine that files are fetched from as if they were on the Internet.

use crate::error::{Error, While};
use crate::receiver::{RECEIVER_HOST, Receiver};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Where WhatsApp keeps files.
const MEDIA_HOST: &str = "mmg.whatsapp.net";

/// Names that `media_url` may have as its host and that lead to servers of this machine. Everywhere else the guard holds as
/// in AWS: no other loopback or private address is fetched from.
#[derive(Debug, Clone)]
pub struct Origins {
    /// The address of each host; its port takes the place of 443.
    pub hosts: BTreeMap<String, SocketAddr>,
    /// The certificate, in PEM, that vouches for them.
    pub certificate: PathBuf,
}

impl Origins {
    /// All that the functions of a trial fetch from and post to on this machine: WhatsApp's media servers, which the simulator
    /// plays, the receiver of webhooks, and what a test adds. Their certificates go into one file at `path`.
    pub(crate) fn gather(
        media: (SocketAddr, &Path),
        receiver: &Receiver,
        more: Option<&Origins>,
        path: PathBuf,
    ) -> Result<Self, Error> {
        let read = |path: &Path| std::fs::read_to_string(path).or_cannot(format!("read {}", path.display()));
        let mut hosts: BTreeMap<String, SocketAddr> = more.map(|more| more.hosts.clone()).unwrap_or_default();
        hosts.insert(MEDIA_HOST.to_owned(), media.0);
        hosts.insert(RECEIVER_HOST.to_owned(), receiver.address());
        let mut certificates = vec![read(media.1)?, receiver.certificate().to_owned()];
        if let Some(more) = more {
            certificates.push(read(&more.certificate)?);
        }
        std::fs::write(&path, certificates.join("\n")).or_cannot(format!("write {}", path.display()))?;
        Ok(Self { hosts, certificate: path })
    }

    /// Tells the functions, whose environment is that of the emulated AWS. Only those that were built for the simulator look
    /// at it.
    pub(crate) fn tell(&self, command: &mut Command) {
        let hosts: BTreeMap<&str, String> =
            self.hosts.iter().map(|(host, address)| (host.as_str(), address.to_string())).collect();
        command
            .env("CARTEIRO_FETCH_ORIGINS", json!(hosts).to_string())
            .env("CARTEIRO_FETCH_CA", &self.certificate);
    }
}
