//! The signing keys in use, read again now and then, so that a replaced key is in use everywhere within a minute.

use crate::signing::{InvalidKey, SigningKeys};
use carteiro_core::ports::{Clock, Secret, Unavailable};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How old the keys may be before they are read again.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// How long after a reading a JWT under an unknown key is refused without another one: anyone can send such a JWT.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// Why there are no keys to start with.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// The secret was not read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It holds no key.
    #[error(transparent)]
    Invalid(#[from] InvalidKey),
}

/// Keeps the [`SigningKeys`] of a secret at hand. When it cannot be read again, the old keys stay in use.
pub struct KeyRing {
    secret: Arc<dyn Secret>,
    clock: Arc<dyn Clock>,
    kept: Mutex<(Timestamp, Arc<SigningKeys>)>,
}

impl KeyRing {
    /// Reads the secret for the first time.
    pub async fn load(secret: Arc<dyn Secret>, clock: Arc<dyn Clock>) -> Result<Self, KeyRingError> {
        let read_at = clock.now();
        let keys = read(&*secret).await?;
        Ok(Self { secret, clock, kept: Mutex::new((read_at, Arc::new(keys))) })
    }

    /// The keys.
    pub async fn get(&self) -> Arc<SigningKeys> {
        self.no_older_than(FRESH).await
    }

    /// The keys, if the JWT is under one of them; one that was made just now is read for it.
    pub(crate) async fn get_for(&self, jwt: &str) -> Option<Arc<SigningKeys>> {
        let keys = self.get().await;
        if keys.know(jwt) {
            return Some(keys);
        }
        // Text that is no JWT at all is no reason to read anything.
        jsonwebtoken::decode_header(jwt).ok()?;
        Some(self.no_older_than(PATIENCE).await).filter(|keys| keys.know(jwt))
    }

    async fn no_older_than(&self, age: SignedDuration) -> Arc<SigningKeys> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if now.duration_since(kept.0) >= age {
            // Whatever comes of it, the next reading waits its time: a store in trouble is not asked for each request.
            kept.0 = now;
            match read(&*self.secret).await {
                Ok(keys) => kept.1 = Arc::new(keys),
                Err(error) => {
                    tracing::warn!(%error, "the signing keys were not read again; the old ones stay in use")
                }
            }
        }
        Arc::clone(&kept.1)
    }
}

async fn read(secret: &dyn Secret) -> Result<SigningKeys, KeyRingError> {
    let current = secret.current().await?;
    let previous = secret.previous().await?;
    Ok(SigningKeys::parse(&current, previous.as_ref())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::ids::UserId;
    use carteiro_core::testing::{ManualClock, MemorySecret};

    fn key(kid: &str) -> String {
        format!(r#"{{"kid":"{kid}","key":"{}"}}"#, kid.repeat(40))
    }

    #[tokio::test]
    async fn a_replaced_key_is_picked_up_and_the_old_one_still_taken() {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let ring = KeyRing::load(secret.clone(), clock.clone()).await.unwrap();
        let old = ring.get().await.issue(UserId::from_random([1; 16]), 0);
        secret.rotate(key("2"));
        let foreign = KeyRing::load(secret.clone(), clock.clone()).await.unwrap();
        let new = foreign.get().await.issue(UserId::from_random([2; 16]), 0);
        assert!(ring.get_for(&new).await.is_none(), "it was read less than ten seconds ago");
        clock.advance(SignedDuration::from_secs(10));
        let keys = ring.get_for(&new).await.unwrap();
        assert!(keys.verify(&new, 1).is_some() && keys.verify(&old, 1).is_some());
        assert_eq!(keys.otp_keys().len(), 2);
    }

    #[tokio::test]
    async fn an_outage_leaves_the_keys_in_use() {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let ring = KeyRing::load(secret.clone(), clock.clone()).await.unwrap();
        secret.switch.fail();
        clock.advance(SignedDuration::from_hours(1));
        let jwt = ring.get().await.issue(UserId::from_random([1; 16]), 0);
        assert!(ring.get_for(&jwt).await.is_some() && ring.get_for("x.y.z").await.is_none());
        assert!(KeyRing::load(secret, clock).await.is_err());
    }
}
