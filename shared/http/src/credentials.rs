//! Who is asking: the tenant behind a JWT or an API token, the operator behind the administration token.

use crate::answer::ApiError;
use crate::key_ring::KeyRing;
use crate::story::Story;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use carteiro_core::error::Code;
use carteiro_core::ids::UserId;
use carteiro_core::ports::{Accounts, Clock};
use carteiro_core::token::{ApiToken, TokenHash};
use carteiro_core::usecase::Recent;
use carteiro_core::user::User;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::ops::Deref;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// For how long an instance of a function believes what it last read of a tenant. So a removed tenant, or a changed plan,
/// may be seen this much later.
pub const TENANT_CACHE: SignedDuration = SignedDuration::from_secs(15);

/// Finds the tenant that a request's credentials name.
pub struct Authenticator {
    accounts: Arc<dyn Accounts>,
    clock: Arc<dyn Clock>,
    keys: Arc<KeyRing>,
    remembered: Recent<Lookup, Arc<User>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Lookup {
    Id(UserId),
    Token(TokenHash),
}

impl Authenticator {
    /// Over the store of accounts, with the keys of the deployment.
    pub fn new(accounts: Arc<dyn Accounts>, clock: Arc<dyn Clock>, keys: Arc<KeyRing>) -> Self {
        Self { accounts, clock, keys, remembered: Recent::new(TENANT_CACHE) }
    }

    /// A JWT for a tenant that has proved who it is.
    pub async fn issue(&self, user: UserId) -> String {
        self.keys.get().await.issue(user, self.now())
    }

    /// Forgets what is remembered of a tenant, which was removed just now.
    pub fn forget(&self, user: UserId) {
        self.remembered.forget_where(|known| known.id == user);
    }

    /// The tenant of the first good credential: a JWT or an API token in `Authorization: Bearer`, `token` or `api-token`.
    /// The known web client sends its JWT in the first two at once, so equal ones are tried once.
    pub async fn tenant(&self, headers: &HeaderMap) -> Result<Tenant, ApiError> {
        let mut tried: Vec<&str> = Vec::new();
        for credential in credentials(headers) {
            if tried.contains(&credential) {
                continue;
            }
            if let Some(lookup) = self.lookup(credential).await
                && let Some(user) = self.find(lookup).await?
            {
                return Ok(Tenant(user));
            }
            tried.push(credential);
        }
        Err(ApiError::new(Code::Unauthenticated))
    }

    async fn lookup(&self, credential: &str) -> Option<Lookup> {
        match credential.parse::<ApiToken>() {
            Ok(token) => Some(Lookup::Token(token.hash())),
            Err(_) => self.keys.get_for(credential).await?.verify(credential, self.now()).map(Lookup::Id),
        }
    }

    async fn find(&self, lookup: Lookup) -> Result<Option<Arc<User>>, ApiError> {
        let now = self.clock.now();
        if let Some(known) = self.remembered.get(&lookup, now) {
            return Ok(Some(known));
        }
        let found = match &lookup {
            Lookup::Id(id) => self.accounts.find(*id).await?,
            Lookup::Token(hash) => self.accounts.find_by_token(hash).await?,
        };
        let found = found.map(Arc::new);
        if let Some(user) = &found {
            self.remembered.remember(lookup, Arc::clone(user), now);
        }
        Ok(found)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().as_second()).unwrap_or_default()
    }
}

/// Each credential that a request carries, the most usual place first.
fn credentials(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let bearer = text("authorization").and_then(|value| {
        let (scheme, credential) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(credential.trim())
    });
    [bearer, text("token"), text("api-token")].into_iter().flatten().filter(|c| !c.is_empty())
}

/// State that can tell who is asking: what handlers that take a [`Tenant`] need of theirs.
pub trait Authenticates: Send + Sync {
    /// The authenticator.
    fn authenticator(&self) -> &Authenticator;
}

impl<T: Authenticates> Authenticates for Arc<T> {
    fn authenticator(&self) -> &Authenticator {
        T::authenticator(self)
    }
}

/// The tenant that is asking. As an argument of a handler it refuses every other request with 401.
#[derive(Debug, Clone)]
pub struct Tenant(pub Arc<User>);

impl Deref for Tenant {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

impl<S: Authenticates> FromRequestParts<S> for Tenant {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let tenant = state.authenticator().tenant(&parts.headers).await?;
        parts.extensions.get_or_insert_default::<Story>().tenant(tenant.id);
        Ok(tenant)
    }
}

/// The operator's administration token.
#[derive(Debug, Clone)]
pub struct OperatorToken(SecretString);

/// What was given is too short to guard a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operator's token has less than 16 characters")]
pub struct WeakOperatorToken;

impl OperatorToken {
    /// Takes the configured token.
    pub fn new(token: SecretString) -> Result<Self, WeakOperatorToken> {
        if token.expose_secret().trim().chars().count() >= 16 {
            Ok(Self(token))
        } else {
            Err(WeakOperatorToken)
        }
    }

    /// Lets only the operator on: the token stands in `api-token`. The two are compared by their hashes, in constant time.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let given = headers.get("api-token").map(|value| value.as_bytes().trim_ascii()).unwrap_or_default();
        let ours = Sha256::digest(self.0.expose_secret().trim().as_bytes());
        let equal: bool = Sha256::digest(given).as_slice().ct_eq(ours.as_slice()).into();
        if equal { Ok(()) } else { Err(ApiError::new(Code::OperatorOnly)) }
    }
}
