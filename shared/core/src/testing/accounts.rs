//! Tenants and their API tokens in memory.

use super::Switch;
use crate::identity::{Email, Identity};
use crate::ids::{TokenId, UserId};
use crate::mail::MailReturned;
use crate::ports::{AccountChange, Accounts, ApiKeys, CreateError, KeyError, Unavailable, UserPage};
use crate::ports::{MAX_API_KEYS, MAX_USER_PAGE};
use crate::scope::Grant;
use crate::token::{ApiKey, TokenHash};
use crate::user::User;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Accounts`] and [`ApiKeys`] in memory: the one finds tenants by the tokens of the other.
#[derive(Debug, Default)]
pub struct MemoryAccounts {
    /// Whether it answers.
    pub switch: Switch,
    stored: Mutex<Stored>,
}

impl MemoryAccounts {
    /// With one tenant, for where a test cannot wait.
    pub fn of(user: User) -> Self {
        let stored = Stored { users: BTreeMap::from([(user.id, user)]), keys: Vec::new() };
        Self { switch: Switch::default(), stored: Mutex::new(stored) }
    }
}

#[derive(Debug, Default)]
struct Stored {
    users: BTreeMap<UserId, User>,
    keys: Vec<ApiKey>,
}

impl Stored {
    fn create(&mut self, user: &User, key: Option<&ApiKey>) -> Result<(), CreateError> {
        for identity in user.identities() {
            if self.users.values().any(|other| other.identities().contains(&identity)) {
                return Err(CreateError::Taken(identity));
            }
        }
        self.users.insert(user.id, user.clone());
        self.keys.extend(key.cloned());
        Ok(())
    }

    fn list(&self, user: UserId) -> Vec<ApiKey> {
        let from_before = self.users.get(&user).and_then(ApiKey::of_registration);
        let mut keys: Vec<ApiKey> = self.keys.iter().filter(|key| key.user == user).cloned().collect();
        keys.extend(from_before);
        keys.sort_by_key(|key| (key.created_at, key.id));
        keys
    }

    fn add(&mut self, key: &ApiKey, now: Timestamp) -> Result<(), KeyError> {
        if !self.users.contains_key(&key.user) {
            return Err(KeyError::Gone);
        }
        let good = self.list(key.user).iter().filter(|key| !key.grant().is_over(now)).count();
        if good >= MAX_API_KEYS {
            return Err(KeyError::TooMany);
        }
        self.keys.push(key.clone());
        Ok(())
    }

    fn revoke(&mut self, user: UserId, id: TokenId) -> bool {
        let Some(found) = self.list(user).into_iter().find(|key| key.id == id) else { return false };
        self.keys.retain(|key| key.id != id);
        if let Some(user) = self.users.get_mut(&user)
            && user.token.as_ref() == Some(&found.hash)
        {
            user.token = None;
        }
        true
    }
}

impl MemoryAccounts {
    /// How many tenants there are.
    pub fn count(&self) -> usize {
        self.stored().users.len()
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Accounts for MemoryAccounts {
    async fn create(&self, user: &User) -> Result<(), CreateError> {
        self.switch.check("create")?;
        self.stored().create(user, None)
    }

    async fn create_with_key(&self, user: &User, key: &ApiKey) -> Result<(), CreateError> {
        self.switch.check("create_with_key")?;
        self.stored().create(user, Some(key))
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.stored().users.get(&id).cloned())
    }

    async fn find_by_identity(&self, identity: &Identity) -> Result<Option<User>, Unavailable> {
        self.switch.check("find_by_identity")?;
        Ok(self.stored().users.values().find(|user| user.identities().contains(identity)).cloned())
    }

    async fn find_by_token(&self, token: &TokenHash) -> Result<Option<(User, Grant)>, Unavailable> {
        self.switch.check("find_by_token")?;
        let stored = self.stored();
        if let Some(key) = stored.keys.iter().find(|key| key.hash == *token) {
            return Ok(stored.users.get(&key.user).map(|user| (user.clone(), key.grant())));
        }
        let found = stored.users.values().find(|user| user.token.as_ref() == Some(token));
        Ok(found.map(|user| (user.clone(), Grant::full())))
    }

    async fn page(&self, after: Option<UserId>, limit: usize) -> Result<UserPage, Unavailable> {
        self.switch.check("page")?;
        let stored = self.stored();
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = stored.users.range((start, Bound::Unbounded)).map(|(_, user)| user);
        let users: Vec<User> = rest.by_ref().take(limit.clamp(1, MAX_USER_PAGE)).cloned().collect();
        let next = rest.next().and(users.last()).map(|user| user.id);
        Ok(UserPage { users, next })
    }

    async fn change(&self, id: UserId, change: &AccountChange) -> Result<Option<User>, Unavailable> {
        self.switch.check("change")?;
        let mut stored = self.stored();
        let Some(user) = stored.users.get_mut(&id) else { return Ok(None) };
        if let Some(plan) = &change.plan {
            user.plan = plan.clone();
        }
        if let Some(zone) = &change.time_zone {
            user.time_zone = Some(zone.clone());
        }
        user.retention = change.retention.or(user.retention);
        Ok(Some(user.clone()))
    }

    async fn note_mail(
        &self,
        id: UserId,
        email: &Email,
        returned: Option<MailReturned>,
    ) -> Result<(), Unavailable> {
        self.switch.check("note_mail")?;
        let mut stored = self.stored();
        let Some(user) = stored.users.get_mut(&id).filter(|user| user.email.as_ref() == Some(email)) else {
            return Ok(());
        };
        let is_later = |noted: MailReturned| returned.is_none_or(|returned| noted.at < returned.at);
        if user.mail_returned.is_none_or(is_later) {
            user.mail_returned = returned;
        }
        Ok(())
    }

    async fn remove(&self, user: &User) -> Result<(), Unavailable> {
        self.switch.check("remove")?;
        let mut stored = self.stored();
        stored.users.remove(&user.id);
        stored.keys.retain(|key| key.user != user.id);
        Ok(())
    }
}

#[async_trait]
impl ApiKeys for MemoryAccounts {
    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, Unavailable> {
        self.switch.check("list")?;
        Ok(self.stored().list(user))
    }

    async fn add(&self, key: &ApiKey, now: Timestamp) -> Result<(), KeyError> {
        self.switch.check("add")?;
        self.stored().add(key, now)
    }

    async fn rotate(
        &self,
        old: TokenId,
        old_ends: Timestamp,
        new: &ApiKey,
        now: Timestamp,
    ) -> Result<(), KeyError> {
        self.switch.check("rotate")?;
        let mut stored = self.stored();
        let Some(ending) = stored.list(new.user).into_iter().find(|key| key.id == old) else {
            return Err(KeyError::Gone);
        };
        let ending = ending.ending_by(old_ends);
        let ends_now = ending.grant().is_over(now);
        let good =
            stored.list(new.user).iter().filter(|key| key.id != old && !key.grant().is_over(now)).count();
        if good + usize::from(!ends_now) >= MAX_API_KEYS {
            return Err(KeyError::TooMany);
        }
        stored.revoke(new.user, old);
        if !ends_now {
            stored.keys.push(ending);
        }
        stored.keys.push(new.clone());
        Ok(())
    }

    async fn revoke(&self, user: UserId, id: TokenId) -> Result<bool, Unavailable> {
        self.switch.check("revoke")?;
        Ok(self.stored().revoke(user, id))
    }
}
