//! Asking a number's session what only it can answer.

#[cfg(test)]
mod tests;

use crate::command::ShardCommand;
use crate::ids::QueryId;
use crate::phone::Phone;
use crate::ports::{Answers, Clock, Random, ShardSender, Sleeper, Unavailable};
use crate::query::{Answer, Asked, PATIENCE, Query, QueryFailure};
use crate::shard::Shard;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The first wait between two looks for an answer; each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(20);
/// The longest wait between two looks.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

/// What [`Ask`] works with.
#[derive(Clone)]
pub struct AskPorts {
    /// The shards' queues.
    pub shards: Arc<dyn ShardSender>,
    /// Where sessions leave their answers.
    pub answers: Arc<dyn Answers>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Waits.
    pub sleeper: Arc<dyn Sleeper>,
    /// Makes ids of questions.
    pub random: Arc<dyn Random>,
}

/// Asks sessions.
///
/// A question goes through the queue of the number's shard with a deadline, and its answer is looked for until then. Where an
/// answer keeps, it is found without asking; where several ask the same at the same time, it is asked once.
#[derive(Clone)]
pub struct Ask {
    ports: AskPorts,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The session, or WhatsApp, did not answer it; or nobody did in time.
    #[error("the question was not answered: {0:?}")]
    Failed(QueryFailure),
    /// A store or the queue did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Ask {
    /// Wires it up.
    pub fn new(ports: AskPorts) -> Self {
        Self { ports }
    }

    /// Asks the session of `number`, which lives on `shard`, and waits for its answer, at most [`PATIENCE`]. What it answers is
    /// never [`Answer::Failed`].
    ///
    /// # Errors
    /// [`AskError::Failed`], with [`QueryFailure::TimedOut`] also when nobody answered.
    pub async fn ask(&self, number: &Phone, shard: Shard, query: Query) -> Result<Answer, AskError> {
        let now = self.ports.clock.now();
        if let Some(id) = query.memory_id(number)
            && let Some(answer) = self.ports.answers.find(id, now).await?
        {
            return Ok(answer);
        }
        let id =
            query.flight_id(number, now).unwrap_or_else(|| QueryId::from_random(self.ports.random.bytes()));
        let deadline = now + PATIENCE;
        let command = ShardCommand::Query { number: number.clone(), asked: Asked { id, deadline, query } };
        self.ports.shards.push(shard, &command, &id.to_string()).await?;
        match self.wait(id, deadline).await? {
            Some(Answer::Failed { why }) => Err(AskError::Failed(why)),
            Some(answer) => Ok(answer),
            None => Err(AskError::Failed(QueryFailure::TimedOut)),
        }
    }

    /// Has the session of `number` do something that nobody waits for. It is not done when the session takes longer than [`PATIENCE`]
    /// to come to it.
    ///
    /// # Errors
    /// [`Unavailable`], when it was not put in the queue.
    pub async fn tell(&self, number: &Phone, shard: Shard, query: Query) -> Result<(), Unavailable> {
        let (id, deadline) =
            (QueryId::from_random(self.ports.random.bytes()), self.ports.clock.now() + PATIENCE);
        let command = ShardCommand::Query { number: number.clone(), asked: Asked { id, deadline, query } };
        self.ports.shards.push(shard, &command, &id.to_string()).await
    }

    async fn wait(&self, id: QueryId, deadline: Timestamp) -> Result<Option<Answer>, Unavailable> {
        let mut wait = FIRST_WAIT;
        loop {
            let now = self.ports.clock.now();
            let left = Duration::try_from(deadline.duration_since(now)).unwrap_or_default();
            if left.is_zero() {
                return Ok(None);
            }
            self.ports.sleeper.sleep(wait.min(left)).await;
            wait = (wait * 2).min(LONGEST_WAIT);
            let answer = self.ports.answers.find(id, self.ports.clock.now()).await?;
            if answer.is_some() {
                return Ok(answer);
            }
        }
    }
}
