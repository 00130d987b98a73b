//! Finding a session, and what may be done with it.

use crate::routes::App;
use carteiro_core::error::Code;
use carteiro_core::number::{Desired, Link, LinkState};
use carteiro_core::phone::Phone;
use carteiro_core::session::{NamedSession, SessionName};
use carteiro_http::{ApiError, Story, Tenant};

/// A session that was paired, with the link of its number. Its chats can be read, whether it is connected or not.
#[derive(Debug)]
pub(crate) struct Paired {
    pub(crate) number: Phone,
    pub(crate) link: Link,
}

impl Paired {
    /// The same, if its device is linked: then sends go out, at once or when it is connected again, and it can be asked.
    pub(crate) fn linked(self) -> Result<Self, ApiError> {
        let lost =
            matches!(self.link.state, LinkState::Banned | LinkState::LoggedOut | LinkState::WrongNumber);
        if self.link.jid.is_some() && !lost { Ok(self) } else { Err(ApiError::new(Code::SessionNotVerified)) }
    }
}

impl App {
    /// The tenant's session of that name, if there is one. A number of the tenant goes by its digits too, whichever version of the
    /// API it was connected by.
    pub(crate) async fn paired(
        &self,
        tenant: &Tenant,
        story: &Story,
        name: &SessionName,
    ) -> Result<Paired, ApiError> {
        self.find(tenant, story, name).await?.ok_or_else(|| ApiError::new(Code::SessionNotVerified))
    }

    /// As [`App::paired`]; `None` for a session that never was.
    pub(crate) async fn find(
        &self,
        tenant: &Tenant,
        story: &Story,
        name: &SessionName,
    ) -> Result<Option<Paired>, ApiError> {
        let session = self.names.find(tenant.id, name).await?;
        let Some(number) = number_of(session, name) else { return Ok(None) };
        story.number(&number);
        // The link says whose number it is today: it may have gone to another tenant since it was paired.
        let link = self.links.find(&number).await?;
        let own = |link: &Link| link.user == tenant.id && link.desired != Desired::Removed;
        Ok(link.filter(own).map(|link| Paired { number, link }))
    }
}

fn number_of(session: Option<NamedSession>, name: &SessionName) -> Option<Phone> {
    match session {
        Some(session) => session.number,
        None => {
            let digits = name.as_str().bytes().all(|b| b.is_ascii_digit());
            digits.then(|| name.as_str().parse().ok()).flatten()
        }
    }
}
