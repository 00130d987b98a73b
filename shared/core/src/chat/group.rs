//! Groups.

use super::{Address, Person};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A group that a number is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its address.
    pub address: Address,
    /// What it is called.
    pub subject: String,
    /// What it is about.
    pub description: Option<String>,
    /// Who made it.
    pub owner: Option<Person>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Whether only administrators write.
    pub announce: bool,
    /// Whether only administrators change what it is called.
    pub locked: bool,
    /// Its members.
    pub participants: Vec<Participant>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Who it is.
    pub person: Person,
    /// What they may do.
    pub rank: Rank,
}

/// What a member of a group may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Write.
    Member,
    /// Administer.
    Admin,
    /// Administer; the one who made it.
    SuperAdmin,
}

/// The code of an invite to a group: 22 letters and digits at the end of `https://chat.whatsapp.com/…`. Whoever has it may
/// join, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InviteCode(String);

/// What was given is no invite to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an invite link of WhatsApp, nor its code")]
pub struct InvalidInvite;

impl InviteCode {
    /// The code.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for InviteCode {
    type Err = InvalidInvite;

    /// Takes a link or a bare code.
    fn from_str(text: &str) -> Result<Self, InvalidInvite> {
        let text = text.trim();
        let link =
            ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
        let code = link.strip_prefix("chat.whatsapp.com/").unwrap_or(link);
        let code = code.strip_prefix("invite/").unwrap_or(code);
        let code = code.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let valid = (16..=32).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if valid { Ok(Self(code.to_owned())) } else { Err(InvalidInvite) }
    }
}

impl TryFrom<String> for InviteCode {
    type Error = InvalidInvite;

    fn try_from(text: String) -> Result<Self, InvalidInvite> {
        text.parse()
    }
}

impl From<InviteCode> for String {
    fn from(code: InviteCode) -> String {
        code.0
    }
}

impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invites_are_links_or_codes() {
        for text in [
            "AbCdEfGhIjKlMnOpQrStUv",
            "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
            " https://chat.whatsapp.com/invite/AbCdEfGhIjKlMnOpQrStUv?mode=ac_t ",
        ] {
            assert_eq!(text.parse::<InviteCode>().unwrap().reveal(), "AbCdEfGhIjKlMnOpQrStUv");
        }
        for text in ["", "https://example.com/AbCdEfGhIjKlMnOpQrStUv", "curto", "AbCdEfGhIjKlMnOpQrSt_v"] {
            assert_eq!(text.parse::<InviteCode>(), Err(InvalidInvite), "{text}");
        }
    }
}
