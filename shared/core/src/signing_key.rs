//! The key that signs JWTs, as the store of secrets keeps it: JSON of `kid` and `key`.

use crate::ports::Random;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;

/// As many bytes as HMAC-SHA-256 puts out (RFC 7518, 3.2).
const MIN_BYTES: usize = 32;

/// Why a secret is no signing key. It never says what the secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// It is not `{"kid": "…", "key": "…"}`, or has no name in `kid`.
    #[error("the signing key is not JSON with \"kid\" and \"key\"")]
    Malformed,
    /// The key has less than 32 bytes.
    #[error("the signing key has less than 32 bytes")]
    Short,
}

/// A key and its name, which stands in the header of every JWT that it signed. `Debug` shows the name alone.
#[derive(Clone)]
pub struct SigningKey {
    /// The name.
    pub id: String,
    /// The key: its bytes are those of this text.
    pub key: SecretString,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    kid: String,
    key: String,
}

impl SigningKey {
    /// A new key, with a name that no key has had.
    pub fn generate(random: &dyn Random) -> Self {
        let id = hex::encode(random.bytes::<8>());
        Self { id, key: hex::encode(random.bytes::<MIN_BYTES>()).into() }
    }

    /// Reads what is stored.
    ///
    /// # Errors
    /// [`InvalidKey`].
    pub fn parse(json: &SecretString) -> Result<Self, InvalidKey> {
        let stored: Stored = serde_json::from_str(json.expose_secret()).map_err(|_| InvalidKey::Malformed)?;
        if stored.kid.is_empty() {
            return Err(InvalidKey::Malformed);
        }
        if stored.key.len() < MIN_BYTES {
            return Err(InvalidKey::Short);
        }
        Ok(Self { id: stored.kid, key: stored.key.into() })
    }

    /// What is stored of it.
    pub fn to_stored(&self) -> SecretString {
        let stored = Stored { kid: self.id.clone(), key: self.key.expose_secret().to_owned() };
        // Two texts always serialise.
        serde_json::to_string(&stored).unwrap_or_default().into()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRandom;

    fn parse(json: &str) -> Result<SigningKey, InvalidKey> {
        SigningKey::parse(&json.to_owned().into())
    }

    #[test]
    fn a_new_key_is_read_as_it_was_written() {
        let random = SeededRandom::default();
        let (one, two) = (SigningKey::generate(&random), SigningKey::generate(&random));
        assert_ne!(one.id, two.id);
        let read = SigningKey::parse(&one.to_stored()).unwrap();
        assert_eq!((&read.id, read.key.expose_secret()), (&one.id, one.key.expose_secret()));
        assert_eq!((one.id.len(), one.key.expose_secret().len()), (16, 64));
        assert!(!format!("{one:?}").contains(one.key.expose_secret()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in ["", "x", "{}", r#"{"kid":"","key":"0123456789012345678901234567890123"}"#] {
            assert_eq!(parse(bad).unwrap_err(), InvalidKey::Malformed, "{bad}");
        }
        assert_eq!(parse(r#"{"kid":"2","key":"short"}"#).unwrap_err(), InvalidKey::Short);
        let written_apart = r#"{ "key": "0123456789012345678901234567890\u0031", "kid": "a\nb" }"#;
        assert_eq!(parse(written_apart).unwrap().id, "a\nb");
    }
}
