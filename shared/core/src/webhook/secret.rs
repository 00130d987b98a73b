//! What deliveries are signed with.

use crate::ids::InvalidId;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::str::FromStr;

/// For how long the secret before is signed with too, after a rotation.
pub const SECRET_OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// A receiver's signing secret: `whsec_` and 64 hexadecimal digits (256 random bits). The key of the HMAC is this whole text.
/// It is shown once; it must be kept as it is, since signing needs it.
#[derive(Clone, Debug)]
pub struct WebhookSecret(SecretString);

impl WebhookSecret {
    /// What every secret starts with, so that secret scanners can tell one.
    pub const PREFIX: &'static str = "whsec_";

    /// Makes a secret of 32 random bytes.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(format!("{}{}", Self::PREFIX, hex::encode(bytes)).into())
    }

    /// The secret itself: for signing, for its store, and for the one answer that shows it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for WebhookSecret {
    fn eq(&self, other: &Self) -> bool {
        bool::from(subtle::ConstantTimeEq::ct_eq(self.reveal().as_bytes(), other.reveal().as_bytes()))
    }
}

impl FromStr for WebhookSecret {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(InvalidId)?;
        let valid = digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if valid { Ok(Self(text.to_owned().into())) } else { Err(InvalidId) }
    }
}

/// A receiver's secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct Secrets {
    /// The one that is shown when it is made.
    pub current: WebhookSecret,
    /// The one before it, and until when it is signed with too.
    pub previous: Option<(WebhookSecret, Timestamp)>,
}

impl Secrets {
    /// A first secret.
    pub fn new(current: WebhookSecret) -> Self {
        Self { current, previous: None }
    }

    /// Puts a new secret in the place of the current one, which stays good for `overlap`.
    #[must_use]
    pub fn rotated(self, new: WebhookSecret, now: Timestamp, overlap: SignedDuration) -> Self {
        let until = now.saturating_add(overlap).unwrap_or(now);
        let previous = (until > now).then_some((self.current, until));
        Self { current: new, previous }
    }

    /// The secrets to sign with at `now`, the current one first.
    pub fn good(&self, now: Timestamp) -> impl Iterator<Item = &WebhookSecret> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(&self.current).chain(previous.map(|(secret, _)| secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_never_shows_in_debug() {
        let secret = WebhookSecret::from_random([0xab; 32]);
        assert_eq!(secret.reveal().parse::<WebhookSecret>().unwrap(), secret);
        assert!(!format!("{:?}", Secrets::new(secret)).contains("abab"));
        for text in ["", "whsec_", &format!("whsec_{}", "A".repeat(64)), &"a".repeat(70)] {
            assert!(text.parse::<WebhookSecret>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_rotated_secret_is_good_for_the_overlap_only() {
        let (one, two) = (WebhookSecret::from_random([1; 32]), WebhookSecret::from_random([2; 32]));
        let now = Timestamp::UNIX_EPOCH;
        let secrets = Secrets::new(one.clone()).rotated(two.clone(), now, SECRET_OVERLAP);
        let good = |at| secrets.good(at).cloned().collect::<Vec<_>>();
        assert_eq!(good(now), [two.clone(), one]);
        assert_eq!(good(now + SECRET_OVERLAP), std::slice::from_ref(&two));
        let at_once = secrets.clone().rotated(WebhookSecret::from_random([3; 32]), now, SignedDuration::ZERO);
        assert_eq!(at_once.previous, None);
    }
}
