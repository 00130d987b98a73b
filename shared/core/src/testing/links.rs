//! Links in memory.

use super::Switch;
use crate::ids::{PairingId, UserId};
use crate::lease::Epoch;
use crate::number::{Desired, Link, LinkReport, LinkState, PairingMethod};
use crate::phone::Phone;
use crate::ports::{LinkError, Links, Unavailable};
use crate::shard::Shard;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The latest pairing that a number was to adopt.
#[derive(Debug, Clone)]
struct Adoption {
    pairing: PairingId,
    jid: String,
}

/// [`Links`] in memory.
#[derive(Debug, Default)]
pub struct MemoryLinks {
    /// Whether it answers.
    pub switch: Switch,
    links: Mutex<BTreeMap<Phone, (Link, Epoch)>>,
    adoptions: Mutex<BTreeMap<Phone, Adoption>>,
}

impl MemoryLinks {
    /// A link as it is, for a test to look at.
    pub fn peek(&self, number: &Phone) -> Option<Link> {
        self.links().get(number).map(|(link, _)| link.clone())
    }

    /// What [`Links::report`] does, for where a test cannot wait.
    ///
    /// # Errors
    /// [`LinkError::Fenced`] as of [`Links::report`].
    pub fn report_now(
        &self,
        number: &Phone,
        epoch: Epoch,
        report: &LinkReport,
        at: Timestamp,
    ) -> Result<(), LinkError> {
        let mut links = self.links();
        let Some((link, latest)) = links.get_mut(number) else { return Err(LinkError::Fenced) };
        if epoch < *latest {
            return Err(LinkError::Fenced);
        }
        *latest = epoch;
        if link.state != report.state {
            link.since = at;
        }
        link.state = report.state;
        link.reason.clone_from(&report.reason);
        link.qr.clone_from(&report.qr);
        link.code.clone_from(&report.code);
        if let Some(jid) = &report.jid {
            link.jid.clone_from(jid);
        }
        Ok(())
    }

    fn adoptions(&self) -> MutexGuard<'_, BTreeMap<Phone, Adoption>> {
        self.adoptions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn links(&self) -> MutexGuard<'_, BTreeMap<Phone, (Link, Epoch)>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Links for MemoryLinks {
    async fn find(&self, number: &Phone) -> Result<Option<Link>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.peek(number))
    }

    async fn find_many(&self, numbers: &[Phone]) -> Result<Vec<Link>, Unavailable> {
        self.switch.check("find_many")?;
        Ok(numbers.iter().filter_map(|number| self.peek(number)).collect())
    }

    async fn want(
        &self,
        number: &Phone,
        user: UserId,
        shard: Shard,
        desired: Desired,
        at: Timestamp,
    ) -> Result<Option<Link>, LinkError> {
        self.switch.check("want")?;
        let mut links = self.links();
        if let Some((link, _)) = links.get_mut(number) {
            if link.user != user || (link.desired == Desired::Removed && desired != Desired::Removed) {
                return Err(LinkError::Busy);
            }
            link.desired = desired;
            link.removal_at = (desired == Desired::Removed).then_some(at);
            return Ok(Some(link.clone()));
        }
        if !desired.is_connected() {
            return Ok(None);
        }
        let link = Link {
            number: number.clone(),
            user,
            shard,
            desired,
            state: LinkState::Offline,
            since: at,
            reason: None,
            qr: None,
            code: None,
            jid: None,
            adopts: None,
            removal_at: None,
        };
        links.insert(number.clone(), (link.clone(), Epoch::FIRST));
        Ok(Some(link))
    }

    async fn adopt(
        &self,
        number: &Phone,
        user: UserId,
        shard: Shard,
        pairing: PairingId,
        jid: &str,
        at: Timestamp,
    ) -> Result<(), LinkError> {
        self.switch.check("adopt")?;
        let repeated = self.adoptions().get(number).is_some_and(|last| last.pairing == pairing);
        if repeated && self.peek(number).is_some_and(|link| link.user == user) {
            return Ok(());
        }
        self.want(number, user, shard, Desired::Connected(PairingMethod::Qr), at).await?;
        self.adoptions().insert(number.clone(), Adoption { pairing, jid: jid.to_owned() });
        if let Some((link, _)) = self.links().get_mut(number) {
            link.adopts = Some(pairing);
        }
        Ok(())
    }

    async fn adopted(
        &self,
        number: &Phone,
        epoch: Epoch,
        pairing: PairingId,
        at: Timestamp,
    ) -> Result<(), LinkError> {
        self.switch.check("adopted")?;
        let jid = self.adoptions().get(number).map(|adoption| adoption.jid.clone());
        let mut links = self.links();
        let Some((link, latest)) = links.get_mut(number) else { return Err(LinkError::Fenced) };
        if epoch < *latest {
            return Err(LinkError::Fenced);
        }
        if link.adopts != Some(pairing) {
            return Ok(());
        }
        *latest = epoch;
        (link.adopts, link.jid) = (None, jid);
        (link.state, link.since) = (LinkState::Connecting, at);
        (link.reason, link.qr, link.code) = (None, None, None);
        Ok(())
    }

    async fn of_shard(&self, shard: Shard) -> Result<Vec<Phone>, Unavailable> {
        self.switch.check("of_shard")?;
        let links = self.links();
        let wanted =
            links.values().filter(|(link, _)| link.shard == shard && link.desired != Desired::Disconnected);
        Ok(wanted.map(|(link, _)| link.number.clone()).collect())
    }

    async fn report(
        &self,
        number: &Phone,
        epoch: Epoch,
        report: &LinkReport,
        at: Timestamp,
    ) -> Result<(), LinkError> {
        self.switch.check("report")?;
        self.report_now(number, epoch, report, at)
    }

    async fn forget(&self, number: &Phone, epoch: Epoch) -> Result<(), LinkError> {
        self.switch.check("forget")?;
        let mut links = self.links();
        match links.get(number) {
            Some((link, latest)) if epoch >= *latest && link.desired == Desired::Removed => {
                links.remove(number);
                self.adoptions().remove(number);
                Ok(())
            }
            _ => Err(LinkError::Fenced),
        }
    }
}
