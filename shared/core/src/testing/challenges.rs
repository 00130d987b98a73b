//! One-time passwords in memory.

use super::Switch;
use crate::otp::{Challenge, ChallengeKey};
use crate::ports::{Challenges, Unavailable};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Challenges`] in memory.
#[derive(Debug, Default)]
pub struct MemoryChallenges {
    /// Whether it answers.
    pub switch: Switch,
    challenges: Mutex<HashMap<ChallengeKey, Challenge>>,
}

impl MemoryChallenges {
    /// How many are out.
    pub fn count(&self) -> usize {
        self.challenges().len()
    }

    fn challenges(&self) -> MutexGuard<'_, HashMap<ChallengeKey, Challenge>> {
        self.challenges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Challenges for MemoryChallenges {
    async fn put(&self, key: &ChallengeKey, challenge: &Challenge) -> Result<(), Unavailable> {
        self.switch.check("put")?;
        self.challenges().insert(key.clone(), challenge.clone());
        Ok(())
    }

    async fn count_try(&self, key: &ChallengeKey) -> Result<Option<Challenge>, Unavailable> {
        self.switch.check("count_try")?;
        Ok(self.challenges().get_mut(key).map(|challenge| {
            challenge.tries += 1;
            challenge.clone()
        }))
    }

    async fn take(&self, key: &ChallengeKey) -> Result<bool, Unavailable> {
        self.switch.check("take")?;
        Ok(self.challenges().remove(key).is_some())
    }
}
