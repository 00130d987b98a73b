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
            Lookup::Token(hash) => self.accounts.find_by_token(hash).await?.map(|(user, _)| user),
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

/// Why a configured token cannot guard a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakOperatorToken {
    /// It is too short.
    #[error("the operator's token has less than 16 characters")]
    Short,
    /// It is the one that the first version's documentation printed.
    #[error("the operator's token is a published one")]
    Published,
}

/// The SHA-256 of the token that the documentation of the first version printed, so that anyone may know it.
const PUBLISHED: [u8; 32] = [
    0x18, 0x27, 0x62, 0x40, 0x1f, 0x60, 0x26, 0x2c, 0x09, 0x8b, 0x1d, 0x1d, 0x9d, 0xe9, 0x06, 0x69, 0xf9,
    0x54, 0xa4, 0x2f, 0xbf, 0x78, 0xe1, 0x9c, 0xcc, 0x0b, 0xee, 0x41, 0xc0, 0x58, 0x3e, 0x2f,
];

impl OperatorToken {
    /// Takes the configured token.
    pub fn new(token: SecretString) -> Result<Self, WeakOperatorToken> {
        let text = token.expose_secret().trim();
        if text.chars().count() < 16 {
            return Err(WeakOperatorToken::Short);
        }
        if Sha256::digest(text.as_bytes()).as_slice() == PUBLISHED {
            return Err(WeakOperatorToken::Published);
        }
        Ok(Self(token))
    }

    /// Lets only the operator on: the token stands in `api-token`. The two are compared by their hashes, in constant time.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let given = headers.get("api-token").map(|value| value.as_bytes().trim_ascii()).unwrap_or_default();
        let ours = Sha256::digest(self.0.expose_secret().trim().as_bytes());
        let equal: bool = Sha256::digest(given).as_slice().ct_eq(ours.as_slice()).into();
        if equal { Ok(()) } else { Err(ApiError::new(Code::OperatorOnly)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::testing::{ManualClock, MemoryAccounts, MemorySecret};

    #[test]
    fn the_published_token_and_short_ones_are_refused() {
        let refusal = |text: &str| OperatorToken::new(text.to_owned().into()).err();
        assert_eq!(refusal("4D83A1B9A15FE8C3498F998E954DB"), Some(WeakOperatorToken::Published));
        assert_eq!(refusal(" 4D83A1B9A15FE8C3498F998E954DB\n"), Some(WeakOperatorToken::Published));
        assert_eq!(refusal("curto"), Some(WeakOperatorToken::Short));
        assert_eq!(refusal(&"x".repeat(48)), None);
    }

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
        let asks = async || authenticator.tenant(&headers).await.map_err(|error| error.0.code());

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
