//! Hosts of a trial.

use crate::address::Allowed;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use url::Host;

/// Hosts that are servers of this machine, and the authorities that made their certificates. These authorities are trusted for
/// these hosts alone, and the hosts are taken by their exact names.
pub struct Origins {
    hosts: BTreeMap<String, Allowed>,
    authorities: Vec<CertificateDer<'static>>,
}

/// Why origins are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigins {
    /// A host is no name of the domain name system.
    #[error("not the name of a host: {0}")]
    Host(String),
    /// A host's address is not one of this machine.
    #[error("not a loopback address: {0}")]
    Address(SocketAddr),
    /// The authorities are no certificates in PEM.
    #[error("no certificates in PEM")]
    Authorities,
}

impl Origins {
    /// Hosts by name, and the authorities in PEM, at least one.
    ///
    /// # Errors
    /// [`InvalidOrigins`], saying what is wrong.
    pub fn new(
        hosts: impl IntoIterator<Item = (String, SocketAddr)>,
        authorities: &[u8],
    ) -> Result<Self, InvalidOrigins> {
        let hosts = hosts
            .into_iter()
            .map(|(name, address)| {
                let Ok(Host::Domain(host)) = Host::parse(&name) else {
                    return Err(InvalidOrigins::Host(name));
                };
                Ok((host, Allowed::origin(address).ok_or(InvalidOrigins::Address(address))?))
            })
            .collect::<Result<_, _>>()?;
        let authorities: Vec<_> = CertificateDer::pem_slice_iter(authorities)
            .collect::<Result<_, _>>()
            .map_err(|_| InvalidOrigins::Authorities)?;
        if authorities.is_empty() {
            return Err(InvalidOrigins::Authorities);
        }
        Ok(Self { hosts, authorities })
    }

    pub(crate) fn of(&self, host: &Host<&str>) -> Option<Allowed> {
        match host {
            Host::Domain(name) => self.hosts.get(*name).copied(),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }

    pub(crate) fn authorities(&self) -> &[CertificateDer<'static>] {
        &self.authorities
    }
}
