//! The connection, behind a gate that a later owner's claim shuts, and the session's end.

use crate::backend::Health;
use crate::endpoint::Endpoint;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
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

    /// The same for one session.
    pub(crate) fn line(&self, health: Arc<Health>) -> Line {
        let held = Held { health, hung_up: AtomicBool::new(false), transport: Mutex::new(None) };
        Line { dialler: self.clone(), held: Arc::new(held) }
    }
}

/// One session's connections, one after another. Nothing passes once the session was fenced or hung up.
#[derive(Clone)]
pub(crate) struct Line {
    dialler: Dialler,
    held: Arc<Held>,
}

struct Held {
    health: Arc<Health>,
    hung_up: AtomicBool,
    transport: Mutex<Option<Arc<dyn Transport>>>,
}

impl Held {
    fn refuse_if_closed(&self) -> anyhow::Result<()> {
        if self.health.is_fenced() {
            return Err(anyhow::anyhow!("the number belongs to a later owner"));
        }
        if self.hung_up.load(Ordering::Acquire) {
            return Err(anyhow::anyhow!("the session is over"));
        }
        Ok(())
    }
}

impl Line {
    /// Closes the connection there is, without a word to the library, and lets no other be made. Some of the library's tasks
    /// outlive a session that is dropped, for minutes, and would keep its connection open.
    pub(crate) fn hang_up(&self) {
        self.held.hung_up.store(true, Ordering::Release);
        let transport = self.held.transport.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Outside a runtime there is no connection either: its tasks ended with the runtime.
        if let (Some(transport), Ok(runtime)) = (transport, Handle::try_current()) {
            runtime.spawn(async move { transport.disconnect().await });
        }
    }
}

#[async_trait]
impl TransportFactory for Line {
    async fn create_transport(&self) -> anyhow::Result<(Arc<dyn Transport>, Receiver<TransportEvent>)> {
        self.held.refuse_if_closed()?;
        let (transport, events) = self.dialler.0.create_transport().await?;
        *self.held.transport.lock().unwrap_or_else(PoisonError::into_inner) = Some(transport.clone());
        if let Err(closed) = self.held.refuse_if_closed() {
            transport.disconnect().await;
            return Err(closed);
        }
        Ok((Arc::new(GatedTransport { transport, held: self.held.clone() }), events))
    }
}

struct GatedTransport {
    transport: Arc<dyn Transport>,
    held: Arc<Held>,
}

#[async_trait]
impl Transport for GatedTransport {
    async fn send(&self, data: Bytes) -> anyhow::Result<()> {
        self.held.refuse_if_closed()?;
        self.transport.send(data).await
    }

    async fn disconnect(&self) {
        self.transport.disconnect().await;
    }
}
