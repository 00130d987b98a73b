//! Tenants for tests.

use crate::ids::UserId;
use crate::plan::PlanName;
use crate::token::ApiToken;
use crate::user::User;
use jiff::Timestamp;

/// A tenant with the plan `basico` and nothing to be found by but its id, made of sixteen times `id`, and its token.
pub fn tenant(id: u8, token: Option<&ApiToken>) -> User {
    User {
        id: UserId::from_random([id; 16]),
        login: None,
        email: None,
        mail_returned: None,
        phone: None,
        password: None,
        plan: PlanName::from_stored("basico".into()),
        time_zone: None,
        retention: None,
        token: token.map(ApiToken::hash),
        created_at: Timestamp::UNIX_EPOCH,
    }
}
