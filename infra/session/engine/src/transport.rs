//! The connection, behind a gate that a later owner's claim shuts, and the session's end.

use crate::announced::{Announced, ConnectionId};
use crate::backend::Health;
use crate::barrier::Barrier;
use crate::endpoint::Endpoint;
use crate::error::EngineError;
use crate::event::SessionEvent;
use crate::inbound::Told;
use crate::linked::Linked;
use crate::outbox::{Outbox, STUCK};
use crate::pace::Pace;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::WeakUnboundedSender;
use tokio::sync::watch;
use tokio::time::timeout;
use whatsapp_rust::anyhow;
use whatsapp_rust::async_channel::Receiver;
use whatsapp_rust::transport::{
    Connector, TokioWebSocketTransportFactory, Transport, TransportEvent, TransportFactory,
    default_tls_connector,
};

/// How long a new connection waits for what came over earlier ones to be stored. The library gives a connection 20 seconds to come about.
const SETTLING: Duration = Duration::from_secs(15);
/// How often one that waits looks whether the session is over.
const LOOK: Duration = Duration::from_millis(250);

/// Makes connections; shared by all sessions, so that there is one TLS configuration and its session tickets are reused.
#[derive(Clone)]
pub(crate) struct Dialler {
    factory: Arc<TokioWebSocketTransportFactory>,
    pace: Arc<Pace>,
}

impl Dialler {
    /// `authority` is the one that is trusted for TLS instead of the public ones, in PEM; see [`Endpoint::Simulator`].
    pub(crate) fn new(endpoint: &Endpoint, authority: Option<&[u8]>) -> Result<Self, EngineError> {
        let factory = TokioWebSocketTransportFactory::new();
        let factory = match endpoint {
            Endpoint::Live => factory.with_connector(default_tls_connector()),
            Endpoint::Simulator { ws_url } => match trusting(authority)? {
                Some(connector) => factory.with_url(ws_url).with_connector(connector),
                None => factory.with_url(ws_url),
            },
        };
        Ok(Self { factory: Arc::new(factory), pace: Arc::new(Pace::new()) })
    }

    /// The same for one session, whose events go to `queue`. Of one that only pairs, nothing connects once a device is `linked`.
    pub(crate) fn line(
        &self,
        health: Arc<Health>,
        barrier: Barrier,
        announced: Announced,
        linked: Option<Linked>,
        queue: WeakUnboundedSender<Told>,
    ) -> Line {
        let (over, outbox) = (watch::Sender::new(false), Mutex::new(None));
        let held = Held { health, barrier, announced, linked, queue, over, outbox };
        Line { dialler: self.clone(), held: Arc::new(held) }
    }
}

/// What connects over TLS to who is certified by this authority, in PEM.
#[cfg(feature = "simulator")]
fn trusting(authority: Option<&[u8]>) -> Result<Option<Connector>, EngineError> {
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
    use tokio_rustls::rustls::pki_types::CertificateDer;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    let Some(pem) = authority else { return Ok(None) };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| EngineError::Authority)?;
        roots.add(certificate).map_err(|_| EngineError::Authority)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| EngineError::Authority)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(Connector::Rustls(TlsConnector::from(Arc::new(config)))))
}

/// A binary for WhatsApp itself trusts the public authorities alone.
#[cfg(not(feature = "simulator"))]
fn trusting(_: Option<&[u8]>) -> Result<Option<Connector>, EngineError> {
    Ok(None)
}

/// One session's connections, one after another. Nothing passes once the session was fenced or hung up.
#[derive(Clone)]
pub(crate) struct Line {
    dialler: Dialler,
    held: Arc<Held>,
}

struct Held {
    health: Arc<Health>,
    barrier: Barrier,
    announced: Announced,
    linked: Option<Linked>,
    /// Weakly, so that it does not keep the session's queue open.
    queue: WeakUnboundedSender<Told>,
    /// Whether no other connection may be made.
    over: watch::Sender<bool>,
    outbox: Mutex<Option<Arc<Outbox>>>,
}

impl Held {
    fn refuse_if_closed(&self) -> anyhow::Result<()> {
        self.health.refuse_if_fenced()?;
        if *self.over.borrow() {
            return Err(anyhow::anyhow!("the session is over"));
        }
        Ok(())
    }

    fn replace(&self, outbox: Option<Arc<Outbox>>) -> Option<Arc<Outbox>> {
        std::mem::replace(&mut *self.outbox.lock().unwrap_or_else(PoisonError::into_inner), outbox)
    }

    /// Waits for the end of a session that has linked a device. The library is told nothing until then: it would go on trying.
    async fn refuse_if_linked(&self) -> anyhow::Result<()> {
        if self.linked.as_ref().is_some_and(Linked::is_set) {
            let _ = self.over.subscribe().wait_for(|over| *over).await;
            return Err(anyhow::anyhow!("the device is another session's"));
        }
        Ok(())
    }

    /// Waits until what came over earlier connections is stored: else it would come again over the next one, and once more.
    async fn settle(&self) -> anyhow::Result<()> {
        let settled = async {
            loop {
                self.refuse_if_closed()?;
                self.barrier.forget_refused();
                if self.barrier.pass(self.barrier.mark(), LOOK).await.is_ok() {
                    return Ok(());
                }
            }
        };
        let settled = timeout(SETTLING, settled).await;
        settled.map_err(|_| anyhow::anyhow!("what came before is not stored"))?
    }
}

impl Line {
    /// Ends when something is refused after this call, so that the connection there is is as good as over.
    pub(crate) fn refusal(&self) -> impl Future<Output = ()> + Send + use<> {
        self.held.barrier.refusal()
    }

    /// Ends when `connection` has been given up for another one.
    pub(crate) fn replaced(&self, connection: ConnectionId) -> impl Future<Output = ()> + Send + use<> {
        self.held.announced.replaced(connection)
    }

    /// Lets no other connection be made. The one there is stays.
    pub(crate) fn close(&self) {
        self.held.over.send_replace(true);
    }

    /// Closes the connection there is, without a word to the library, and lets no other be made. Some of the library's tasks
    /// outlive a session that is dropped, for minutes, and would keep its connection open.
    pub(crate) fn hang_up(&self) {
        self.close();
        // Outside a runtime there is no connection either: its tasks ended with the runtime.
        if let (Some(outbox), Ok(runtime)) = (self.held.replace(None), Handle::try_current()) {
            outbox.close();
            runtime.spawn(async move { outbox.hang_up().await });
        }
    }
}

#[async_trait]
impl TransportFactory for Line {
    async fn create_transport(&self) -> anyhow::Result<(Arc<dyn Transport>, Receiver<TransportEvent>)> {
        if let Some(before) = self.held.replace(None) {
            before.close();
        }
        // The library does not tell that it gave a connection up because nothing came any more.
        if self.held.announced.next()
            && let Some(queue) = self.held.queue.upgrade()
        {
            let _ = queue.send(SessionEvent::Disconnected { by_server: false, silent: true }.into());
        }
        self.held.refuse_if_linked().await?;
        self.held.settle().await?;
        let turn = self.dialler.pace.turn();
        tokio::time::sleep(turn.ok_or_else(|| anyhow::anyhow!("too many sessions connect"))?).await;
        self.held.refuse_if_closed()?;
        let (transport, events) = self.dialler.factory.create_transport().await?;
        if self.held.linked.as_ref().is_some_and(Linked::is_set) {
            // WhatsApp may be faster to close the former connection than the library is to tell of the device.
            transport.disconnect().await;
            self.held.refuse_if_linked().await?;
        }
        let (barrier, health) = (self.held.barrier.clone(), self.held.health.clone());
        let outbox = Outbox::new(transport, barrier, health, STUCK);
        self.held.replace(Some(outbox.clone()));
        if let Err(closed) = self.held.refuse_if_closed() {
            outbox.hang_up().await;
            return Err(closed);
        }
        Ok((Arc::new(GatedTransport { outbox }), events))
    }
}

/// A connection as the library sees it.
struct GatedTransport {
    outbox: Arc<Outbox>,
}

#[async_trait]
impl Transport for GatedTransport {
    async fn send(&self, data: Bytes) -> anyhow::Result<()> {
        self.outbox.send(data).await
    }

    async fn disconnect(&self) {
        self.outbox.disconnect().await;
    }
}
