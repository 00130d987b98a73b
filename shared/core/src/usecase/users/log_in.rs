//! Logging in by password: `POST /v2/users/login`.

use crate::error::{Code, Problem};
use crate::identity::{Identity, Login};
use crate::password::{Password, PasswordHash};
use crate::ports::{Accounts, Clock, Rates};
use crate::rate::{Rate, RateKey};
use crate::usecase::held_back::held_back;
use crate::user::User;
use jiff::SignedDuration;
use std::sync::Arc;

/// Wrong passwords for one login, from wherever they come: ten at once, then one each 30 seconds.
const WRONG: Rate = Rate::every(SignedDuration::from_secs(30), 10);

/// Lets tenants in by login and password.
#[derive(Clone)]
pub struct LogIn {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// Where it is counted how often a password was tried.
    pub rates: Arc<dyn Rates>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl LogIn {
    /// The account of that login and password. What could never be either is given as `None`, and costs the time of a real
    /// check all the same: neither the answer nor its time tells whether an account exists. Nor does the limit of tries, which
    /// is the login's, whether it is anybody's or not; right ones are not counted.
    ///
    /// # Errors
    /// [`Code::WrongCredentials`]; [`Code::RateLimited`]; [`Code::Unavailable`].
    pub async fn by_password(
        &self,
        login: Option<Login>,
        password: Option<Password>,
    ) -> Result<User, Problem> {
        let Some(login) = login else { return check(None, password) };
        let key = RateKey::new("login", login.as_str());
        // Counted before it is looked at, so that guesses at the same time are as many guesses.
        let decision = self.rates.admit(&key, WRONG, self.clock.now()).await?;
        if !decision.admitted {
            return Err(held_back("Muitas tentativas.", decision.retry_after));
        }
        let found = self.accounts.find_by_identity(&Identity::Login(login)).await?;
        let user = check(found, password)?;
        // Where it cannot be given back, the tenant has one try less for half a minute.
        let _ = self.rates.give_back(&key, WRONG).await;
        Ok(user)
    }
}

fn check(user: Option<User>, password: Option<Password>) -> Result<User, Problem> {
    let nobody = PasswordHash::of_nobody();
    let hash = user.as_ref().and_then(|user| user.password.as_ref()).unwrap_or(&nobody);
    let matches = match password.or_else(|| Password::parse("a password of nobody".into()).ok()) {
        Some(password) => password.matches(hash),
        None => false,
    };
    match user {
        Some(user) if matches => Ok(user),
        _ => Err(Code::WrongCredentials.into()),
    }
}
