//! Tenants.

use crate::identity::{Email, Identity, Login};
use crate::ids::UserId;
use crate::password::PasswordHash;
use crate::phone::Phone;
use crate::plan::PlanName;
use crate::token::TokenHash;
use jiff::Timestamp;

/// A tenant: one account of the API, with the numbers it sends from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The login, when an operator registered it.
    pub login: Option<Login>,
    /// The address that OTPs by e-mail go to.
    pub email: Option<Email>,
    /// The number that OTPs by SMS go to.
    pub phone: Option<Phone>,
    /// The password's hash, when it has one.
    pub password: Option<PasswordHash>,
    /// Its plan.
    pub plan: PlanName,
    /// The hash of its API token, when it has one.
    pub token: Option<TokenHash>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl User {
    /// Everything it is found by.
    pub fn identities(&self) -> Vec<Identity> {
        let login = self.login.clone().map(Identity::Login);
        let email = self.email.clone().map(Identity::Email);
        let phone = self.phone.clone().map(Identity::Phone);
        [login, email, phone].into_iter().flatten().collect()
    }
}
