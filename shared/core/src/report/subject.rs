//! What a report is about.

use super::period::Period;
use crate::ids::UserId;
use crate::phone::Phone;

/// The sends of a tenant from one number that were accepted in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Whose sends.
    pub user: UserId,
    /// The number that they were sent from.
    pub number: Phone,
    /// When they were accepted.
    pub period: Period,
}
