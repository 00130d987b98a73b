//! What one request's log line tells, gathered while it is answered.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use carteiro_core::ids::{SendId, UserId};
use carteiro_core::phone::Phone;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

/// Notes for the request's log line. Handlers take it as an argument and note what the request is about; each note is taken
/// once. Phone numbers are masked.
#[derive(Debug, Clone, Default)]
pub struct Story(Arc<Notes>);

#[derive(Debug, Default)]
struct Notes {
    tenant: OnceLock<UserId>,
    number: OnceLock<String>,
    send: OnceLock<SendId>,
}

impl Story {
    /// Whose request it is.
    pub fn tenant(&self, user: UserId) {
        let _ = self.0.tenant.set(user);
    }

    /// Which of the tenant's numbers it is about.
    pub fn number(&self, number: &Phone) {
        let _ = self.0.number.set(number.masked());
    }

    /// Which send it is about.
    pub fn send(&self, send: SendId) {
        let _ = self.0.send.set(send);
    }

    pub(crate) fn noted_tenant(&self) -> Option<String> {
        self.0.tenant.get().map(ToString::to_string)
    }

    pub(crate) fn noted_number(&self) -> Option<&str> {
        self.0.number.get().map(String::as_str)
    }

    pub(crate) fn noted_send(&self) -> Option<String> {
        self.0.send.get().map(ToString::to_string)
    }
}

impl<S: Sync> FromRequestParts<S> for Story {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get_or_insert_default::<Story>().clone())
    }
}
