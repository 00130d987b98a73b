//! Making an account: `POST /v2/users/register`.

use crate::audit::AuditAction;
use crate::error::{Code, Problem};
use crate::identity::{Identity, Login};
use crate::ids::{TokenId, UserId};
use crate::password::Password;
use crate::phone::Phone;
use crate::plan::Plans;
use crate::ports::{Accounts, Clock, CreateError, Random};
use crate::scope::Scopes;
use crate::token::{ApiKey, ApiToken};
use crate::usecase::operator::Trail;
use crate::user::User;
use std::sync::Arc;

/// Makes accounts for the operator.
pub struct RegisterUser {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids, tokens and salts.
    pub random: Arc<dyn Random>,
    /// The plans that there are.
    pub plans: Arc<Plans>,
    /// Where it is written that the operator did so.
    pub trail: Trail,
}

/// The account to make.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its login; one that is an e-mail address also gets OTPs by mail.
    pub login: Login,
    /// Its number, which gets OTPs by SMS.
    pub number: Phone,
    /// Its password; without one it logs in by OTP only.
    pub password: Option<Password>,
    /// The name of its plan.
    pub plan: String,
}

/// An account that was made.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The account.
    pub user: User,
    /// Its first API token, for all that there is, which is told this once.
    pub token: ApiToken,
    /// What is kept of the token.
    pub key: ApiKey,
}

impl RegisterUser {
    /// Makes the account with all it is found by, or nothing.
    ///
    /// # Errors
    /// [`Code::UnknownPlan`]; [`Code::LoginTaken`] and [`Code::PhoneTaken`]; [`Code::Unavailable`].
    pub async fn register(&self, registration: Registration) -> Result<Registered, Problem> {
        let Some(plan) = self.plans.parse_name(&registration.plan) else {
            return Err(Code::UnknownPlan.into());
        };
        let password = match &registration.password {
            None => None,
            Some(password) => {
                let hash = password.hash(self.random.bytes());
                Some(hash.map_err(|error| Problem::new(Code::Internal).caused_by(error))?)
            }
        };
        let token = ApiToken::from_random(self.random.bytes());
        let user = User {
            id: UserId::from_random(self.random.bytes()),
            email: registration.login.as_email(),
            mail_returned: None,
            login: Some(registration.login),
            phone: Some(registration.number),
            password,
            plan,
            time_zone: None,
            retention: None,
            token: None,
            created_at: self.clock.now(),
        };
        let key = ApiKey {
            id: TokenId::from_random(self.random.bytes()),
            user: user.id,
            name: None,
            prefix: token.prefix(),
            hash: token.hash(),
            scopes: Scopes::all(),
            created_at: user.created_at,
            expires_at: None,
        };
        self.trail.write(AuditAction::Register, user.id, format!("plan={}", user.plan)).await?;
        match self.accounts.create_with_key(&user, &key).await {
            Ok(()) => Ok(Registered { user, token, key }),
            // An e-mail address that registered itself by OTP is a login that exists, too.
            Err(CreateError::Taken(Identity::Login(_) | Identity::Email(_))) => Err(Code::LoginTaken.into()),
            Err(CreateError::Taken(Identity::Phone(_))) => Err(Code::PhoneTaken.into()),
            Err(CreateError::Unavailable(error)) => Err(error.into()),
        }
    }
}
