//! The signing keys in use, read again now and then, so that a replaced key is in use everywhere within a minute.

use crate::followed::{FRESH, Followed, PATIENCE, Reader, UnusableSecret};
use crate::signing::SigningKeys;
use async_trait::async_trait;
use carteiro_core::ports::{Clock, Secret};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};

/// For how long an instance knows a key before it signs with it: by then every instance has read it ([`FRESH`]), whatever its clock
/// says, so that no one refuses what another has just issued.
const ADOPTED: SignedDuration = SignedDuration::from_mins(2);
/// How old a key is that may have come into use just now: it is made first, and a replacement that stalls is gone on with later. An
/// instance that has read no other key does not know since when it is in use, and takes an older one for adopted.
const STALLED: SignedDuration = SignedDuration::from_hours(12);

/// Keeps the [`SigningKeys`] of a secret at hand, from the first time that they are wanted. When it cannot be read again, the old
/// keys stay in use.
///
/// A secret that is given a new version is in use everywhere three minutes later, and what was signed with the version before
/// stays good for as long as that one is the previous version. So a key that is replaced once a day or less logs nobody
/// out; to end what an unsafe key has signed, it is replaced twice.
pub struct KeyRing(Followed<KeyReader>);

struct KeyReader {
    secret: Arc<dyn Secret>,
    seen: Mutex<Option<Seen>>,
}

/// The key that was current at the last reading, and since when this instance knows it; `None` for one that was in use before.
struct Seen {
    kid: String,
    since: Option<Timestamp>,
}

impl KeyReader {
    /// Whether a key that is current now, and was made then, may still be unknown to other instances.
    fn is_new(&self, kid: &str, made_at: Option<Timestamp>, now: Timestamp) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match &*seen {
            Some(seen) if seen.kid == kid => seen.since,
            Some(_) => Some(now),
            None => made_at.filter(|made| now.duration_since(*made) < STALLED).map(|_| now),
        };
        *seen = Some(Seen { kid: kid.to_owned(), since });
        since.is_some_and(|since| now.duration_since(since) < ADOPTED)
    }
}

impl KeyRing {
    /// The keys of a secret, which is not read yet.
    pub fn new(secret: Arc<dyn Secret>, clock: Arc<dyn Clock>) -> Self {
        Self(Followed::new(KeyReader { secret, seen: Mutex::default() }, clock))
    }

    /// As [`KeyRing::new`], and reads the secret at once.
    ///
    /// # Errors
    /// As of [`KeyRing::get`].
    pub async fn load(secret: Arc<dyn Secret>, clock: Arc<dyn Clock>) -> Result<Self, UnusableSecret> {
        let ring = Self::new(secret, clock);
        ring.get().await?;
        Ok(ring)
    }

    /// The keys.
    ///
    /// # Errors
    /// When they were never read, and cannot be now.
    pub async fn get(&self) -> Result<Arc<SigningKeys>, UnusableSecret> {
        self.0.no_older_than(FRESH).await
    }

    /// The keys, if the JWT is under one of them; one that was made just now is read for it.
    pub(crate) async fn get_for(&self, jwt: &str) -> Result<Option<Arc<SigningKeys>>, UnusableSecret> {
        // Text that is no JWT at all is no reason to read anything.
        if jsonwebtoken::decode_header(jwt).is_err() {
            return Ok(None);
        }
        let keys = self.get().await?;
        if keys.know(jwt) {
            return Ok(Some(keys));
        }
        Ok(Some(self.0.no_older_than(PATIENCE).await?).filter(|keys| keys.know(jwt)))
    }
}

#[async_trait]
impl Reader for KeyReader {
    type Made = SigningKeys;

    async fn read(&self, now: Timestamp) -> Result<SigningKeys, UnusableSecret> {
        let versions = self.secret.versions().await?;
        let keys = SigningKeys::parse(&versions.current, versions.previous.as_ref())?;
        let is_new = self.is_new(keys.current_id(), versions.changed_at, now);
        Ok(if is_new { keys.signing_with_the_previous() } else { keys })
    }
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
        for stalled in [0, 150, 3_600] {
            replace_after(SignedDuration::from_secs(stalled)).await;
        }
    }

    /// The new key comes into use that long after it was made.
    async fn replace_after(stalled: SignedDuration) {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let mut rings = Vec::new();
        for _ in 0..20 {
            rings.push(KeyRing::load(secret.clone(), clock.clone()).await.unwrap());
            clock.advance(SignedDuration::from_secs(3));
        }
        let mut issued: Vec<String> = Vec::new();
        for second in 0..240 {
            if second == 10 {
                secret.rotate_at(clock.now() - stalled, key("2"));
            }
            if (11..60).contains(&second) && second % 9 == 0 {
                rings.push(KeyRing::load(secret.clone(), clock.clone()).await.unwrap());
            }
            let now = u64::try_from(clock.now().as_second()).unwrap();
            // The one that has just read the secret again: it is the first to know.
            let keys = rings[second / 3 % rings.len()].get().await.unwrap();
            issued.push(keys.issue(UserId::from_random([1; 16]), now));
            for jwt in issued.iter().take(1).chain(issued.iter().rev().take(3)) {
                for (n, ring) in rings.iter().enumerate() {
                    let keys = ring.get_for(jwt).await.unwrap();
                    let taken = keys.is_some_and(|keys| keys.verify(jwt, now).is_some());
                    assert!(taken, "instance {n} refused kid {} at second {second}", kid(jwt));
                }
            }
            clock.advance(SignedDuration::from_secs(1));
        }
        let (first, last) = (&issued[0], &issued[239]);
        assert_eq!((kid(first), kid(last)), ("1".into(), "2".into()), "the new key signs in the end");
        let issued_at = u64::try_from(clock.now().as_second()).unwrap() - 240;
        let keys = rings[0].get().await.unwrap();
        assert!(keys.verify(first, issued_at + crate::LIFETIME_SECONDS - 1).is_some());
        assert!(keys.verify(first, issued_at + crate::LIFETIME_SECONDS).is_none());
        assert_eq!(keys.otp_keys().len(), 2);
    }

    #[tokio::test]
    async fn an_unknown_key_is_refused_and_does_not_make_it_read_each_time() {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let ring = KeyRing::load(secret.clone(), clock.clone()).await.unwrap();
        let elsewhere = KeyRing::load(Arc::new(MemorySecret::new(key("9"))), clock.clone()).await.unwrap();
        let foreign = elsewhere.get().await.unwrap().issue(UserId::from_random([1; 16]), 0);
        secret.switch.asked();
        for _ in 0..600 {
            assert!(ring.get_for(&foreign).await.unwrap().is_none());
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
        let jwt = other.get().await.unwrap().issue(UserId::from_random([2; 16]), 0);
        assert_eq!(kid(&jwt), "2");
        clock.advance(SignedDuration::from_secs(10));
        assert!(ring.get_for(&jwt).await.unwrap().unwrap().verify(&jwt, 1).is_some());
    }

    #[tokio::test]
    async fn an_outage_leaves_the_keys_in_use() {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let ring = KeyRing::load(secret.clone(), clock.clone()).await.unwrap();
        secret.switch.fail();
        clock.advance(SignedDuration::from_hours(1));
        let jwt = ring.get().await.unwrap().issue(UserId::from_random([1; 16]), 0);
        assert!(ring.get_for(&jwt).await.unwrap().is_some());
        assert!(ring.get_for("x.y.z").await.unwrap().is_none());
        assert!(KeyRing::load(secret, clock).await.is_err());
    }

    #[tokio::test]
    async fn nothing_is_read_before_a_jwt_wants_it_and_an_outage_then_is_over_when_the_store_is_back() {
        let (secret, clock) = (Arc::new(MemorySecret::new(key("1"))), Arc::new(ManualClock::default()));
        let jwt = KeyRing::load(secret.clone(), clock.clone()).await.unwrap().get().await.unwrap();
        let jwt = jwt.issue(UserId::from_random([1; 16]), 0);
        secret.switch.asked();
        let ring = KeyRing::new(secret.clone(), clock.clone());
        assert!(ring.get_for("what is no JWT").await.unwrap().is_none());
        assert_eq!(secret.switch.asked().len(), 0);
        secret.switch.fail();
        assert!(matches!(ring.get_for(&jwt).await, Err(UnusableSecret::Unavailable(_))));
        secret.switch.recover();
        assert!(ring.get_for(&jwt).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_secret_that_is_no_key_is_told_as_such() {
        let secret = Arc::new(MemorySecret::new(r#"{"kid":"1","key":"curta"}"#));
        let ring = KeyRing::new(secret, Arc::new(ManualClock::default()));
        let error = ring.get().await.err().unwrap();
        assert_eq!(error.to_string(), "the signing key has less than 32 bytes");
        let error = crate::ApiError::from(error).0;
        assert_eq!(error.code(), carteiro_core::error::Code::Internal);
        assert_eq!(error.cause(), Some("the signing key has less than 32 bytes"));
    }
}
