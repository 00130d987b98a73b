//! Keys that more than one file goes by.

use carteiro_core::ids::UserId;
use carteiro_core::phone::Phone;

/// What the keys of a number begin with, in `sessions` and among a tenant's in `accounts`.
pub(super) const NUMBER: &str = "NUMBER#";

/// What the keys of a shard begin with, in `sessions`.
pub(super) const SHARD: &str = "SHARD#";

/// The partition of a tenant, in `accounts` and in `webhooks`.
pub(super) fn user_pk(user: UserId) -> String {
    format!("USER#{user}")
}

/// The partition of a number, in `sessions`.
pub(super) fn number_pk(number: &Phone) -> String {
    format!("{NUMBER}{}", number.digits())
}
