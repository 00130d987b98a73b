//! Pairings in memory.

use super::Switch;
use crate::ids::PairingId;
use crate::lease::Epoch;
use crate::ports::{PairingError, Pairings, Unavailable};
use crate::session::{Pairing, PairingReport};
use crate::shard::Shard;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Pairings`] in memory.
#[derive(Debug, Default)]
pub struct MemoryPairings {
    /// Whether it answers.
    pub switch: Switch,
    pairings: Mutex<BTreeMap<PairingId, (Pairing, Epoch)>>,
}

impl MemoryPairings {
    /// A pairing as it is, for a test to look at.
    pub fn peek(&self, id: PairingId) -> Option<Pairing> {
        self.pairings().get(&id).map(|(pairing, _)| pairing.clone())
    }

    /// What [`Pairings::report`] does, for where a test cannot wait.
    ///
    /// # Errors
    /// [`PairingError::Fenced`] as of [`Pairings::report`].
    pub fn report_now(
        &self,
        id: PairingId,
        epoch: Epoch,
        report: &PairingReport,
        at: Timestamp,
    ) -> Result<(), PairingError> {
        let mut pairings = self.pairings();
        let Some((pairing, latest)) = pairings.get_mut(&id) else { return Err(PairingError::Fenced) };
        if epoch < *latest || pairing.state.is_over() {
            return Err(PairingError::Fenced);
        }
        *latest = epoch;
        if pairing.state != report.state {
            pairing.since = at;
        }
        pairing.state = report.state.clone();
        pairing.qr.clone_from(&report.qr);
        Ok(())
    }

    fn pairings(&self) -> MutexGuard<'_, BTreeMap<PairingId, (Pairing, Epoch)>> {
        self.pairings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Pairings for MemoryPairings {
    async fn create(&self, pairing: &Pairing) -> Result<(), Unavailable> {
        self.switch.check("create")?;
        self.pairings().insert(pairing.id, (pairing.clone(), Epoch::FIRST));
        Ok(())
    }

    async fn find(&self, id: PairingId) -> Result<Option<Pairing>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.peek(id))
    }

    async fn cancel(&self, id: PairingId) -> Result<(), Unavailable> {
        self.switch.check("cancel")?;
        if let Some((pairing, _)) = self.pairings().get_mut(&id) {
            pairing.wanted = false;
        }
        Ok(())
    }

    async fn of_shard(&self, shard: Shard) -> Result<Vec<PairingId>, Unavailable> {
        self.switch.check("of_shard")?;
        let pairings = self.pairings();
        let open =
            pairings.values().filter(|(pairing, _)| pairing.shard == shard && !pairing.state.is_over());
        Ok(open.map(|(pairing, _)| pairing.id).collect())
    }

    async fn report(
        &self,
        id: PairingId,
        epoch: Epoch,
        report: &PairingReport,
        at: Timestamp,
    ) -> Result<(), PairingError> {
        self.switch.check("report")?;
        self.report_now(id, epoch, report, at)
    }
}
