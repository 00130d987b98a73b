//! Passwords.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A password as a person typed it: 8 to 128 characters.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

/// What was given is not 8 to 128 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password has 8 to 128 characters")]
pub struct InvalidPassword;

impl Password {
    /// Takes a new password.
    pub fn parse(text: String) -> Result<Self, InvalidPassword> {
        if (8..=128).contains(&text.chars().count()) { Ok(Self(text.into())) } else { Err(InvalidPassword) }
    }

    /// Hashes it with 16 random bytes of salt.
    pub fn hash(&self, salt: [u8; 16]) -> Result<PasswordHash, HashingFailed> {
        let hash = argon2id()
            .hash_password_with_salt(self.0.expose_secret().as_bytes(), &salt)
            .map_err(|_| HashingFailed)?;
        Ok(PasswordHash(hash.to_string()))
    }

    /// Whether `hash` was made from this password.
    pub fn matches(&self, hash: &PasswordHash) -> bool {
        argon2::PasswordHash::new(&hash.0).is_ok_and(|parsed| {
            #[cfg(test)]
            CHECKS.set(CHECKS.get() + 1);
            argon2id().verify_password(self.0.expose_secret().as_bytes(), &parsed).is_ok()
        })
    }
}

#[cfg(test)]
thread_local! {
    /// How many passwords were run against a hash in this thread: what its time is spent on.
    pub(crate) static CHECKS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// The password could not be hashed; the parameters are fixed, so this does not depend on the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashingFailed;

/// argon2id with 19 MiB, two passes and one lane: the first choice of OWASP's password storage cheat sheet.
fn argon2id() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// An argon2id hash in PHC string form.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A hash that no password matches. Checking against it costs the time of a real check, so that the answer's time
    /// does not tell whether an account exists.
    pub fn of_nobody() -> Self {
        Self("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into())
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_matches() {
        let password = Password::parse("senha123".into()).unwrap();
        let hash = password.hash([7; 16]).unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert!(password.matches(&hash));
        assert!(!Password::parse("senha124".into()).unwrap().matches(&hash));
        assert!(!password.matches(&PasswordHash::of_nobody()));
        let nobody = PasswordHash::of_nobody();
        let parsed = argon2::PasswordHash::new(&nobody.0).unwrap();
        let checked = argon2id().verify_password(b"senha123", &parsed);
        assert_eq!(checked, Err(argon2::password_hash::Error::PasswordInvalid), "it was hashed and compared");
        let real = argon2::PasswordHash::new(&hash.0).unwrap().params;
        assert_eq!(parsed.params, real, "it costs what a real check costs");
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Password::parse("çãéíóúàâ".into()).is_ok());
        assert!(Password::parse("1234567".into()).is_err());
        assert!(Password::parse("x".repeat(129)).is_err());
    }
}
