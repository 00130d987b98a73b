//! What a credential may be used for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::str::FromStr;

/// One thing that a credential may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// To send, and to take back what was sent.
    Send,
    /// To read: sends, reports, numbers and their states.
    Read,
    /// To change numbers, tokens and the account.
    Manage,
}

/// What was given is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of send, read, manage")]
pub struct InvalidScope;

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 3] = [Scope::Send, Scope::Read, Scope::Manage];

    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Send => "send",
            Scope::Read => "read",
            Scope::Manage => "manage",
        }
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Scope::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(InvalidScope)
    }
}

/// Some scopes, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Every scope: what a JWT has, and a token that was made without saying.
    pub fn all() -> Self {
        Self(Scope::ALL.into())
    }

    /// These scopes; `None` when there are none.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        let scopes: BTreeSet<Scope> = scopes.into_iter().collect();
        (!scopes.is_empty()).then_some(Self(scopes))
    }

    /// Whether `scope` is among them.
    pub fn allow(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

/// What a good credential lets its bearer do, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What for.
    pub scopes: Scopes,
    /// Until when; `None` for as long as it is not revoked.
    pub expires_at: Option<Timestamp>,
}

impl Grant {
    /// Everything, without an end.
    pub fn full() -> Self {
        Self { scopes: Scopes::all(), expires_at: None }
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_back_and_a_grant_ends_at_its_time() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        assert!("admin".parse::<Scope>().is_err() && Scopes::new([]).is_none());
        assert!(!Scopes::new([Scope::Read]).unwrap().allow(Scope::Send));
        let end = Timestamp::UNIX_EPOCH;
        let grant = Grant { expires_at: Some(end), ..Grant::full() };
        assert!(grant.is_over(end) && !Grant::full().is_over(end));
    }
}
