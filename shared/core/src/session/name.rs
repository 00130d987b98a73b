//! What V1 sessions are called.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// First segments of our own paths, which no session may be called: its routes would be theirs. `send` is the first below `/v1`.
pub const RESERVED: &[&str] = &["api", "v1", "v2", "docs", "openapi.json", "rotas", "send", "sessions"];

/// The name of a V1 session: free text of 1 to 128 characters, with spaces and accents, but without `/` and control
/// characters; upper and lower case differ. White space around it does not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionName(String);

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSessionName {
    /// It is empty, too long, or has `/` or a control character in it.
    #[error("a session's name has 1 to 128 characters, without / and control characters")]
    Malformed,
    /// It is one of [`RESERVED`].
    #[error("a session cannot have the name of a route")]
    Reserved,
}

impl SessionName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SessionName {
    type Err = InvalidSessionName;

    fn from_str(text: &str) -> Result<Self, InvalidSessionName> {
        let text = text.trim();
        let valid = (1..=128).contains(&text.chars().count())
            && !text.chars().any(|c| c == '/' || c.is_control())
            && !matches!(text, "." | "..");
        if !valid {
            return Err(InvalidSessionName::Malformed);
        }
        if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(text)) {
            return Err(InvalidSessionName::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for SessionName {
    type Error = InvalidSessionName;

    fn try_from(text: String) -> Result<Self, InvalidSessionName> {
        text.parse()
    }
}

impl From<SessionName> for String {
    fn from(name: SessionName) -> String {
        name.0
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_free_but_for_our_own_paths() {
        for text in ["NOME DA SUA SESSAO", "Recepção nº 1", "a", "5511988887777", "v3", "💬"] {
            assert_eq!(text.parse::<SessionName>().unwrap().as_str(), text);
        }
        assert_eq!(" x ".parse::<SessionName>().unwrap().as_str(), "x");
        for text in ["", " ", "a/b", "a\nb", "..", &"x".repeat(129)] {
            assert_eq!(text.parse::<SessionName>(), Err(InvalidSessionName::Malformed), "{text:?}");
        }
        for text in RESERVED.iter().copied().chain(["API", "Sessions"]) {
            assert_eq!(text.parse::<SessionName>(), Err(InvalidSessionName::Reserved), "{text}");
        }
    }
}
