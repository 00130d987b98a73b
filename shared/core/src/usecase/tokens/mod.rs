//! A tenant's API tokens: `GET` and `POST /v2/tokens`, `POST /v2/tokens/{token_id}/rotate`, `DELETE /v2/tokens/{token_id}`.
//!
//! No token lets its bearer make one that can do more than it can itself, or for longer: what it asks for must be within what
//! its own credential grants, and what it does not ask for is taken from there. Nor may it rotate such a token, since that
//! would hand it over. It may revoke any: that only takes away.

#[cfg(test)]
mod tests;

use crate::error::{Code, Problem};
use crate::ids::{TokenId, UserId};
use crate::ports::{ApiKeys, Clock, KeyError, MAX_API_KEYS, Random};
use crate::scope::{Grant, Scope, Scopes};
use crate::token::{ApiKey, ApiToken, KeyName};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How long a rotated token stays good when the client does not say.
pub const DEFAULT_OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// The longest that it may.
pub const MAX_OVERLAP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The furthest that the end of a token may be away, in days: about ten years.
pub const MAX_LIFE_DAYS: i64 = 3_650;

/// Lists, makes, rotates and revokes tokens.
#[derive(Clone)]
pub struct Tokens {
    /// Where they are.
    pub keys: Arc<dyn ApiKeys>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes tokens and their ids.
    pub random: Arc<dyn Random>,
}

/// When a new token shall end, as a client says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// After so many days, 1 to [`MAX_LIFE_DAYS`].
    Days(i64),
    /// Then; in the future, and at most [`MAX_LIFE_DAYS`] away.
    Until(Timestamp),
}

/// The token to make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewToken {
    /// What to call it.
    pub name: Option<KeyName>,
    /// What it shall be for; all that the bearer has, when it is not said.
    pub scopes: Option<Scopes>,
    /// When it shall end; with the bearer's own credential, when it is not said.
    pub life: Option<Life>,
}

/// A token that was made, which is told this once.
#[derive(Debug, Clone)]
pub struct MadeToken {
    /// What is kept of it.
    pub key: ApiKey,
    /// The token.
    pub token: ApiToken,
}

/// A token that took another's place.
#[derive(Debug, Clone)]
pub struct RotatedToken {
    /// The new one.
    pub made: MadeToken,
    /// Until when the old one is good; `None` when it is not any more.
    pub old_ends_at: Option<Timestamp>,
}

impl Tokens {
    /// The tenant's tokens that are good, oldest first.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, Problem> {
        let now = self.clock.now();
        let keys = self.keys.list(user).await?;
        Ok(keys.into_iter().filter(|key| !key.grant().is_over(now)).collect())
    }

    /// Makes a token for a tenant whose credential grants `bearer`.
    ///
    /// # Errors
    /// [`Code::ScopeForbids`] when it asks for a scope that it has not got; [`Code::InvalidParameter`] for an end that cannot
    /// be, or that is later than its own; [`Code::TooManyTokens`]; [`Code::Unavailable`].
    pub async fn create(&self, user: UserId, bearer: &Grant, wanted: NewToken) -> Result<MadeToken, Problem> {
        let now = self.clock.now();
        let scopes = wanted.scopes.unwrap_or_else(|| bearer.scopes.clone());
        if let Some(scope) = beyond(&scopes, bearer) {
            let detail =
                format!("Este token não tem o escopo {} e não pode criar outro que o tenha.", scope.as_str());
            return Err(Problem::new(Code::ScopeForbids).because(detail));
        }
        let expires_at = match wanted.life {
            None => bearer.expires_at,
            Some(life) => Some(end_of(life, now, bearer)?),
        };
        let made = self.make(user, wanted.name, scopes, expires_at, now);
        self.keys.add(&made.key, now).await.map_err(|error| problem(error, Code::Unauthenticated))?;
        Ok(made)
    }

    /// Makes a token with the name, the scopes and the end of another, which stays good for `overlap` (up to [`MAX_OVERLAP`];
    /// none ends it at once).
    ///
    /// # Errors
    /// [`Code::TokenNotFound`]; [`Code::ScopeForbids`] when the other can do more than its bearer's credential, or for longer;
    /// [`Code::InvalidParameter`] for another overlap; [`Code::TooManyTokens`], which both count for while they overlap;
    /// [`Code::Unavailable`].
    pub async fn rotate(
        &self,
        user: UserId,
        bearer: &Grant,
        id: TokenId,
        overlap: SignedDuration,
    ) -> Result<RotatedToken, Problem> {
        let now = self.clock.now();
        if overlap.is_negative() || overlap > MAX_OVERLAP {
            let detail =
                format!("O parâmetro overlap_seconds deve estar entre 0 e {}.", MAX_OVERLAP.as_secs());
            return Err(Problem::new(Code::InvalidParameter).because(detail));
        }
        let Some(old) = self.list(user).await?.into_iter().find(|key| key.id == id) else {
            return Err(Code::TokenNotFound.into());
        };
        if beyond(&old.scopes, bearer).is_some() || outlives(old.expires_at, bearer) {
            let detail = "O token a renovar pode mais do que o token usado na requisição.";
            return Err(Problem::new(Code::ScopeForbids).because(detail));
        }
        let made = self.make(user, old.name, old.scopes, old.expires_at, now);
        let ends = now.saturating_add(overlap).unwrap_or(now);
        let ends = old.expires_at.map_or(ends, |end| end.min(ends));
        let rotated = self.keys.rotate(id, ends, &made.key, now).await;
        rotated.map_err(|error| problem(error, Code::TokenNotFound))?;
        Ok(RotatedToken { made, old_ends_at: (ends > now).then_some(ends) })
    }

    /// Takes a token away. The functions remember a token's tenant for some seconds, and refuse it after that.
    ///
    /// # Errors
    /// [`Code::TokenNotFound`]; [`Code::Unavailable`].
    pub async fn revoke(&self, user: UserId, id: TokenId) -> Result<(), Problem> {
        if self.keys.revoke(user, id).await? { Ok(()) } else { Err(Code::TokenNotFound.into()) }
    }

    fn make(
        &self,
        user: UserId,
        name: Option<KeyName>,
        scopes: Scopes,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> MadeToken {
        let token = ApiToken::from_random(self.random.bytes());
        let id = TokenId::from_random(self.random.bytes());
        let key = ApiKey {
            id,
            user,
            name,
            prefix: token.prefix(),
            hash: token.hash(),
            scopes,
            created_at: now,
            expires_at,
        };
        MadeToken { key, token }
    }
}

/// A scope that the bearer has not got.
fn beyond(scopes: &Scopes, bearer: &Grant) -> Option<Scope> {
    scopes.iter().find(|scope| !bearer.scopes.allow(*scope))
}

fn outlives(end: Option<Timestamp>, bearer: &Grant) -> bool {
    bearer.expires_at.is_some_and(|limit| end.is_none_or(|end| end > limit))
}

fn end_of(life: Life, now: Timestamp, bearer: &Grant) -> Result<Timestamp, Problem> {
    let invalid = |detail: String| Problem::new(Code::InvalidParameter).because(detail);
    let day = SignedDuration::from_hours(24);
    let after_days = |days: i64| now.saturating_add(day * i32::try_from(days).unwrap_or(i32::MAX)).ok();
    let last = after_days(MAX_LIFE_DAYS).unwrap_or(Timestamp::MAX);
    let end = match life {
        Life::Days(days) if (1..=MAX_LIFE_DAYS).contains(&days) => after_days(days).unwrap_or(last),
        Life::Days(_) => {
            return Err(invalid(format!(
                "O parâmetro expires_in_days deve estar entre 1 e {MAX_LIFE_DAYS}."
            )));
        }
        Life::Until(end) if end > now && end <= last => end,
        Life::Until(_) => {
            let detail =
                format!("O parâmetro expires_at deve estar no futuro, a no máximo {MAX_LIFE_DAYS} dias.");
            return Err(invalid(detail));
        }
    };
    if outlives(Some(end), bearer) {
        return Err(invalid("A validade não pode passar da do token usado na requisição.".to_owned()));
    }
    Ok(end)
}

fn problem(error: KeyError, gone: Code) -> Problem {
    match error {
        KeyError::TooMany => {
            let detail =
                format!("São no máximo {MAX_API_KEYS} tokens por usuário. {}", Code::TooManyTokens.remedy());
            Problem::new(Code::TooManyTokens).because(detail)
        }
        KeyError::Gone => gone.into(),
        KeyError::Unavailable(error) => error.into(),
    }
}
