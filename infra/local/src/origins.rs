//! Hosts on this machine that files are fetched from as if they were on the Internet.

use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::process::Command;

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
    /// Tells the functions, whose environment is that of the emulated AWS. Only a `dispatch` that was built for the
    /// simulator looks at it.
    pub(crate) fn tell(&self, command: &mut Command) {
        let hosts: BTreeMap<&str, String> =
            self.hosts.iter().map(|(host, address)| (host.as_str(), address.to_string())).collect();
        command
            .env("CARTEIRO_FETCH_ORIGINS", json!(hosts).to_string())
            .env("CARTEIRO_FETCH_CA", &self.certificate);
    }
}
