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
/// How old a key is when it begins to sign: by then every instance has read it ([`FRESH`]), whatever its clock says, so that no
/// one refuses what another has just issued.
const ADOPTED: SignedDuration = SignedDuration::from_mins(2);

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
///
/// A secret that is given a new version is in use everywhere two minutes later, and what was signed with the version before
/// stays good for as long as that one is the previous version. So a key that is replaced once a day or less logs nobody
/// out; to end what an unsafe key has signed, it is replaced twice.
pub struct KeyRing {
    secret: Arc<dyn Secret>,
    clock: Arc<dyn Clock>,
    kept: Mutex<(Timestamp, Arc<SigningKeys>)>,
}

impl KeyRing {
    /// Reads the secret for the first time.
    pub async fn load(secret: Arc<dyn Secret>, clock: Arc<dyn Clock>) -> Result<Self, KeyRingError> {
        let read_at = clock.now();
        let keys = read(&*secret, read_at).await?;
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
            match read(&*self.secret, now).await {
                Ok(keys) => kept.1 = Arc::new(keys),
                Err(error) => {
                    tracing::warn!(%error, "the signing keys were not read again; the old ones stay in use")
                }
            }
        }
        Arc::clone(&kept.1)
    }
}

async fn read(secret: &dyn Secret, now: Timestamp) -> Result<SigningKeys, KeyRingError> {
    let versions = secret.versions().await?;
    let keys = SigningKeys::parse(&versions.current, versions.previous.as_ref())?;
    let is_new = versions.changed_at.is_some_and(|made| now.duration_since(made) < ADOPTED);
    Ok(if is_new { keys.signing_with_the_previous() } else { keys })
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::ids::UserId;
    use carteiro_core::testing::{ManualClock, MemorySecret};

    fn key(kid: &str) -> String {
        format!(r#"{{"kid":"{kid}","key":"{}"}}"#, kid.repeat(40))
    }

    fn kid(jwt: &str) -> String {
        jsonwebtoken::decode_header(jwt).unwrap().kid.unwrap()
    }

    /// Many instances, each of which read the secret at a time of its own: whatever one issues, all take, at every second around
    /// the replacement of the key.
    #[tokio::test]
    async fn a_replaced_key_logs_nobody_out_at_any_moment() {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let mut rings = Vec::new();
        for _ in 0..20 {
            rings.push(KeyRing::load(secret.clone(), clock.clone()).await.unwrap());
            clock.advance(SignedDuration::from_secs(3));
        }
        let mut issued: Vec<String> = Vec::new();
        for second in 0..240 {
            if second == 10 {
                secret.rotate_at(clock.now(), key("2"));
            }
            let now = u64::try_from(clock.now().as_second()).unwrap();
            // The one that has just read the secret again: it is the first to know.
            let keys = rings[second / 3 % rings.len()].get().await;
            issued.push(keys.issue(UserId::from_random([1; 16]), now));
            for jwt in issued.iter().take(1).chain(issued.iter().rev().take(3)) {
                for (n, ring) in rings.iter().enumerate() {
                    let keys = ring.get_for(jwt).await;
                    let taken = keys.is_some_and(|keys| keys.verify(jwt, now).is_some());
                    assert!(taken, "instance {n} refused kid {} at second {second}", kid(jwt));
                }
            }
            clock.advance(SignedDuration::from_secs(1));
        }
        let (first, last) = (&issued[0], &issued[239]);
        assert_eq!((kid(first), kid(last)), ("1".into(), "2".into()), "the new key signs in the end");
        let issued_at = u64::try_from(clock.now().as_second()).unwrap() - 240;
        let keys = rings[0].get().await;
        assert!(keys.verify(first, issued_at + crate::LIFETIME_SECONDS - 1).is_some());
        assert!(keys.verify(first, issued_at + crate::LIFETIME_SECONDS).is_none());
        assert_eq!(keys.otp_keys().len(), 2);
    }

    #[tokio::test]
    async fn an_unknown_key_is_refused_and_does_not_make_it_read_each_time() {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let ring = KeyRing::load(secret.clone(), clock.clone()).await.unwrap();
        let elsewhere = KeyRing::load(Arc::new(MemorySecret::new(key("9"))), clock.clone()).await.unwrap();
        let foreign = elsewhere.get().await.issue(UserId::from_random([1; 16]), 0);
        secret.switch.asked();
        for _ in 0..600 {
            assert!(ring.get_for(&foreign).await.is_none());
            clock.advance(SignedDuration::from_millis(100));
        }
        let readings = secret.switch.asked().len();
        assert!((5..=6).contains(&readings), "600 requests in a minute made {readings} readings");
    }

    #[tokio::test]
    async fn a_key_that_another_instance_has_is_read_for_its_first_jwt() {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let ring = KeyRing::load(secret.clone(), clock.clone()).await.unwrap();
        secret.rotate(key("2"));
        let other = KeyRing::load(secret.clone(), clock.clone()).await.unwrap();
        let jwt = other.get().await.issue(UserId::from_random([2; 16]), 0);
        assert_eq!(kid(&jwt), "2");
        clock.advance(SignedDuration::from_secs(10));
        assert!(ring.get_for(&jwt).await.unwrap().verify(&jwt, 1).is_some());
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
