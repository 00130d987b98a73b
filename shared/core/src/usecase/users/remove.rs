//! Removing an account: `POST /v2/users/remove`.

use super::log_in::log_in;
use crate::error::{Code, Problem};
use crate::identity::Login;
use crate::number::{NumberChange, Role};
use crate::password::Password;
use crate::ports::{Accounts, ApplyError, MAX_NUMBER_CHANGES, Numbers};
use crate::usecase::numbers::Sessions;
use crate::user::User;
use std::sync::Arc;

/// Removes accounts with their numbers and sessions.
///
/// What is deleted: the tenant, its identities, its token and its numbers; its sessions are logged out of WhatsApp and their
/// keys deleted by the session task. Its sends are kept until their time to live ends, found by nobody.
pub struct RemoveUser {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// Where their numbers are.
    pub numbers: Arc<dyn Numbers>,
    /// Their sessions.
    pub sessions: Sessions,
}

impl RemoveUser {
    /// Removes the account of `tenant`, if the login and password are its own. It can be repeated: the account itself goes
    /// last, so what failed on the way is done by the next try.
    ///
    /// # Errors
    /// [`Code::RemovalRefused`] for another login or password; [`Code::NumbersChanged`], [`Code::Unavailable`].
    pub async fn remove(
        &self,
        tenant: &User,
        login: Option<Login>,
        password: Option<Password>,
    ) -> Result<(), Problem> {
        let named = match log_in(&*self.accounts, login, password).await {
            Ok(user) => user,
            Err(problem) if problem.code() == Code::WrongCredentials => {
                return Err(Code::RemovalRefused.into());
            }
            Err(problem) => return Err(problem),
        };
        if named.id != tenant.id {
            return Err(Code::RemovalRefused.into());
        }
        let owned = self.numbers.list(named.id).await?;
        for number in owned.iter().filter(|number| number.role == Role::Worker) {
            self.sessions.remove(named.id, &number.phone).await?;
        }
        let removals: Vec<NumberChange> = owned.into_iter().map(NumberChange::Remove).collect();
        for some in removals.chunks(MAX_NUMBER_CHANGES) {
            match self.numbers.apply(named.id, some, 0).await {
                Ok(()) => {}
                Err(ApplyError::Unavailable(error)) => return Err(error.into()),
                Err(_) => return Err(Code::NumbersChanged.into()),
            }
        }
        Ok(self.accounts.remove(&named).await?)
    }
}
