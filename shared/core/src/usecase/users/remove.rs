//! Removing an account: `POST /v2/users/remove`.

use super::log_in::LogIn;
use crate::error::{Code, Problem};
use crate::identity::{Identity, Login};
use crate::number::{NumberChange, Role};
use crate::password::Password;
use crate::ports::{
    Accounts, ApplyError, Clock, MAX_NUMBER_CHANGES, NamedSessions, Numbers, Pairings, Receivers,
};
use crate::privacy::PrivacyDetails;
use crate::usecase::AskPrivacy;
use crate::usecase::named_sessions::cancel_pairing;
use crate::usecase::numbers::Sessions;
use crate::user::User;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Removes accounts with their numbers and sessions.
///
/// What is deleted: the tenant, its identities, its tokens, its numbers, its sessions of V1 and its webhooks; its sessions are
/// logged out of WhatsApp and their keys deleted by the session task. What else it had, its sends for one, is erased in the
/// background after that ([`AskPrivacy::erase_tenant`]).
pub struct RemoveUser {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// What knows them by their passwords.
    pub log_in: LogIn,
    /// Where their numbers are.
    pub numbers: Arc<dyn Numbers>,
    /// Their sessions.
    pub sessions: Sessions,
    /// Their sessions of V1.
    pub named: Arc<dyn NamedSessions>,
    /// The pairings of those.
    pub pairings: Arc<dyn Pairings>,
    /// Their webhooks.
    pub receivers: Arc<dyn Receivers>,
    /// What erases the rest.
    pub privacy: Arc<AskPrivacy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// How long after a login an account without a password may be removed: long enough to ask for a code, read it and go on.
pub const REMOVAL_WINDOW: SignedDuration = SignedDuration::from_mins(10);

impl RemoveUser {
    /// Removes the account of `tenant`, if the login and password are its own, and answers the erasure of the rest. It can be
    /// repeated: the account itself goes last, so what failed on the way is done by the next try.
    ///
    /// # Errors
    /// [`Code::RemovalRefused`] for another login or password; [`Code::RateLimited`], as of [`LogIn::by_password`];
    /// [`Code::NumbersChanged`], [`Code::Unavailable`].
    pub async fn remove(
        &self,
        tenant: &User,
        login: Option<Login>,
        password: Option<Password>,
    ) -> Result<PrivacyDetails, Problem> {
        let named = match self.log_in.by_password(login, password).await {
            Ok(user) => user,
            Err(problem) if problem.code() == Code::WrongCredentials => {
                return Err(Code::RemovalRefused.into());
            }
            Err(problem) => return Err(problem),
        };
        if named.id != tenant.id {
            return Err(Code::RemovalRefused.into());
        }
        self.remove_all(&named).await
    }

    /// Removes the account of `tenant`, which has no password: it has to name the account (by its login, e-mail address or
    /// number), and its credential has to be a JWT of a login not longer ago than [`REMOVAL_WINDOW`] (`logged_in_at`; `None` for
    /// an API token). Such an account logs in by a one-time password alone, so who has that JWT has just read a code that was
    /// sent to its e-mail address or number. It can be repeated, as [`RemoveUser::remove`].
    ///
    /// # Errors
    /// As of [`RemoveUser::remove`].
    pub async fn remove_without_password(
        &self,
        tenant: &User,
        named: &str,
        logged_in_at: Option<Timestamp>,
    ) -> Result<PrivacyDetails, Problem> {
        let identities = tenant.identities();
        let is_named = identities.iter().any(|identity| match identity {
            Identity::Login(login) => named.parse().as_ref() == Ok(login),
            Identity::Email(email) => named.parse().as_ref() == Ok(email),
            Identity::Phone(phone) => named.parse().as_ref() == Ok(phone),
        });
        let age = logged_in_at.map(|at| self.clock.now().duration_since(at));
        if tenant.password.is_some() || !is_named {
            return Err(Code::RemovalRefused.into());
        }
        if age.is_none_or(|age| age > REMOVAL_WINDOW) {
            let detail =
                "Esta conta não tem senha: entre com um código OTP e remova a conta em até 10 minutos.";
            return Err(Problem::new(Code::RemovalRefused).because(detail));
        }
        self.remove_all(tenant).await
    }

    /// Removes an account for the operator, who is asked for no password. It can be repeated, as [`RemoveUser::remove`].
    ///
    /// # Errors
    /// [`Code::NumbersChanged`], [`Code::Unavailable`].
    pub(in crate::usecase) async fn remove_for_operator(
        &self,
        user: &User,
    ) -> Result<PrivacyDetails, Problem> {
        self.remove_all(user).await
    }

    async fn remove_all(&self, named: &User) -> Result<PrivacyDetails, Problem> {
        let erasure = self.privacy.erase_tenant(named.id).await?;
        for receiver in self.receivers.of_user(named.id).await? {
            self.receivers.remove(named.id, &receiver.scope).await?;
        }
        // First what could make a worker yet.
        let of_v1 = self.named.list(named.id).await?;
        for session in &of_v1 {
            cancel_pairing(&*self.pairings, &self.sessions, session).await?;
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
        for session in &of_v1 {
            self.named.remove(named.id, &session.name).await?;
        }
        self.accounts.remove(named).await?;
        Ok(erasure)
    }
}
