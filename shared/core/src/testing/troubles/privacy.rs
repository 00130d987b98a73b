use super::{Troubled, trouble};
use crate::ids::{PrivacyId, UserId};
use crate::phone::Phone;
use crate::ports::{ErasedPage, PersonalData, PrivacyOperations, PrivacyQueue, RecordPage, Unavailable};
use crate::privacy::{Names, PrivacyOperation, PrivacyScope};
use async_trait::async_trait;
use std::time::Duration;

#[async_trait]
impl<T: PrivacyOperations> PrivacyOperations for Troubled<T> {
    async fn create(&self, operation: &PrivacyOperation) -> Result<Option<PrivacyOperation>, Unavailable> {
        troubled!(self, self.inner.create(operation))
    }

    async fn find(&self, id: PrivacyId) -> Result<Option<PrivacyOperation>, Unavailable> {
        troubled!(self, self.inner.find(id))
    }

    async fn save(&self, operation: &mut PrivacyOperation) -> Result<bool, Unavailable> {
        // A caller that hears nothing does not know the new revision either.
        let mut copy = operation.clone();
        let saved = troubled!(self, self.inner.save(&mut copy))?;
        *operation = copy;
        Ok(saved)
    }
}

#[async_trait]
impl<T: PrivacyQueue> PrivacyQueue for Troubled<T> {
    async fn push(&self, id: PrivacyId, delay: Duration) -> Result<(), Unavailable> {
        troubled!(self, self.inner.push(id, delay))
    }
}

#[async_trait]
impl<T: PersonalData> PersonalData for Troubled<T> {
    async fn numbers(&self, user: UserId) -> Result<(Vec<Phone>, Vec<Phone>), Unavailable> {
        troubled!(self, self.inner.numbers(user))
    }

    async fn names(&self, workers: &[Phone], person: &Phone) -> Result<Names, Unavailable> {
        troubled!(self, self.inner.names(workers, person))
    }

    async fn read(&self, scope: &PrivacyScope, from: Option<&str>) -> Result<RecordPage, Unavailable> {
        troubled!(self, self.inner.read(scope, from))
    }

    async fn erase(&self, scope: &PrivacyScope, from: Option<&str>) -> Result<ErasedPage, Unavailable> {
        troubled!(self, self.inner.erase(scope, from))
    }
}
