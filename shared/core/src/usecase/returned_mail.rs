//! Noting that mail to a tenant came back.

use crate::identity::{Email, Identity};
use crate::ids::UserId;
use crate::mail::MailReturned;
use crate::ports::{Accounts, Unavailable};
use std::sync::Arc;

/// Notes with tenants that mail to them came back, so that the operator sees why one gets no codes.
pub struct NoteReturnedMail {
    /// Where tenants are.
    pub accounts: Arc<dyn Accounts>,
}

/// Whose address it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnedTo {
    /// A tenant's, with which it is noted.
    Tenant(UserId),
    /// Nobody's: a code to register with went there, or the tenant was removed.
    Nobody,
}

impl NoteReturnedMail {
    /// Notes it with the tenant of that address; safe to repeat, and in any order.
    ///
    /// # Errors
    /// [`Unavailable`]: it may be tried again.
    pub async fn note(&self, email: &Email, returned: MailReturned) -> Result<ReturnedTo, Unavailable> {
        let Some(user) = self.accounts.find_by_identity(&Identity::Email(email.clone())).await? else {
            return Ok(ReturnedTo::Nobody);
        };
        self.accounts.note_mail(user.id, email, Some(returned)).await?;
        Ok(ReturnedTo::Tenant(user.id))
    }
}
