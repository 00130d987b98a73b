//! Answers in memory.

use super::Switch;
use crate::ids::QueryId;
use crate::ports::{Answers, Unavailable};
use crate::query::Answer;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// [`Answers`] in memory.
#[derive(Debug, Default)]
pub struct MemoryAnswers {
    /// Whether it answers.
    pub switch: Switch,
    kept: Mutex<HashMap<QueryId, (Answer, Timestamp)>>,
}

impl MemoryAnswers {
    /// An answer and when it is over, for a test to look at.
    pub fn peek(&self, id: QueryId) -> Option<(Answer, Timestamp)> {
        self.kept().get(&id).cloned()
    }

    /// Leaves an answer as a session would.
    pub fn leave(&self, id: QueryId, answer: Answer, expires_at: Timestamp) {
        self.kept().insert(id, (answer, expires_at));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<QueryId, (Answer, Timestamp)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Answers for MemoryAnswers {
    async fn put(&self, id: QueryId, answer: &Answer, expires_at: Timestamp) -> Result<(), Unavailable> {
        self.switch.check("put")?;
        self.leave(id, answer.clone(), expires_at);
        Ok(())
    }

    async fn find(&self, id: QueryId, now: Timestamp) -> Result<Option<Answer>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.peek(id).filter(|(_, expires_at)| now < *expires_at).map(|(answer, _)| answer))
    }
}
