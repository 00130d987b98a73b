//! Which tenant is asking: the one behind a JWT or an API token.

use crate::answer::ApiError;
use crate::followed::UnusableSecret;
use crate::key_ring::KeyRing;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use carteiro_core::error::{Code, Problem};
use carteiro_core::ids::UserId;
use carteiro_core::ports::{Accounts, Clock};
use carteiro_core::scope::{Grant, Scope};
use carteiro_core::token::{ApiToken, TokenHash};
use carteiro_core::usecase::Recent;
use carteiro_core::user::User;
use jiff::{SignedDuration, Timestamp};
use std::ops::Deref;
use std::sync::Arc;

/// For how long an instance of a function believes what it last read of a tenant or a token. So a removed tenant, a revoked
/// token or a changed plan may be seen this much later.
pub const TENANT_CACHE: SignedDuration = SignedDuration::from_secs(15);

/// Finds the tenant that a request's credentials name.
pub struct Authenticator {
    accounts: Arc<dyn Accounts>,
    clock: Arc<dyn Clock>,
    keys: Arc<KeyRing>,
    remembered: Recent<Lookup, Tenant>,
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
    ///
    /// # Errors
    /// When the keys were never read, and cannot be now.
    pub async fn issue(&self, user: UserId) -> Result<String, UnusableSecret> {
        Ok(self.keys.get().await?.issue(user, self.now()))
    }

    /// Forgets what is remembered of a tenant, which was removed just now.
    pub fn forget(&self, user: UserId) {
        self.remembered.forget_where(|known| known.id == user);
    }

    /// The tenant of the first good credential: a JWT or an API token in `Authorization: Bearer`, `token` or `api-token`.
    /// The known web client sends its JWT in the first two at once, so equal ones are tried once.
    /// One that stands in the query, where V1 has it, comes last.
    pub async fn tenant(&self, headers: &HeaderMap, in_query: Option<&str>) -> Result<Tenant, ApiError> {
        let mut tried: Vec<&str> = Vec::new();
        for credential in credentials(headers).chain(in_query) {
            if tried.contains(&credential) {
                continue;
            }
            if let Some((lookup, logged_in_at)) = self.lookup(credential).await?
                && let Some(tenant) = self.find(lookup).await?
                && !tenant.grant.is_over(self.clock.now())
            {
                return Ok(Tenant { logged_in_at, ..tenant });
            }
            tried.push(credential);
        }
        Err(ApiError::new(Code::Unauthenticated))
    }

    /// The tenant of that id, as if it had shown a credential that allows everything.
    pub(crate) async fn trusted(&self, user: UserId) -> Result<Tenant, ApiError> {
        self.find(Lookup::Id(user)).await?.ok_or_else(|| ApiError::new(Code::Unauthenticated))
    }

    async fn lookup(&self, credential: &str) -> Result<Option<(Lookup, Option<Timestamp>)>, UnusableSecret> {
        if let Ok(token) = credential.parse::<ApiToken>() {
            return Ok(Some((Lookup::Token(token.hash()), None)));
        }
        let keys = self.keys.get_for(credential).await?;
        let Some((user, issued_at)) = keys.and_then(|keys| keys.read(credential, self.now())) else {
            return Ok(None);
        };
        let issued_at = i64::try_from(issued_at).ok().and_then(|second| Timestamp::from_second(second).ok());
        Ok(Some((Lookup::Id(user), issued_at)))
    }

    async fn find(&self, lookup: Lookup) -> Result<Option<Tenant>, ApiError> {
        let now = self.clock.now();
        if let Some(known) = self.remembered.get(&lookup, now) {
            return Ok(Some(known));
        }
        let found = match &lookup {
            Lookup::Id(id) => self.accounts.find(*id).await?.map(|user| (user, Grant::full())),
            Lookup::Token(hash) => self.accounts.find_by_token(hash).await?,
        };
        let tenant = found.map(|(user, grant)| Tenant {
            user: Arc::new(user),
            grant: Arc::new(grant),
            logged_in_at: None,
        });
        if let Some(tenant) = &tenant {
            self.remembered.remember(lookup, tenant.clone(), now);
        }
        Ok(tenant)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().as_second()).unwrap_or_default()
    }
}

/// Each credential that a request carries, the most usual place first.
pub(crate) fn credentials(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let bearer = text("authorization").and_then(|value| {
        let (scheme, credential) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(credential.trim())
    });
    [bearer, text("token"), text("api-token")].into_iter().flatten().filter(|c| !c.is_empty())
}

/// The tenant that is asking, and what its credential lets it do. Handlers of tenants' routes take it as an argument; the
/// [`crate::Gate`] has let nobody else through to them.
#[derive(Debug, Clone)]
pub struct Tenant {
    user: Arc<User>,
    grant: Arc<Grant>,
    logged_in_at: Option<Timestamp>,
}

impl Tenant {
    /// What the credential lets its bearer do: a token that is made with it must not do more.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// When the JWT was issued that it asks with: its login. `None` for an API token.
    pub fn logged_in_at(&self) -> Option<Timestamp> {
        self.logged_in_at
    }

    /// Refuses a credential that lacks a scope.
    pub(crate) fn check(&self, scope: Scope) -> Result<(), ApiError> {
        if self.grant.scopes.allow(scope) {
            return Ok(());
        }
        let detail = format!("O token não tem o escopo {}, que esta rota exige.", scope.as_str());
        Err(ApiError::because(Code::ScopeForbids, detail))
    }
}

impl Deref for Tenant {
    type Target = User;

    fn deref(&self) -> &User {
        &self.user
    }
}

impl<S: Sync> FromRequestParts<S> for Tenant {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let tenant = parts.extensions.get::<Tenant>().cloned();
        tenant.ok_or_else(|| Problem::new(Code::Internal).caused_by("the route is no tenant's").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::testing::{ManualClock, MemoryAccounts, MemorySecret};

    #[tokio::test]
    async fn a_tenant_is_believed_for_fifteen_seconds_unless_it_is_forgotten() {
        let (accounts, clock) = (Arc::<MemoryAccounts>::default(), Arc::<ManualClock>::default());
        let secret = Arc::new(MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#));
        let keys = Arc::new(KeyRing::load(secret, clock.clone()).await.unwrap());
        let authenticator = Authenticator::new(accounts.clone(), clock.clone(), keys);
        let token = ApiToken::from_random([7; 32]);
        let user = carteiro_core::testing::tenant(1, Some(&token));
        accounts.create(&user).await.unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("token", token.reveal().parse().unwrap());
        let asks = async || authenticator.tenant(&headers, None).await.map_err(|error| error.0.code());

        assert_eq!(asks().await.unwrap().id, user.id);
        accounts.remove(&user).await.unwrap();
        clock.advance(SignedDuration::from_secs(14));
        assert!(asks().await.is_ok());
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(asks().await.unwrap_err(), Code::Unauthenticated);
        accounts.create(&user).await.unwrap();
        assert!(asks().await.is_ok());
        accounts.remove(&user).await.unwrap();
        authenticator.forget(user.id);
        assert_eq!(asks().await.unwrap_err(), Code::Unauthenticated);
        accounts.switch.fail();
        assert_eq!(asks().await.unwrap_err(), Code::Unavailable, "an outage is no bad credential");
    }
}
