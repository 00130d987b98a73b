//! A whatsapp-rust client that records its events.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use wacore::store::InMemoryBackend;
use wacore::types::events::{Event, EventHandler};
use wacore::types::presence::ReceiptType;
use whatsapp_rust::bot::{Bot, BotHandle};
use whatsapp_rust::http::UreqHttpClient;
use whatsapp_rust::transport::TokioWebSocketTransportFactory;
use whatsapp_rust::{Jid, SendOptions};

use crate::admin::{DEADLINE, Sim};

/// Some version of WhatsApp Web; without one, the client asks the Internet.
const VERSION: (u32, u32, u32) = (2, 3000, 1_023_000_000);

#[derive(Default)]
struct Record {
    events: Mutex<Vec<Arc<Event>>>,
    grown: Notify,
}

struct Recorder(Arc<Record>);

impl EventHandler for Recorder {
    fn handle_event(&self, event: Arc<Event>) {
        self.0.events.lock().unwrap().push(event);
        self.0.grown.notify_waiters();
    }
}

pub(crate) struct Client {
    bot: BotHandle,
    record: Arc<Record>,
    pub(crate) backend: Arc<InMemoryBackend>,
}

/// An HTTP client that checks certificates and trusts this authority only.
pub(crate) fn trusting(pem: &str) -> UreqHttpClient {
    let authority = Certificate::from_pem(pem.as_bytes()).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[authority]))
        .unversioned_rustls_crypto_provider(Arc::new(default_provider()))
        .build();
    let config = ureq::Agent::config_builder().tls_config(tls).proxy(None).build();
    UreqHttpClient::with_agent(config.into())
}

impl Client {
    /// A client on this store: a new one asks to be paired, a used one logs in.
    pub(crate) async fn start(sim: &Sim, backend: Arc<InMemoryBackend>, push_name: &str) -> Self {
        Self::start_by(sim, &sim.handle.websocket_url(), backend, push_name).await
    }

    /// The same, by another way to the simulator.
    pub(crate) async fn start_by(
        sim: &Sim,
        url: &str,
        backend: Arc<InMemoryBackend>,
        push_name: &str,
    ) -> Self {
        let record = Arc::new(Record::default());
        let bot = Bot::builder()
            .with_backend_arc(backend.clone())
            .with_transport_factory(TokioWebSocketTransportFactory::new().with_url(url))
            .with_http_client(trusting(sim.handle.media_ca()))
            .with_version(VERSION)
            .with_push_name(push_name)
            .with_wanted_pre_key_count(30)
            .with_event_handler(Recorder(record.clone()))
            .build()
            .await
            .unwrap();
        Self { bot: bot.spawn(), record, backend }
    }

    /// A new client, paired by the phone of this number and online.
    pub(crate) async fn paired(sim: &Sim, number: &str) -> Self {
        Self::paired_by(sim, &sim.handle.websocket_url(), number).await
    }

    /// The same, by another way to the simulator.
    pub(crate) async fn paired_by(sim: &Sim, url: &str, number: &str) -> Self {
        let client = Self::start_by(sim, url, Arc::new(InMemoryBackend::new()), "Test").await;
        let qr = client.qr().await;
        sim.scan(&qr, Some(number)).await;
        client.connected().await;
        client
    }

    /// Waits for an event.
    pub(crate) async fn event<T>(&self, what: &str, find: impl Fn(&Event) -> Option<T>) -> T {
        let search = async {
            loop {
                let grown = self.record.grown.notified();
                tokio::pin!(grown);
                grown.as_mut().enable();
                let found = self.record.events.lock().unwrap().iter().find_map(|event| find(event));
                if let Some(found) = found {
                    return found;
                }
                grown.await;
            }
        };
        match tokio::time::timeout(DEADLINE, search).await {
            Ok(found) => found,
            Err(_) => panic!("{what} never came"),
        }
    }

    pub(crate) async fn qr(&self) -> String {
        self.event("a QR", |event| match event {
            Event::PairingQrCode(qr) => Some(qr.code.clone()),
            _ => None,
        })
        .await
    }

    pub(crate) async fn connected(&self) {
        self.event("the connection", |event| matches!(event, Event::Connected(_)).then_some(())).await;
    }

    /// Sends a text; the message id. The server's answer comes later.
    pub(crate) async fn send(&self, to: &str, text: &str) -> String {
        self.bot.client().send_text(Jid::pn(to), text).await.unwrap().message_id
    }

    /// Sends a text under an id of the test's own.
    pub(crate) async fn send_as_id(&self, to: &str, text: &str, id: &str) {
        use whatsapp_rust::prelude::{MessageBuilderExt, wa};
        let options = SendOptions::default().with_message_id(id);
        let message = wa::Message::text(text);
        self.bot.client().send_message_with_options(Jid::pn(to), message, options).await.unwrap();
    }

    /// Sends a message of any kind; its id.
    pub(crate) async fn send_message(&self, to: &str, message: waproto::whatsapp::Message) -> String {
        self.bot.client().send_message(Jid::pn(to), message).await.unwrap().message_id
    }

    /// The server's ack of a message: its error, if it has one.
    pub(crate) async fn ack(&self, id: &str) -> Option<String> {
        self.event("the ack", |event| match event {
            Event::ServerAck(ack) if ack.id == id && ack.class.as_deref() == Some("message") => {
                Some(ack.error.clone())
            }
            _ => None,
        })
        .await
    }

    pub(crate) async fn receipt(&self, id: &str, kind: ReceiptType) {
        self.event("the receipt", |event| match event {
            Event::Receipt(receipt)
                if receipt.r#type == kind && receipt.message_ids.iter().any(|i| i == id) =>
            {
                Some(())
            }
            _ => None,
        })
        .await
    }

    /// All receipts for a message that came so far, in order.
    pub(crate) fn receipts(&self, id: &str) -> Vec<ReceiptType> {
        let events = self.record.events.lock().unwrap();
        let kinds = events.iter().filter_map(|event| match &**event {
            Event::Receipt(receipt) if receipt.message_ids.iter().any(|i| i == id) => {
                Some(receipt.r#type.clone())
            }
            _ => None,
        });
        kinds.collect()
    }

    /// Waits for a text; the message id.
    pub(crate) async fn text(&self, text: &str) -> String {
        self.event("the text", |event| match event {
            Event::Messages(batch) => batch.messages.iter().find_map(|message| {
                use whatsapp_rust::prelude::MessageExt;
                (message.message.text_content() == Some(text)).then(|| message.info.id.clone())
            }),
            _ => None,
        })
        .await
    }

    /// What all events so far have of this, in order.
    pub(crate) fn all<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.record.events.lock().unwrap().iter().filter_map(|event| pick(event)).collect()
    }

    /// How many events fulfil this, now.
    pub(crate) fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.record.events.lock().unwrap().iter().filter(|event| is(event)).count()
    }

    pub(crate) fn inner(&self) -> Arc<whatsapp_rust::Client> {
        self.bot.client()
    }

    /// Ends in order, so that the store has everything.
    pub(crate) async fn stop(self) -> Arc<InMemoryBackend> {
        self.bot.shutdown().await;
        self.backend
    }
}
