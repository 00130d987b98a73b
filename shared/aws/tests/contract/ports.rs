//! The ports that a suite is about.

use crate::support::store::Store;
use carteiro_core::ports::{
    Accounts, ApiKeys, Challenges, Leases, Links, Numbers, Rates, Sends, WhatsAppStates,
};
use carteiro_core::ports::{Alarms, Answers, AuditTrail};
use carteiro_core::ports::{BulkSends, Bulks};
use carteiro_core::ports::{ChatReader, ChatWriter};
use carteiro_core::ports::{Deliveries, Receivers, Streams};
use carteiro_core::ports::{Exports, SendHistory};
use carteiro_core::ports::{NamedSessions, Paces, Pairings};
use carteiro_core::ports::{Preparations, PrivacyOperations, Usage};
use carteiro_core::testing::MemoryBulks;
use carteiro_core::testing::MemoryChats;
use carteiro_core::testing::MemoryExports;
use carteiro_core::testing::{
    MemoryAccounts, MemoryChallenges, MemoryLinks, MemoryNumbers, MemoryRates, MemorySends,
};
use carteiro_core::testing::{MemoryAlarms, MemoryAnswers, MemoryAudit};
use carteiro_core::testing::{MemoryNamedSessions, MemoryPaces, MemoryPairings};
use carteiro_core::testing::{MemoryPreparations, MemoryPrivacy, MemoryUsage, MemoryWebhooks};
use std::sync::Arc;

/// Ports over stores that are empty and nobody else's.
pub(crate) struct Ports {
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) alarms: Arc<dyn Alarms>,
    pub(crate) api_keys: Arc<dyn ApiKeys>,
    pub(crate) audit: Arc<dyn AuditTrail>,
    pub(crate) challenges: Arc<dyn Challenges>,
    pub(crate) numbers: Arc<dyn Numbers>,
    pub(crate) sends: Arc<dyn Sends>,
    pub(crate) history: Arc<dyn SendHistory>,
    pub(crate) exports: Arc<dyn Exports>,
    pub(crate) privacy: Arc<dyn PrivacyOperations>,
    pub(crate) bulks: Arc<dyn Bulks>,
    pub(crate) bulk_sends: Arc<dyn BulkSends>,
    pub(crate) links: Arc<dyn Links>,
    pub(crate) named: Arc<dyn NamedSessions>,
    pub(crate) paces: Arc<dyn Paces>,
    pub(crate) pairings: Arc<dyn Pairings>,
    pub(crate) rates: Arc<dyn Rates>,
    pub(crate) preparations: Arc<dyn Preparations>,
    pub(crate) usage: Arc<dyn Usage>,
    pub(crate) answers: Arc<dyn Answers>,
    pub(crate) chats: Arc<dyn ChatWriter>,
    pub(crate) chat_reader: Arc<dyn ChatReader>,
    pub(crate) receivers: Arc<dyn Receivers>,
    pub(crate) streams: Arc<dyn Streams>,
    pub(crate) deliveries: Arc<dyn Deliveries>,
    leases: Option<Arc<dyn Leases>>,
    states: Option<Arc<dyn WhatsAppStates>>,
    store: Option<Store>,
}

impl Ports {
    pub(crate) async fn ministack() -> Self {
        Self::on(Store::ministack().await)
    }

    pub(crate) async fn dynoxide() -> Self {
        Self::on(Store::dynoxide().await)
    }

    pub(crate) async fn memory() -> Self {
        let accounts = Arc::<MemoryAccounts>::default();
        let sends = Arc::<MemorySends>::default();
        let chats = Arc::<MemoryChats>::default();
        let webhooks = Arc::<MemoryWebhooks>::default();
        Self {
            accounts: accounts.clone(),
            alarms: Arc::new(MemoryAlarms::default()),
            api_keys: accounts,
            audit: Arc::new(MemoryAudit::default()),
            challenges: Arc::new(MemoryChallenges::default()),
            numbers: Arc::new(MemoryNumbers::default()),
            history: sends.clone(),
            privacy: Arc::new(MemoryPrivacy::default()),
            bulks: Arc::new(MemoryBulks::default()),
            bulk_sends: sends.clone(),
            sends,
            exports: Arc::new(MemoryExports::default()),
            links: Arc::new(MemoryLinks::default()),
            named: Arc::new(MemoryNamedSessions::default()),
            paces: Arc::new(MemoryPaces::default()),
            pairings: Arc::new(MemoryPairings::default()),
            rates: Arc::new(MemoryRates::default()),
            preparations: Arc::new(MemoryPreparations::default()),
            usage: Arc::new(MemoryUsage::default()),
            answers: Arc::new(MemoryAnswers::default()),
            chats: chats.clone(),
            chat_reader: chats,
            receivers: webhooks.clone(),
            streams: webhooks.clone(),
            deliveries: webhooks,
            leases: None,
            states: None,
            store: None,
        }
    }

    fn on(store: Store) -> Self {
        Self {
            accounts: store.accounts(),
            alarms: store.alarms(),
            api_keys: store.api_keys(),
            audit: store.audit(),
            challenges: store.challenges(),
            numbers: store.numbers(),
            sends: store.sends(),
            history: store.sends(),
            exports: store.exports(),
            privacy: store.privacy(),
            bulks: store.bulks(),
            bulk_sends: store.sends(),
            links: store.links(),
            named: store.named(),
            paces: store.paces(),
            pairings: store.pairings(),
            rates: store.rates(),
            preparations: store.preparations(),
            usage: store.usage(),
            answers: store.answers(),
            chats: store.chats(),
            chat_reader: store.chats(),
            receivers: store.receivers(),
            streams: store.streams(),
            deliveries: store.streams(),
            leases: Some(store.leases()),
            states: Some(store.states()),
            store: Some(store),
        }
    }

    /// The rates as instances of a function see them, each of which knows only what it has seen itself.
    pub(crate) fn rates_of_instances(&self, count: usize) -> Vec<Arc<dyn Rates>> {
        let instance = || -> Arc<dyn Rates> {
            match &self.store {
                Some(store) => store.rates(),
                None => Arc::clone(&self.rates),
            }
        };
        (0..count).map(|_| instance()).collect()
    }

    /// The leases; there are none in memory.
    pub(crate) fn leases(&self) -> &Arc<dyn Leases> {
        self.leases.as_ref().expect("leases")
    }

    /// The tables themselves; there are none in memory.
    pub(crate) fn store(&self) -> &Store {
        self.store.as_ref().expect("a store")
    }

    /// The states; there are none in memory.
    pub(crate) fn states(&self) -> &Arc<dyn WhatsAppStates> {
        self.states.as_ref().expect("states")
    }
}
