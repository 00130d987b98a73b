//! A tenant's numbers and the state of their link to WhatsApp.

mod link;

pub use link::{Desired, Link, LinkReport, LinkState, PairingCode, PairingMethod, Qr};

use crate::ids::UserId;
use crate::phone::Phone;
use crate::shard::Shard;
use std::str::FromStr;

/// What a number is to its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A person who administers the account.
    Admin,
    /// A WhatsApp number that sends are made from; it belongs to one tenant only.
    Worker,
}

impl Role {
    /// `admin` or `worker`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Worker => "worker",
        }
    }
}

/// What was given is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of admin, worker")]
pub struct InvalidRole;

impl FromStr for Role {
    type Err = InvalidRole;

    /// Takes the contract's `admin` and `worker` and the known client's `admins` and `workers`.
    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        match text {
            "admin" | "admins" => Ok(Role::Admin),
            "worker" | "workers" => Ok(Role::Worker),
            _ => Err(InvalidRole),
        }
    }
}

/// A number of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OwnedNumber {
    /// The number.
    pub phone: Phone,
    /// Its role.
    pub role: Role,
}

/// One change to a tenant's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberChange {
    /// Adds a number; a worker gets this shard for good.
    Add(OwnedNumber, Shard),
    /// Takes a number away.
    Remove(OwnedNumber),
}

/// Whose worker a number is, and where its session runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The tenant.
    pub user: UserId,
    /// The shard.
    pub shard: Shard,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_come_in_both_spellings() {
        assert_eq!("worker".parse::<Role>(), "workers".parse());
        assert_eq!("admins".parse::<Role>(), Ok(Role::Admin));
        assert!("Worker".parse::<Role>().is_err());
    }
}
