//! Connections, each through the guard.

use crate::address::Allowed;
use crate::network::Network;
#[cfg(feature = "simulator")]
use crate::origins::Origins;
use crate::tls::Trust;
use crate::{Deadlines, FetchError, Forbidden, Stage, Unreachable};
use carteiro_core::media::{InvalidMediaUrl, MediaUrl};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Host;

/// The most addresses of one name that are tried.
const MAX_ADDRESSES: usize = 4;

/// Opens encrypted connections to the hosts of addresses.
#[derive(Clone)]
pub(crate) struct Connector {
    network: Arc<dyn Network>,
    trust: Trust,
    deadlines: Deadlines,
    #[cfg(feature = "simulator")]
    origins: Option<(Arc<Origins>, Trust)>,
}

impl Connector {
    pub(crate) fn new(network: Arc<dyn Network>, trust: Trust, deadlines: Deadlines) -> Self {
        Self {
            network,
            trust,
            deadlines,
            #[cfg(feature = "simulator")]
            origins: None,
        }
    }

    /// These hosts are servers of this machine, with certificates of those whom `trust` names.
    #[cfg(feature = "simulator")]
    pub(crate) fn with_origins(self, origins: Origins, trust: Trust) -> Self {
        Self { origins: Some((Arc::new(origins), trust)), ..self }
    }

    /// Connects to the host of an address.
    pub(crate) async fn connect(&self, url: &MediaUrl) -> Result<TlsStream<TcpStream>, FetchError> {
        let host = url.host().ok_or(Forbidden::Redirect(InvalidMediaUrl::Malformed))?;
        timeout(self.deadlines.connect, self.secured(host))
            .await
            .map_err(|_| FetchError::TimedOut(Stage::Connect))?
    }

    async fn secured(&self, host: Host<&str>) -> Result<TlsStream<TcpStream>, FetchError> {
        let name = server_name(&host)?;
        let (addresses, trust) = self.judged(host).await?;
        let tls = trust.connector().map_err(|error| Unreachable::Tls(io::Error::other(error)))?;
        let socket = self.first_that_takes(&addresses).await?;
        Ok(tls.connect(name, socket).await.map_err(Unreachable::Tls)?)
    }

    /// The addresses of a host that may be connected to, at least one, and whom to trust there.
    async fn judged(&self, host: Host<&str>) -> Result<(Vec<Allowed>, &Trust), FetchError> {
        #[cfg(feature = "simulator")]
        if let Some((origins, trust)) = &self.origins
            && let Some(origin) = origins.of(&host)
        {
            return Ok((vec![origin], trust));
        }
        let addresses = match host {
            Host::Domain(name) => self.network.resolve(name).await.map_err(Unreachable::Name)?,
            Host::Ipv4(address) => vec![IpAddr::V4(address)],
            Host::Ipv6(address) => vec![IpAddr::V6(address)],
        };
        if addresses.is_empty() {
            return Err(Unreachable::Name(io::ErrorKind::NotFound.into()).into());
        }
        let allowed: Vec<Allowed> =
            addresses.into_iter().filter_map(Allowed::judge).take(MAX_ADDRESSES).collect();
        if allowed.is_empty() {
            return Err(Forbidden::Address.into());
        }
        Ok((allowed, &self.trust))
    }

    async fn first_that_takes(&self, addresses: &[Allowed]) -> Result<TcpStream, FetchError> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            last = match timeout(self.deadlines.connect / 2, self.network.connect(*address)).await {
                Ok(Ok(socket)) => return Ok(socket),
                Ok(Err(error)) => error,
                Err(_) => io::ErrorKind::TimedOut.into(),
            };
        }
        Err(Unreachable::Connection(last).into())
    }
}

/// The name that the certificate must be for.
fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, Unreachable> {
    match host {
        Host::Domain(name) => ServerName::try_from((*name).to_owned())
            .map_err(|error| Unreachable::Name(io::Error::new(io::ErrorKind::InvalidInput, error))),
        Host::Ipv4(address) => Ok(IpAddr::V4(*address).into()),
        Host::Ipv6(address) => Ok(IpAddr::V6(*address).into()),
    }
}
