//! Paces in memory.

use super::Switch;
use crate::ids::UserId;
use crate::lease::Epoch;
use crate::pacing::{Begun, OwnPace};
use crate::phone::Phone;
use crate::ports::{CountError, Paces, Unavailable};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Paces`] in memory.
#[derive(Debug, Default)]
pub struct MemoryPaces {
    /// Whether it answers.
    pub switch: Switch,
    own: Mutex<BTreeMap<Phone, (UserId, OwnPace)>>,
    begun: Mutex<BTreeMap<Phone, (Begun, Epoch)>>,
}

impl MemoryPaces {
    /// What is counted for a number, for a test to look at.
    pub fn counted(&self, number: &Phone) -> Option<Begun> {
        self.counts().get(number).map(|(begun, _)| *begun)
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<Phone, (Begun, Epoch)>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn owned(&self) -> MutexGuard<'_, BTreeMap<Phone, (UserId, OwnPace)>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Paces for MemoryPaces {
    async fn own(&self, number: &Phone, user: UserId) -> Result<OwnPace, Unavailable> {
        self.switch.check("own")?;
        let owned = self.owned();
        let own = owned.get(number).filter(|(of, _)| *of == user);
        Ok(own.map(|(_, pace)| pace.clone()).unwrap_or_default())
    }

    async fn set_own(&self, number: &Phone, user: UserId, pace: &OwnPace) -> Result<(), Unavailable> {
        self.switch.check("set_own")?;
        self.owned().insert(number.clone(), (user, pace.clone()));
        Ok(())
    }

    async fn begun(&self, number: &Phone) -> Result<Option<Begun>, Unavailable> {
        self.switch.check("begun")?;
        Ok(self.counted(number))
    }

    async fn count(&self, number: &Phone, epoch: Epoch, begun: Begun) -> Result<(), CountError> {
        self.switch.check("count")?;
        let mut counts = self.counts();
        if counts.get(number).is_some_and(|(_, latest)| epoch < *latest) {
            return Err(CountError::Fenced);
        }
        counts.insert(number.clone(), (begun, epoch));
        Ok(())
    }
}
