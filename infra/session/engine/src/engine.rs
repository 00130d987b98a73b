//! What sessions share, and how one is started.

use crate::announced::Announced;
use crate::ask::{Asker, Onlookers};
use crate::backend::{Health, StateBackend};
use crate::barrier::Barrier;
use crate::endpoint::Endpoint;
use crate::error::EngineError;
use crate::event::SessionEvent;
use crate::history::{Arrivals, Keeper};
use crate::http;
use crate::inbound::{HandOver, Interpreter, Secrets};
use crate::linked::Linked;
use crate::listener::Listener;
use crate::session::Session;
use crate::supervisor::Supervisor;
use crate::transport::Dialler;
use carteiro_core::phone::Phone;
use carteiro_core::ports::WhatsAppState;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use wacore::store::DevicePropsOverride;
use waproto::whatsapp::device_props::PlatformType;
use whatsapp_rust::bot::{Bot, BotBuilderError};
use whatsapp_rust::http::UreqHttpClient;
use whatsapp_rust::{CacheConfig, CacheEntryConfig, MsgSecretPolicy};

/// The version of WhatsApp Web that the engine says it is, unless told otherwise: the one that whatsapp-rust 0.7.0 was made
/// for. WhatsApp refuses versions that are some months old with [`SessionEvent::Outdated`]; the present one stands in
/// <https://web.whatsapp.com/sw.js> as `client_revision`.
pub const DEFAULT_VERSION: (u32, u32, u32) = (2, 3000, 1_042_742_319);

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Where sessions connect to.
    pub endpoint: Endpoint,
    /// The version of WhatsApp Web to say, else [`DEFAULT_VERSION`]. It is always set, so the library never fetches a page to learn it.
    pub version: Option<(u32, u32, u32)>,
    /// What the phone shows in its list of linked devices.
    pub device_name: String,
    /// The certificate, in PEM, of the one authority that is trusted for TLS, instead of the public ones. For
    /// [`Endpoint::Simulator`] only.
    pub authority: Option<Vec<u8>>,
}

/// Starts sessions. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    dialler: Dialler,
    http: UreqHttpClient,
    version: (u32, u32, u32),
    device_name: String,
}

impl Engine {
    /// An engine; fails when this binary may not talk to the endpoint (see [`Endpoint::check`]).
    ///
    /// For [`Endpoint::Live`] the library installs its TLS provider (ring) for the process, unless one is installed already.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        config.endpoint.check()?;
        if config.authority.is_some() && config.endpoint == Endpoint::Live {
            return Err(EngineError::Authority);
        }
        Ok(Self {
            dialler: Dialler::new(&config.endpoint, config.authority.as_deref())?,
            http: http::client(config.authority.as_deref())?,
            version: config.version.unwrap_or(DEFAULT_VERSION),
            device_name: config.device_name,
        })
    }

    /// Starts the session of `number` over its state and connects in the background: with QR codes if the state holds no
    /// paired device, else by resuming. What happens comes to `events`; when its receiver is dropped, incoming texts are no
    /// longer accepted and other events are lost.
    pub async fn start(
        &self,
        number: Phone,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Session, EngineError> {
        self.open(Some(number), state, events).await
    }

    /// Starts a session whose number is not known yet: that of the phone that scans its QR. Once it has told of that
    /// ([`SessionEvent::Paired`]) it connects no more, and is for [`Session::hand_on`] alone. Over a state that holds a device it
    /// resumes. Else as [`Engine::start`].
    pub async fn pair(
        &self,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Session, EngineError> {
        self.open(None, state, events).await
    }

    async fn open(
        &self,
        number: Option<Phone>,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Session, EngineError> {
        let health = Arc::new(Health::of(state.clone()));
        let barrier = Barrier::default();
        // What of the history cannot be read is read later, and keeps nothing else from going out.
        let shelf = StateBackend::new(state.clone(), health.clone(), Barrier::default());
        let backend = StateBackend::new(state, health.clone(), barrier.clone());
        let (queue, queued) = mpsc::unbounded_channel();
        let (logging_out, online) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let props = DevicePropsOverride::new()
            .with_os(self.device_name.as_str())
            .with_platform_type(PlatformType::CHROME);
        let announced = Announced::default();
        let linked = number.is_none().then(Linked::default);
        let (heard, told) = (announced.clone(), queue.downgrade());
        let line = self.dialler.line(health.clone(), barrier.clone(), heard, linked.clone(), told);
        // Who only pairs stores nothing of what it is told, and hands the session on.
        let ticketed = number.is_some().then(|| barrier.clone());
        let secrets = Secrets::default();
        let (interpreting, reading) = (queue.downgrade(), queue.downgrade());
        let (history, coming) = mpsc::unbounded_channel();
        let built = Bot::builder()
            .with_backend(backend)
            .with_transport_factory(line.clone())
            .with_http_client(self.http.clone())
            .with_version(self.version)
            .with_device_props(props)
            .with_cache_config(caches(secrets.clone()))
            .with_inbound_durability_hook(HandOver::new(queue.clone(), secrets, ticketed.clone()))
            .with_event_handler(Listener::new(
                queue,
                history,
                logging_out.clone(),
                online.clone(),
                announced,
                linked,
                ticketed,
            ))
            .build()
            .await;
        let bot = built.map_err(|error| match error {
            _ if health.is_fenced() => EngineError::Fenced,
            BotBuilderError::Store(_) => EngineError::Store,
            _ => EngineError::Client,
        })?;
        let client = bot.client();
        let levels = health.watch();
        let (arrivals, onlookers) = (Arrivals::default(), Onlookers::default());
        let history = Keeper::start(&client, shelf, coming, reading, arrivals.clone());
        let supervisor = Supervisor {
            number: number.as_ref().map_or_else(|| "not known yet".to_owned(), Phone::masked),
            client: client.clone(),
            run: bot.spawn(),
            queued,
            history: Some(history),
            interpreter: Interpreter::new(client.clone(), interpreting),
            levels,
            online,
            onlookers: onlookers.clone(),
            line: line.clone(),
            events,
        };
        let supervisor = tokio::spawn(supervisor.run());
        let asker = Asker::new(client.clone(), health.clone(), onlookers, arrivals);
        Ok(Session::new(number, client, health, line, logging_out, asker, supervisor))
    }
}

/// Caches for a number that talks to hundreds of people, not for a person in large groups: a task holds many numbers.
///
/// Locks are left generous, since the library must not evict one in use; an entry costs about 100 bytes and only what is used
/// is there.
fn caches(secrets: Secrets) -> CacheConfig {
    let hour = Some(Duration::from_secs(3600));
    let entries = |capacity| CacheEntryConfig::new(hour, capacity);
    CacheConfig {
        group_cache: entries(20),
        device_registry_cache: entries(500),
        message_retry_counts: entries(200),
        undecryptable_dispatched: CacheEntryConfig::new(Some(Duration::from_secs(300)), 200),
        pdo_requested: entries(100),
        sender_key_devices_cache: entries(20),
        session_recreate_history: entries(100),
        session_locks_capacity: 2_000,
        chat_lanes_capacity: 1_000,
        group_distribution_locks_capacity: 50,
        resend_rate_limiter_capacity: 500,
        // Without stored secrets each message is one write less; edits, which are what they are for, come soon after their message.
        msg_secret_policy: MsgSecretPolicy::Disabled,
        original_message_resolver: Some(Arc::new(secrets)),
        seed_msg_secrets_from_history: false,
        ..CacheConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_engine_is_made_where_its_endpoint_may_be_used() {
        for endpoint in ["live", "simulator:ws://127.0.0.1:1/ws/chat"] {
            let endpoint: Endpoint = endpoint.parse().unwrap();
            let allowed = endpoint.check();
            let config =
                EngineConfig { endpoint, version: None, device_name: "Carteiro".into(), authority: None };
            assert_eq!(Engine::new(config).map(drop), allowed.map_err(EngineError::from));
        }
    }
}
