//! Addresses as objects.

use crate::chat::Address;
use serde::Serialize;

/// An address: `{server, user, _serialized}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Id {
    /// What stands after the `@`: `c.us`, `g.us`, `lid`, `broadcast` or `newsletter`.
    pub server: &'static str,
    /// What stands before the `@`.
    pub user: String,
    /// Both.
    pub _serialized: String,
}

impl From<&Address> for Id {
    fn from(address: &Address) -> Self {
        Self { server: address.v1_server(), user: address.user().to_owned(), _serialized: address.v1() }
    }
}
