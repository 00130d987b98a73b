//! Starting and stopping the whole server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::media::{self, Authority};
use crate::world::Server;
use crate::{SimulatorError, admin, phones, state_file, stream};

/// How to start a simulator.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where WhatsApp clients connect, over WebSocket, with or without TLS. Loopback only; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the admin API listens, over HTTP. Loopback only; port 0 takes a free one.
    pub admin: SocketAddr,
    /// Where the media server listens, over HTTPS. Loopback only; port 0 takes a free one.
    pub media: SocketAddr,
    /// Where to write the certificate that clients of the media server, and who connects over TLS, have to trust, in PEM; nowhere when absent.
    pub media_ca: Option<PathBuf>,
    /// The file that keeps the state over restarts; without one, the state ends with the process.
    pub state: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { listen: any, admin: any, media: any, media_ca: None, state: None }
    }
}

/// The WhatsApp server for tests and trials.
pub struct Simulator;

/// A running simulator. Dropping it stops everything at once; [`Handle::shutdown`] also saves the state.
pub struct Handle {
    listen: SocketAddr,
    admin: SocketAddr,
    media: SocketAddr,
    media_ca: String,
    root_key: Vec<u8>,
    server: Arc<Server>,
    state: Option<PathBuf>,
    tasks: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a simulator on the current tokio runtime.
    ///
    /// # Errors
    /// An address that is not loopback or cannot be listened on; a state file that cannot be read; a certificate
    /// that cannot be written.
    pub async fn start(config: Config) -> Result<Handle, SimulatorError> {
        let clients = bind(config.listen).await?;
        let admin_listener = bind(config.admin).await?;
        let media_listener = bind(config.media).await?;
        let server = Arc::new(state_file::load(config.state.as_deref())?);
        let address = |listener: &TcpListener, asked| listener.local_addr().unwrap_or(asked);
        let (listen, admin) = (address(&clients, config.listen), address(&admin_listener, config.admin));
        let media = address(&media_listener, config.media);
        let root_key = server.identity.root_public();
        let authority = Arc::new(Authority::generate()?);
        let media_ca = authority.pem.clone();
        if let Some(path) = &config.media_ca {
            let written = tokio::fs::write(path, &media_ca).await;
            written.map_err(|error| SimulatorError::Certificate {
                path: path.display().to_string(),
                reason: error.to_string(),
            })?;
        }
        server.world().media.host = media.to_string();
        let mut tasks = vec![
            tokio::spawn(accept(Arc::clone(&server), clients, TlsAcceptor::from(Arc::clone(&authority.tls)))),
            tokio::spawn(phones::run(Arc::clone(&server))),
            tokio::spawn(admin::serve(Arc::clone(&server), admin_listener, media_ca.clone())),
            tokio::spawn(media::serve(Arc::clone(&server), media_listener, authority)),
        ];
        if let Some(path) = &config.state {
            state_file::save(&server, path)?;
            tasks.push(tokio::spawn(state_file::keep(Arc::clone(&server), path.clone())));
        }
        Ok(Handle { listen, admin, media, media_ca, root_key, server, state: config.state, tasks })
    }
}

impl Handle {
    /// The URL that WhatsApp clients connect to.
    pub fn websocket_url(&self) -> String {
        format!("ws://{}/ws/chat", self.listen)
    }

    /// The URL that WhatsApp clients connect to over TLS, trusting [`Handle::media_ca`].
    pub fn secure_websocket_url(&self) -> String {
        format!("wss://{}/ws/chat", self.listen)
    }

    /// The base URL of the admin API, without a slash at its end.
    pub fn admin_url(&self) -> String {
        format!("http://{}", self.admin)
    }

    /// The address that WhatsApp clients connect to.
    pub fn listen_address(&self) -> SocketAddr {
        self.listen
    }

    /// The address of the admin API.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin
    }

    /// The address of the media server, which speaks HTTPS.
    pub fn media_address(&self) -> SocketAddr {
        self.media
    }

    /// The certificate that clients of the media server, and who connects over TLS, have to trust, in PEM. Another at every
    /// start.
    pub fn media_ca(&self) -> &str {
        &self.media_ca
    }

    /// The public key of the certificate chain's root, 32 bytes.
    pub fn root_key(&self) -> &[u8] {
        &self.root_key
    }

    /// Stops everything, lets the phones finish what they have, and saves the state.
    ///
    /// # Errors
    /// The state file cannot be written.
    pub async fn shutdown(mut self) -> Result<(), SimulatorError> {
        for task in self.tasks.drain(..) {
            task.abort();
            let _ = task.await;
        }
        while phones::work_once(&self.server) {}
        match &self.state {
            Some(path) => state_file::save(&self.server, path),
            None => Ok(()),
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, SimulatorError> {
    if !address.ip().is_loopback() {
        return Err(SimulatorError::NotLoopback(address));
    }
    TcpListener::bind(address).await.map_err(|source| SimulatorError::Listen { address, source })
}

/// Takes connections. The streams end with this task.
async fn accept(server: Arc<Server>, listener: TcpListener, tls: TlsAcceptor) {
    let mut streams = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                streams.spawn(stream::serve(Arc::clone(&server), socket, tls.clone()));
            }
            // Out of file descriptors, say: give the others a moment to end.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
        while streams.try_join_next().is_some() {}
    }
}
