//! Tenants' numbers in memory.

use super::Switch;
use crate::ids::UserId;
use crate::number::{Claim, NumberChange, OwnedNumber, Role};
use crate::phone::Phone;
use crate::ports::{ApplyError, MAX_NUMBER_CHANGES, Numbers, Unavailable};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Clone, Default)]
struct Stored {
    owned: BTreeSet<(UserId, Role, Phone)>,
    claims: BTreeMap<Phone, Claim>,
    former: BTreeSet<(UserId, Phone)>,
}

/// [`Numbers`] in memory.
#[derive(Debug, Default)]
pub struct MemoryNumbers {
    /// Whether it answers.
    pub switch: Switch,
    /// How many calls of [`Numbers::apply`] still meet somebody else's change.
    pub conflicts: Mutex<u32>,
    stored: Mutex<Stored>,
}

impl MemoryNumbers {
    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Numbers for MemoryNumbers {
    async fn list(&self, user: UserId) -> Result<Vec<OwnedNumber>, Unavailable> {
        self.switch.check("list")?;
        let stored = self.stored();
        let own = stored.owned.iter().filter(|(owner, _, _)| *owner == user);
        Ok(own.map(|(_, role, phone)| OwnedNumber { phone: phone.clone(), role: *role }).collect())
    }

    async fn apply(
        &self,
        user: UserId,
        changes: &[NumberChange],
        max_workers: u32,
    ) -> Result<(), ApplyError> {
        self.switch.check("apply")?;
        if changes.len() > MAX_NUMBER_CHANGES {
            let reason = "too many changes";
            return Err(Unavailable::new("apply", reason).into());
        }
        {
            let mut conflicts = self.conflicts.lock().unwrap_or_else(PoisonError::into_inner);
            if *conflicts > 0 {
                *conflicts -= 1;
                return Err(ApplyError::Conflict);
            }
        }
        let mut stored = self.stored();
        let mut after = stored.clone();
        for change in changes {
            match change {
                NumberChange::Add(number, shard) => {
                    if number.role == Role::Worker {
                        match after.claims.get(&number.phone) {
                            Some(claim) if claim.user != user => {
                                return Err(ApplyError::Taken(number.phone.clone()));
                            }
                            Some(_) => {}
                            None => {
                                after.claims.insert(number.phone.clone(), Claim { user, shard: *shard });
                            }
                        }
                    }
                    after.owned.insert((user, number.role, number.phone.clone()));
                }
                NumberChange::Remove(number) => {
                    let was = after.owned.remove(&(user, number.role, number.phone.clone()));
                    if was && number.role == Role::Worker {
                        after.claims.remove(&number.phone);
                        after.former.insert((user, number.phone.clone()));
                    }
                }
            }
        }
        let adds = after.claims.iter().any(|(phone, claim)| {
            claim.user == user && stored.claims.get(phone).is_none_or(|before| before.user != user)
        });
        let workers = after.claims.values().filter(|claim| claim.user == user).count();
        if adds && workers > max_workers as usize {
            return Err(ApplyError::TooManyWorkers);
        }
        *stored = after;
        Ok(())
    }

    async fn former(&self, user: UserId) -> Result<Vec<Phone>, Unavailable> {
        self.switch.check("former")?;
        let stored = self.stored();
        let own = stored.former.iter().filter(|(owner, _)| *owner == user);
        Ok(own.map(|(_, phone)| phone.clone()).collect())
    }

    async fn claim(&self, number: &Phone) -> Result<Option<Claim>, Unavailable> {
        self.switch.check("claim")?;
        Ok(self.stored().claims.get(number).cloned())
    }
}
