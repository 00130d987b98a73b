//! One fetcher, its network and a folder.

use super::network::Scripted;
use super::support::{Authority, Server};
use crate::tls::Trust;
use crate::{Deadlines, FetchError, Fetched, Fetcher};
use carteiro_core::media::MediaUrl;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The host that most tests ask.
pub(super) const HOST: &str = "arquivos.exemplo";
/// A public address, of HOST.
pub(super) const PUBLIC: &str = "93.184.216.34";
/// The most bytes that are taken unless a test says otherwise.
pub(super) const LIMIT: u64 = 1024 * 1024;

pub(super) struct World {
    pub(super) authority: Authority,
    pub(super) network: Arc<Scripted>,
    pub(super) fetcher: Fetcher,
    folder: TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(Deadlines::default())
    }

    pub(super) fn with(deadlines: Deadlines) -> Self {
        let authority = Authority::new();
        let network = Arc::new(Scripted::default());
        let trust = Trust::in_these(vec![authority.der()]).unwrap();
        let fetcher = Fetcher::over(network.clone(), trust, deadlines);
        Self { authority, network, fetcher, folder: tempfile::tempdir().unwrap() }
    }

    /// HOST is at PUBLIC, where this server stands.
    pub(super) fn host(&self, server: &Server) {
        self.network.name(HOST, &[&[PUBLIC]]);
        self.network.server(PUBLIC, server.address);
    }

    /// HOST gives each request these bytes.
    pub(super) async fn giving(bytes: impl Into<Vec<u8>>) -> (Self, Server) {
        let world = Self::new();
        let server = Server::giving(&world.authority, &[HOST], bytes).await;
        world.host(&server);
        (world, server)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("arquivo")
    }

    pub(super) async fn fetch(&self, url: &str) -> Result<Fetched, FetchError> {
        self.fetch_within(url, Duration::from_secs(30)).await
    }

    pub(super) async fn fetch_within(&self, url: &str, within: Duration) -> Result<Fetched, FetchError> {
        let url = MediaUrl::parse(url).unwrap();
        let before = self.path().exists();
        let result = self.fetcher.to_file(&url, &self.path(), LIMIT, within).await;
        match &result {
            Ok(fetched) => assert_eq!(std::fs::metadata(self.path()).unwrap().len(), fetched.length),
            Err(error) => {
                assert!(before || !self.path().exists(), "{error} left a file");
                assert!(!format!("{error} {error:?}").contains("segredo"), "{error:?} tells the query");
            }
        }
        result
    }

    /// Fetches HOST's `/a`, with a query that must not be told.
    pub(super) async fn fetch_host(&self) -> Result<Fetched, FetchError> {
        self.fetch(&format!("https://{HOST}/a?assinatura=segredo")).await
    }
}
