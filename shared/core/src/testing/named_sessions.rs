//! V1's sessions in memory.

use super::Switch;
use crate::ids::{PairingId, UserId};
use crate::phone::Phone;
use crate::ports::{NamedSessions, Unavailable};
use crate::session::{NamedSession, SessionName};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct Stored {
    sessions: BTreeMap<(UserId, SessionName), NamedSession>,
    by_number: BTreeMap<Phone, (UserId, SessionName)>,
}

impl Stored {
    fn unpair(&mut self, number: &Phone) {
        if let Some(key) = self.by_number.remove(number)
            && let Some(session) = self.sessions.get_mut(&key)
        {
            session.number.take_if(|had| had == number);
        }
    }
}

/// [`NamedSessions`] in memory.
#[derive(Debug, Default)]
pub struct MemoryNamedSessions {
    /// Whether it answers.
    pub switch: Switch,
    stored: Mutex<Stored>,
}

impl MemoryNamedSessions {
    /// A session as it is, for a test to look at.
    pub fn peek(&self, user: UserId, name: &SessionName) -> Option<NamedSession> {
        self.stored().sessions.get(&(user, name.clone())).cloned()
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl NamedSessions for MemoryNamedSessions {
    async fn open(
        &self,
        user: UserId,
        name: &SessionName,
        at: Timestamp,
    ) -> Result<NamedSession, Unavailable> {
        self.switch.check("open")?;
        let new = || NamedSession { user, name: name.clone(), number: None, pairing: None, created_at: at };
        Ok(self.stored().sessions.entry((user, name.clone())).or_insert_with(new).clone())
    }

    async fn find(&self, user: UserId, name: &SessionName) -> Result<Option<NamedSession>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.peek(user, name))
    }

    async fn list(&self, user: UserId) -> Result<Vec<NamedSession>, Unavailable> {
        self.switch.check("list")?;
        Ok(self.stored().sessions.values().filter(|session| session.user == user).cloned().collect())
    }

    async fn of_number(&self, number: &Phone) -> Result<Option<(UserId, SessionName)>, Unavailable> {
        self.switch.check("of_number")?;
        Ok(self.stored().by_number.get(number).cloned())
    }

    async fn set_pairing(
        &self,
        user: UserId,
        name: &SessionName,
        before: Option<PairingId>,
        pairing: PairingId,
    ) -> Result<bool, Unavailable> {
        self.switch.check("set_pairing")?;
        let mut stored = self.stored();
        match stored.sessions.get_mut(&(user, name.clone())) {
            Some(session) if session.pairing == before => {
                session.pairing = Some(pairing);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn set_number(
        &self,
        user: UserId,
        name: &SessionName,
        pairing: PairingId,
        number: &Phone,
    ) -> Result<bool, Unavailable> {
        self.switch.check("set_number")?;
        let mut stored = self.stored();
        let key = (user, name.clone());
        let Some(session) = stored.sessions.get(&key).filter(|session| session.pairing == Some(pairing))
        else {
            return Ok(false);
        };
        if let Some(former) = session.number.clone() {
            stored.unpair(&former);
        }
        stored.unpair(number);
        if let Some(session) = stored.sessions.get_mut(&key) {
            session.number = Some(number.clone());
        }
        stored.by_number.insert(number.clone(), key);
        Ok(true)
    }

    async fn unpair(&self, number: &Phone) -> Result<(), Unavailable> {
        self.switch.check("unpair")?;
        self.stored().unpair(number);
        Ok(())
    }

    async fn remove(&self, user: UserId, name: &SessionName) -> Result<(), Unavailable> {
        self.switch.check("remove")?;
        self.stored().sessions.remove(&(user, name.clone()));
        Ok(())
    }
}
