//! Asking for personal data, or for its end.

use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::phone::Phone;
use crate::ports::{Clock, PersonalData, PrivacyOperations, PrivacyQueue};
use crate::privacy::{About, Names, PrivacyDetails, PrivacyKind, PrivacyOperation, PrivacyScope};
use crate::usecase::held_back::held_back;
use std::sync::Arc;
use std::time::Duration;

/// How long the erasure of a tenant waits for its account to be removed: until the functions have forgotten the tenant
/// (15 seconds) and what they had begun for it is over (30).
pub(super) const AFTER_REMOVAL: Duration = Duration::from_secs(50);

/// How often the same may be asked for within [`PrivacyOperation::SAME_FOR`], each time after the one before was over.
const MOST_AGAIN: usize = 30;

/// Takes requests for exports and erasures.
pub struct AskPrivacy {
    /// Where operations are kept.
    pub operations: Arc<dyn PrivacyOperations>,
    /// What has them carried out.
    pub queue: Arc<dyn PrivacyQueue>,
    /// What is kept.
    pub personal: Arc<dyn PersonalData>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl AskPrivacy {
    /// Has everything that is kept of a person, or of the tenant itself, written to a file.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn export(&self, user: UserId, about: About) -> Result<PrivacyDetails, Problem> {
        let operation = PrivacyOperation::new(user, PrivacyKind::Export, about, self.clock.now());
        self.start(operation, Duration::ZERO).await
    }

    /// Has everything erased that the tenant keeps of a person.
    ///
    /// # Errors
    /// [`Code::OwnNumber`] for a worker of the tenant: what it has is erased when it ceases to be one. [`Code::Unavailable`].
    pub async fn erase_person(&self, user: UserId, person: Phone) -> Result<PrivacyDetails, Problem> {
        self.check_person(user, &person).await?;
        let operation =
            PrivacyOperation::new(user, PrivacyKind::Erase, About::Person(person), self.clock.now());
        self.start(operation, Duration::ZERO).await
    }

    /// Whether a person is one whom the tenant may have erased.
    pub(in crate::usecase) async fn check_person(&self, user: UserId, person: &Phone) -> Result<(), Problem> {
        let (workers, _) = self.personal.numbers(user).await?;
        let names = Names::of(person);
        match workers.iter().any(|worker| names.has_phone(worker)) {
            true => Err(Code::OwnNumber.into()),
            false => Ok(()),
        }
    }

    /// Has everything erased that is a tenant's, once its account is removed. To be called before that, so that no crash lies
    /// between: as long as the account is there, nothing is erased.
    ///
    /// # Errors
    /// [`Code::Unavailable`].
    pub async fn erase_tenant(&self, user: UserId) -> Result<PrivacyDetails, Problem> {
        let mut operation = PrivacyOperation::new(user, PrivacyKind::Erase, About::Tenant, self.clock.now());
        // The numbers go with the account. Their chats are erased by the session that has them, before its link goes.
        let (workers, mut numbers) = self.personal.numbers(user).await?;
        numbers.extend(workers.into_iter().filter(|worker| !numbers.contains(worker)).collect::<Vec<_>>());
        if let Some(work) = &mut operation.work {
            work.scope = Some(PrivacyScope { user, workers: Vec::new(), numbers, person: None });
        }
        self.start(operation, AFTER_REMOVAL).await
    }

    async fn start(&self, operation: PrivacyOperation, delay: Duration) -> Result<PrivacyDetails, Problem> {
        let mut wanted = operation;
        for _ in 0..MOST_AGAIN {
            let existing = self.operations.create(&wanted).await?;
            if existing.as_ref().is_some_and(|existing| !existing.answers_for_another()) {
                wanted = wanted.again();
                continue;
            }
            let operation = existing.unwrap_or(wanted);
            // One that is there may be there without a message, so it gets one anyway: doubled ones do no harm.
            if !operation.is_over() {
                self.queue.push(operation.id, delay).await?;
            }
            return Ok(PrivacyDetails::new(&operation, None));
        }
        Err(held_back("Muitos pedidos iguais.", PrivacyOperation::SAME_FOR))
    }
}
