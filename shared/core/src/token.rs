//! API tokens: what a tenant's systems send in `token`, `api-token` or `Authorization`.

use crate::ids::InvalidId;
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

#[cfg(test)]
mod tests {
    use super::*;

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
