//! The connection, behind a gate that a later owner's claim shuts.

use crate::backend::Health;
use crate::endpoint::Endpoint;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;
use whatsapp_rust::anyhow;
use whatsapp_rust::async_channel::Receiver;
use whatsapp_rust::transport::{
    TokioWebSocketTransportFactory, Transport, TransportEvent, TransportFactory, default_tls_connector,
};

/// Makes connections; shared by all sessions, so that there is one TLS configuration and its session tickets are reused.
#[derive(Clone)]
pub(crate) struct Dialler(Arc<TokioWebSocketTransportFactory>);

impl Dialler {
    pub(crate) fn new(endpoint: &Endpoint) -> Self {
        let factory = TokioWebSocketTransportFactory::new();
        Self(Arc::new(match endpoint {
            Endpoint::Live => factory.with_connector(default_tls_connector()),
            Endpoint::Simulator { ws_url } => factory.with_url(ws_url),
        }))
    }

    /// The same for one session, whose connections close when `health` says that it was fenced.
    pub(crate) fn gated(&self, health: Arc<Health>) -> GatedDialler {
        GatedDialler { dialler: self.clone(), health }
    }
}

pub(crate) struct GatedDialler {
    dialler: Dialler,
    health: Arc<Health>,
}

#[async_trait]
impl TransportFactory for GatedDialler {
    async fn create_transport(&self) -> anyhow::Result<(Arc<dyn Transport>, Receiver<TransportEvent>)> {
        refuse_if_fenced(&self.health)?;
        let (transport, events) = self.dialler.0.create_transport().await?;
        Ok((Arc::new(GatedTransport { transport, health: self.health.clone() }), events))
    }
}

struct GatedTransport {
    transport: Arc<dyn Transport>,
    health: Arc<Health>,
}

#[async_trait]
impl Transport for GatedTransport {
    async fn send(&self, data: Bytes) -> anyhow::Result<()> {
        refuse_if_fenced(&self.health)?;
        self.transport.send(data).await
    }

    async fn disconnect(&self) {
        self.transport.disconnect().await;
    }
}

fn refuse_if_fenced(health: &Health) -> anyhow::Result<()> {
    if health.is_fenced() {
        return Err(anyhow::anyhow!("the number belongs to a later owner"));
    }
    Ok(())
}
