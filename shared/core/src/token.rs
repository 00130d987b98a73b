//! API tokens: what a tenant's systems send in `token`, `api-token` or `Authorization`.

use crate::ids::{InvalidId, TokenId, UserId};
use crate::scope::{Grant, Scopes};
use crate::user::User;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// A tenant's API token: `cart_` and 64 hexadecimal digits (256 random bits). It is shown once, when it is made.
#[derive(Clone, Debug)]
pub struct ApiToken(SecretString);

impl ApiToken {
    /// What every token starts with, so that secret scanners can tell one.
    pub const PREFIX: &'static str = "cart_";

    /// Makes a token of 32 random bytes.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(format!("{}{}", Self::PREFIX, hex::encode(bytes)).into())
    }

    /// The token itself, for the one answer that shows it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its first characters, such as `cart_1a2b3c4d`, by which its tenant tells it from others. The 224 bits that stay hidden
    /// are as good as all of them.
    pub fn prefix(&self) -> String {
        self.reveal().chars().take(Self::PREFIX.len() + 8).collect()
    }

    /// What is stored in its place. SHA-256 without salt is enough: the token has 256 random bits.
    pub fn hash(&self) -> TokenHash {
        TokenHash(hex::encode(Sha256::digest(self.reveal().as_bytes())))
    }
}

impl FromStr for ApiToken {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(InvalidId)?;
        let valid = digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if valid { Ok(Self(text.to_owned().into())) } else { Err(InvalidId) }
    }
}

/// The SHA-256 of an [`ApiToken`], in hexadecimal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenHash(String);

impl TokenHash {
    /// A hash as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// What a tenant calls a token: 1 to 60 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(String);

/// What was given is no name for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a name of 1 to 60 characters")]
pub struct InvalidKeyName;

impl KeyName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = InvalidKeyName;

    fn from_str(text: &str) -> Result<Self, InvalidKeyName> {
        let text = text.trim();
        let is_clean = !text.chars().any(char::is_control);
        let is_name = is_clean && (1..=60).contains(&text.chars().count());
        if is_name { Ok(Self(text.to_owned())) } else { Err(InvalidKeyName) }
    }
}

/// A token of a tenant as it is kept: everything but the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, by which it is rotated and revoked.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What its tenant calls it.
    pub name: Option<KeyName>,
    /// Its first characters; of a token from before they were kept, only [`ApiToken::PREFIX`].
    pub prefix: String,
    /// The hash that it is found by.
    pub hash: TokenHash,
    /// What it lets its bearer do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused; `None` for never.
    pub expires_at: Option<Timestamp>,
}

impl ApiKey {
    /// What its bearer may do, and until when.
    pub fn grant(&self) -> Grant {
        Grant { scopes: self.scopes.clone(), expires_at: self.expires_at }
    }

    /// The same token, ending then, or when it would have ended anyway if that is sooner.
    #[must_use]
    pub fn ending_by(self, end: Timestamp) -> Self {
        Self { expires_at: Some(self.expires_at.map_or(end, |own| own.min(end))), ..self }
    }

    /// The token that a tenant was registered with while a tenant had one only, of which nothing but the hash was kept.
    pub fn of_registration(user: &User) -> Option<Self> {
        let hash = user.token.clone()?;
        let digest =
            Sha256::new().chain_update(b"carteiro/token-id/1").chain_update(hash.as_str()).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Some(Self {
            id: TokenId::from_random(bytes),
            user: user.id,
            name: None,
            prefix: ApiToken::PREFIX.to_owned(),
            hash,
            scopes: Scopes::all(),
            created_at: user.created_at,
            expires_at: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_prefix_shows_eight_digits_and_no_more() {
        let token = ApiToken::from_random([0x1a; 32]);
        assert_eq!(token.prefix(), "cart_1a1a1a1a");
    }

    #[test]
    fn the_token_from_before_has_the_same_id_each_time() {
        let token = ApiToken::from_random([7; 32]);
        let user = crate::testing::tenant(1, Some(&token));
        let key = ApiKey::of_registration(&user).unwrap();
        assert_eq!((&key.hash, key.grant()), (&token.hash(), Grant::full()));
        assert_eq!(ApiKey::of_registration(&user), Some(key));
        assert_eq!(ApiKey::of_registration(&crate::testing::tenant(1, None)), None);
    }

    proptest! {
        #[test]
        fn names_are_short_and_clean(text in ".{0,80}") {
            if let Ok(name) = text.parse::<KeyName>() {
                prop_assert_eq!(name.as_str().parse::<KeyName>(), Ok(name.clone()));
                prop_assert!(name.as_str().chars().count() <= 60 && !name.as_str().is_empty());
            } else {
                let count = text.trim().chars().count();
                prop_assert!(count == 0 || count > 60 || text.chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn a_token_parses_back_and_never_shows_in_debug() {
        let token = ApiToken::from_random([0xab; 32]);
        let parsed: ApiToken = token.reveal().parse().unwrap();
        assert_eq!(parsed.hash(), token.hash());
        assert!(!format!("{token:?} {:?}", token.hash()).contains("abab"));
    }

    #[test]
    fn other_texts_are_no_tokens() {
        for text in ["", "cart_", "cart_zz", &"a".repeat(69), &format!("cart_{}", "A".repeat(64))] {
            assert!(text.parse::<ApiToken>().is_err(), "{text}");
        }
    }
}
