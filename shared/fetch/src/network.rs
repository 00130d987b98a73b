//! Names and sockets.

use crate::address::Allowed;
use async_trait::async_trait;
use std::io;
use std::net::IpAddr;
use tokio::net::TcpStream;

/// What the guard stands in front of: names are resolved and sockets opened through it, so that a test can script both.
#[async_trait]
pub(crate) trait Network: Send + Sync {
    /// The addresses of a name.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;

    /// Opens a socket.
    async fn connect(&self, to: Allowed) -> io::Result<TcpStream>;
}

/// The operating system's: `getaddrinfo`, and TCP.
pub(crate) struct System;

#[async_trait]
impl Network for System {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }

    async fn connect(&self, to: Allowed) -> io::Result<TcpStream> {
        TcpStream::connect(to.address()).await
    }
}
