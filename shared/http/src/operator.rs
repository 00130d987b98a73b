//! The operator of a deployment.

use crate::answer::ApiError;
use crate::followed::{FRESH, Followed, PATIENCE, Reader, UnusableSecret};
use async_trait::async_trait;
use axum::http::HeaderMap;
use carteiro_core::error::Code;
use carteiro_core::ports::{Clock, Secret};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The operator's administration token, as its secret has it: a new one is taken at once, and the one that it replaces for a minute
/// at most. When the secret cannot be read again, the token that was read stays in use.
pub struct OperatorToken(Followed<TokenReader>);

struct TokenReader(Arc<dyn Secret>);

/// The SHA-256 of a token.
type Hash = [u8; 32];

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
    /// The token in a secret, which is not read yet.
    pub fn new(secret: Arc<dyn Secret>, clock: Arc<dyn Clock>) -> Self {
        Self(Followed::new(TokenReader(secret), clock))
    }

    /// Lets only the operator on: the token stands in `api-token`. The two are compared by their hashes, in constant time.
    ///
    /// # Errors
    /// 401 for whoever has not the token; 503 when the secret was never read and cannot be now, 500 when it holds a token that
    /// guards nothing.
    pub async fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let given = headers.get("api-token").map(|value| value.as_bytes().trim_ascii()).unwrap_or_default();
        let given: Hash = Sha256::digest(given).into();
        // It may have been replaced since it was read.
        let right = self.is(&given, FRESH).await? || self.is(&given, PATIENCE).await?;
        if right { Ok(()) } else { Err(ApiError::new(Code::OperatorOnly)) }
    }

    async fn is(&self, given: &Hash, age: SignedDuration) -> Result<bool, UnusableSecret> {
        let ours = self.0.no_older_than(age).await?;
        match &*ours {
            Ok(ours) => Ok(given.ct_eq(ours).into()),
            Err(weak) => Err((*weak).into()),
        }
    }
}

#[async_trait]
impl Reader for TokenReader {
    /// A weak token takes the place of the one before it, which somebody wanted gone.
    type Made = Result<Hash, WeakOperatorToken>;

    async fn read(&self, _: Timestamp) -> Result<Self::Made, UnusableSecret> {
        Ok(hash(&self.0.current().await?))
    }
}

/// The hash of a token that can guard a deployment.
fn hash(token: &SecretString) -> Result<Hash, WeakOperatorToken> {
    let text = token.expose_secret().trim();
    if text.chars().count() < 16 {
        return Err(WeakOperatorToken::Short);
    }
    let hash: Hash = Sha256::digest(text.as_bytes()).into();
    if hash == PUBLISHED { Err(WeakOperatorToken::Published) } else { Ok(hash) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::testing::{ManualClock, MemorySecret};

    const OLD: &str = "o-primeiro-token-do-operador";
    const NEW: &str = "o-segundo-token-do-operador";

    fn shown(token: &str) -> HeaderMap {
        HeaderMap::from_iter([("api-token".parse().unwrap(), token.parse().unwrap())])
    }

    fn guard(text: &str) -> (Arc<MemorySecret>, Arc<ManualClock>, OperatorToken) {
        let (secret, clock) = (Arc::new(MemorySecret::new(text)), Arc::new(ManualClock::default()));
        (secret.clone(), clock.clone(), OperatorToken::new(secret, clock))
    }

    async fn answer(token: &OperatorToken, text: &str) -> Option<Code> {
        token.check(&shown(text)).await.err().map(|error| error.0.code())
    }

    #[test]
    fn the_published_token_and_short_ones_are_refused() {
        let refusal = |text: &str| hash(&text.to_owned().into()).err();
        assert_eq!(refusal("4D83A1B9A15FE8C3498F998E954DB"), Some(WeakOperatorToken::Published));
        assert_eq!(refusal(" 4D83A1B9A15FE8C3498F998E954DB\n"), Some(WeakOperatorToken::Published));
        assert_eq!(refusal("curto"), Some(WeakOperatorToken::Short));
        assert_eq!(refusal(&"x".repeat(48)), None);
    }

    #[tokio::test]
    async fn a_new_token_is_taken_at_once_and_the_old_one_for_a_minute_at_most() {
        let (secret, clock, token) = guard(OLD);
        assert_eq!(answer(&token, OLD).await, None);
        secret.rotate(NEW);
        clock.advance(SignedDuration::from_secs(59));
        assert_eq!(answer(&token, OLD).await, None, "nothing says that it was replaced");
        assert_eq!(answer(&token, NEW).await, None);
        assert_eq!(answer(&token, OLD).await, Some(Code::OperatorOnly));

        secret.rotate(OLD);
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(answer(&token, NEW).await, Some(Code::OperatorOnly));
    }

    #[tokio::test]
    async fn who_guesses_does_not_have_the_secret_read_each_time() {
        let (secret, clock, token) = guard(OLD);
        for _ in 0..600 {
            assert_eq!(answer(&token, "um-chute-qualquer").await, Some(Code::OperatorOnly));
            clock.advance(SignedDuration::from_millis(100));
        }
        let readings = secret.switch.asked().len();
        assert!((5..=7).contains(&readings), "600 requests in a minute made {readings} readings");
    }

    #[tokio::test]
    async fn an_outage_leaves_the_token_in_use_and_lets_nobody_in_before_it_was_read() {
        let (secret, clock, token) = guard(OLD);
        secret.switch.fail();
        assert_eq!(answer(&token, OLD).await, Some(Code::Unavailable));
        secret.switch.recover();
        assert_eq!(answer(&token, OLD).await, None);
        secret.switch.fail();
        clock.advance(SignedDuration::from_hours(1));
        assert_eq!(answer(&token, OLD).await, None);
        assert_eq!(answer(&token, NEW).await, Some(Code::OperatorOnly));
    }

    #[tokio::test]
    async fn a_weak_token_lets_nobody_in_and_the_log_says_why() {
        let (secret, clock, token) = guard(OLD);
        assert_eq!(answer(&token, OLD).await, None);
        secret.rotate("curto");
        clock.advance(SignedDuration::from_secs(60));
        for guess in ["curto", OLD] {
            let error = token.check(&shown(guess)).await.unwrap_err().0;
            assert_eq!(error.code(), Code::Internal);
            assert_eq!(error.cause(), Some("the operator's token has less than 16 characters"));
        }
    }
}
