//! Tenants in memory.

use super::Switch;
use crate::identity::Identity;
use crate::ids::UserId;
use crate::ports::{Accounts, CreateError, Unavailable};
use crate::scope::Grant;
use crate::token::TokenHash;
use crate::user::User;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Accounts`] in memory.
#[derive(Debug, Default)]
pub struct MemoryAccounts {
    /// Whether it answers.
    pub switch: Switch,
    users: Mutex<HashMap<UserId, User>>,
}

impl MemoryAccounts {
    /// How many tenants there are.
    pub fn count(&self) -> usize {
        self.users().len()
    }

    fn users(&self) -> MutexGuard<'_, HashMap<UserId, User>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Accounts for MemoryAccounts {
    async fn create(&self, user: &User) -> Result<(), CreateError> {
        self.switch.check("create")?;
        let mut users = self.users();
        for identity in user.identities() {
            if users.values().any(|other| other.identities().contains(&identity)) {
                return Err(CreateError::Taken(identity));
            }
        }
        users.insert(user.id, user.clone());
        Ok(())
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.users().get(&id).cloned())
    }

    async fn find_by_identity(&self, identity: &Identity) -> Result<Option<User>, Unavailable> {
        self.switch.check("find_by_identity")?;
        Ok(self.users().values().find(|user| user.identities().contains(identity)).cloned())
    }

    async fn find_by_token(&self, token: &TokenHash) -> Result<Option<(User, Grant)>, Unavailable> {
        self.switch.check("find_by_token")?;
        let users = self.users();
        let found = users.values().find(|user| user.token.as_ref() == Some(token));
        Ok(found.map(|user| (user.clone(), Grant::full())))
    }

    async fn remove(&self, user: &User) -> Result<(), Unavailable> {
        self.switch.check("remove")?;
        self.users().remove(&user.id);
        Ok(())
    }
}
