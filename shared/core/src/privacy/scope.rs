//! Whose data, and where it may be.

use super::Names;
use crate::ids::UserId;
use crate::phone::Phone;
use serde::{Deserialize, Serialize};

/// Of whom something is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Of one person, whom the tenant's numbers know by this number.
    Person(Phone),
    /// Of the tenant itself, with all that it has.
    Tenant,
}

impl About {
    /// As the audit trail tells it, the number masked.
    pub fn told(&self) -> String {
        match self {
            About::Person(phone) => format!("number={}", phone.masked()),
            About::Tenant => "number=all".to_owned(),
        }
    }
}

/// What an operation goes through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyScope {
    /// The tenant.
    pub user: UserId,
    /// The worker numbers that it has: those whose chats are its own.
    pub workers: Vec<Phone>,
    /// Every number that it has sends of: its workers, and those that it had once.
    pub numbers: Vec<Phone>,
    /// The person; `None` for the tenant itself, and so for everything.
    pub person: Option<Names>,
}

impl PrivacyScope {
    /// Whether something that has these texts in it is in the scope.
    pub fn covers<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        match &self.person {
            None => true,
            Some(names) => texts.into_iter().any(|text| names.are_in(text)),
        }
    }
}
