//! The operator of a deployment.

use crate::answer::ApiError;
use axum::http::HeaderMap;
use carteiro_core::error::Code;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The operator's administration token.
#[derive(Debug, Clone)]
pub struct OperatorToken(SecretString);

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
    /// Takes the configured token.
    pub fn new(token: SecretString) -> Result<Self, WeakOperatorToken> {
        let text = token.expose_secret().trim();
        if text.chars().count() < 16 {
            return Err(WeakOperatorToken::Short);
        }
        if Sha256::digest(text.as_bytes()).as_slice() == PUBLISHED {
            return Err(WeakOperatorToken::Published);
        }
        Ok(Self(token))
    }

    /// Lets only the operator on: the token stands in `api-token`. The two are compared by their hashes, in constant time.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let given = headers.get("api-token").map(|value| value.as_bytes().trim_ascii()).unwrap_or_default();
        let ours = Sha256::digest(self.0.expose_secret().trim().as_bytes());
        let equal: bool = Sha256::digest(given).as_slice().ct_eq(ours.as_slice()).into();
        if equal { Ok(()) } else { Err(ApiError::new(Code::OperatorOnly)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_token_and_short_ones_are_refused() {
        let refusal = |text: &str| OperatorToken::new(text.to_owned().into()).err();
        assert_eq!(refusal("4D83A1B9A15FE8C3498F998E954DB"), Some(WeakOperatorToken::Published));
        assert_eq!(refusal(" 4D83A1B9A15FE8C3498F998E954DB\n"), Some(WeakOperatorToken::Published));
        assert_eq!(refusal("curto"), Some(WeakOperatorToken::Short));
        assert_eq!(refusal(&"x".repeat(48)), None);
    }
}
