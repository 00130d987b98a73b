//! Whether a number is a tenant's worker.

use super::recent::Recent;
use crate::ids::UserId;
use crate::phone::Phone;
use crate::ports::{Clock, Numbers, Unavailable};
use crate::shard::Shard;
use jiff::SignedDuration;
use std::sync::Arc;

/// For how long a "yes" is believed without asking again: so long may a worker that was taken away still be sent from.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_secs(5);

/// Tells whether a number is a tenant's worker. A "yes" is remembered for five seconds; a "no" is never, so a number works
/// from the moment that it is added.
pub(crate) struct Claims {
    numbers: Arc<dyn Numbers>,
    clock: Arc<dyn Clock>,
    known: Recent<(UserId, Phone), Shard>,
}

impl Claims {
    pub(crate) fn new(numbers: Arc<dyn Numbers>, clock: Arc<dyn Clock>) -> Self {
        Self { numbers, clock, known: Recent::new(BELIEVED_FOR) }
    }

    /// The shard of the number, if it is a worker of the tenant.
    pub(crate) async fn shard_of_worker(
        &self,
        user: UserId,
        number: &Phone,
    ) -> Result<Option<Shard>, Unavailable> {
        let key = (user, number.clone());
        let asked_at = self.clock.now();
        if let Some(shard) = self.known.get(&key, asked_at) {
            return Ok(Some(shard));
        }
        match self.numbers.claim(number).await? {
            Some(claim) if claim.user == user => {
                self.known.remember(key, claim.shard, asked_at);
                Ok(Some(claim.shard))
            }
            _ => Ok(None),
        }
    }
}
