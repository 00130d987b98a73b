//! The ports that a suite is about.

use crate::support::store::Store;
use carteiro_core::ports::{Accounts, Challenges, Leases, Links, Numbers, Rates, Sends, WhatsAppStates};
use carteiro_core::testing::{MemoryAccounts, MemoryChallenges, MemoryLinks, MemoryNumbers, MemoryRates, MemorySends};
use std::sync::Arc;

/// Ports over stores that are empty and nobody else's.
pub(crate) struct Ports {
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) challenges: Arc<dyn Challenges>,
    pub(crate) numbers: Arc<dyn Numbers>,
    pub(crate) sends: Arc<dyn Sends>,
    pub(crate) links: Arc<dyn Links>,
    pub(crate) rates: Arc<dyn Rates>,
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
        Self {
            accounts: Arc::new(MemoryAccounts::default()),
            challenges: Arc::new(MemoryChallenges::default()),
            numbers: Arc::new(MemoryNumbers::default()),
            sends: Arc::new(MemorySends::default()),
            links: Arc::new(MemoryLinks::default()),
            rates: Arc::new(MemoryRates::default()),
            leases: None,
            states: None,
            store: None,
        }
    }

    fn on(store: Store) -> Self {
        Self {
            accounts: store.accounts(),
            challenges: store.challenges(),
            numbers: store.numbers(),
            sends: store.sends(),
            links: store.links(),
            rates: store.rates(),
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

    /// The states; there are none in memory.
    pub(crate) fn states(&self) -> &Arc<dyn WhatsAppStates> {
        self.states.as_ref().expect("states")
    }
}
