//! How far an operation is: `GET /v2/privacy/operations/{operation_id}`.

use crate::error::{Code, Problem};
use crate::ids::{PrivacyId, UserId};
use crate::ports::{Clock, ObjectLinks, PrivacyOperations};
use crate::privacy::{PrivacyDetails, PrivacyOperation, PrivacyState};
use std::sync::Arc;
use std::time::Duration;

/// For how long the address of a file is good.
const LINK_LIFE: Duration = Duration::from_secs(15 * 60);

/// Tells tenants how far their operations are, and where the files are.
pub struct FindPrivacy {
    /// Where operations are kept.
    pub operations: Arc<dyn PrivacyOperations>,
    /// What makes addresses of files.
    pub links: Arc<dyn ObjectLinks>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl FindPrivacy {
    /// The operation whosever it is, and the tenant that it is of, if that is not erased.
    pub(in crate::usecase) async fn of_anyone(
        &self,
        id: PrivacyId,
    ) -> Result<(Option<UserId>, PrivacyDetails), Problem> {
        self.details(id, |_| true).await
    }

    /// The operation, if it is the tenant's; an export that is ready comes with an address that is good for 15 minutes.
    ///
    /// # Errors
    /// [`Code::PrivacyNotFound`] when there is none, also when it is another tenant's; [`Code::Unavailable`].
    pub async fn run(&self, user: UserId, id: PrivacyId) -> Result<PrivacyDetails, Problem> {
        Ok(self.details(id, |operation| operation.user == Some(user)).await?.1)
    }

    async fn details(
        &self,
        id: PrivacyId,
        may_see: impl Fn(&PrivacyOperation) -> bool,
    ) -> Result<(Option<UserId>, PrivacyDetails), Problem> {
        let found = self.operations.find(id).await?;
        let operation = found
            .filter(|operation| may_see(operation) && !operation.is_expired(self.clock.now()))
            .ok_or(Code::PrivacyNotFound)?;
        let file = operation.object().zip(operation.file_name());
        let url = match file.filter(|_| operation.state == PrivacyState::Ready) {
            Some((object, name)) => Some(self.links.download_link(&object, &name, LINK_LIFE).await?),
            None => None,
        };
        Ok((operation.user, PrivacyDetails::new(&operation, url.as_ref())))
    }
}
