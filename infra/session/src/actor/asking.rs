//! Questions to the number: answered beside its sends, some at a time, each within its deadline.
//!
//! The command is deleted after the answer was left. A question that comes again meanwhile, because its owner died or the queue
//! delivered it twice, finds the answer, or nobody who waits for one.

mod context;

use super::Actor;
use crate::backoff::Backoff;
use crate::fence::Fence;
use crate::held::Held;
use crate::shared::Shared;
use crate::whatsapp::Asks;
use carteiro_core::ids::QueryId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::query::{ANSWER_LIFETIME, Answer, Asked, QueryFailure};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout};

/// How many questions of one number are asked at the same time.
const AT_ONCE: usize = 8;

/// The questions in hand.
#[derive(Default)]
pub(super) struct Asking {
    /// The commands of each; more than one when the queue delivered it twice.
    held: HashMap<QueryId, Vec<Held>>,
    /// Those that wait for their turn, the first first.
    waiting: VecDeque<Asked>,
    running: JoinSet<QueryId>,
    ids: HashMap<tokio::task::Id, QueryId>,
}

impl Asking {
    /// Whether nothing is in hand.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The end of a question that was under way; never, without one.
    pub(super) async fn next_done(&mut self) -> Result<QueryId, JoinError> {
        match self.running.join_next_with_id().await {
            Some(Ok((task, id))) => {
                self.ids.remove(&task);
                Ok(id)
            }
            Some(Err(error)) => Err(error),
            None => std::future::pending().await,
        }
    }
}

impl Actor {
    /// Takes a question in. Without a connection it is answered at once, so that nobody waits for nothing.
    pub(super) fn take_question(&mut self, held: Held, asked: Asked) {
        let commands = self.asking.held.entry(asked.id).or_default();
        commands.push(held);
        if commands.len() > 1 {
            return;
        }
        if self.is_up() && self.asking.running.len() >= AT_ONCE {
            self.asking.waiting.push_back(asked);
        } else {
            self.ask(asked);
        }
    }

    /// A question was answered, or given up: its commands are deleted, and the next ones are asked.
    pub(super) fn on_asked(&mut self, done: Result<QueryId, JoinError>) {
        let id = match done {
            Ok(id) => Some(id),
            Err(error) => {
                tracing::error!(number = self.number.masked(), "a question broke");
                self.asking.ids.remove(&error.id())
            }
        };
        if let Some(commands) = id.and_then(|id| self.asking.held.remove(&id)) {
            commands.into_iter().for_each(Held::done);
        }
        while self.asking.running.len() < AT_ONCE
            && let Some(asked) = self.asking.waiting.pop_front()
        {
            self.ask(asked);
        }
    }

    fn ask(&mut self, asked: Asked) {
        let id = asked.id;
        let asker = self.live.as_ref().filter(|live| live.up.is_some()).map(|live| live.connection.asker());
        let inquiry = Inquiry {
            shared: self.shared.clone(),
            fence: self.fence.clone(),
            number: self.number.clone(),
            asker,
            end: Instant::now() + self.time_left(&asked),
            asked,
        };
        let task = self.asking.running.spawn(inquiry.run());
        self.asking.ids.insert(task.id(), id);
    }

    fn time_left(&self, asked: &Asked) -> Duration {
        Duration::try_from(asked.deadline.duration_since(self.shared.clock.now())).unwrap_or_default()
    }
}

/// One question on its way.
struct Inquiry {
    shared: Arc<Shared>,
    fence: Arc<Fence>,
    number: Phone,
    asker: Option<Arc<dyn Asks>>,
    asked: Asked,
    /// The deadline.
    end: Instant,
}

impl Inquiry {
    async fn run(self) -> QueryId {
        let id = self.asked.id;
        if Instant::now() >= self.end {
            tracing::debug!(number = self.number.masked(), %id, "a question came too late");
            return id;
        }
        // What was answered is not done a second time.
        if matches!(self.shared.answers.find(id, self.shared.clock.now()).await, Ok(Some(_))) {
            return id;
        }
        let answer = match &self.asker {
            _ if !self.fence.is_open() => return id,
            None => Answer::Failed { why: QueryFailure::NotConnected },
            Some(asker) => {
                let left = self.end.saturating_duration_since(Instant::now());
                let late = Answer::Failed { why: QueryFailure::TimedOut };
                timeout(left, self.answer(asker.as_ref())).await.unwrap_or(late)
            }
        };
        if let Answer::Failed { why } = &answer {
            tracing::info!(number = self.number.masked(), %id, ?why, "a question was not answered");
        }
        self.leave(&answer).await;
        id
    }

    /// Leaves the answer, if it takes some tries, for as long as anybody may look for it.
    async fn leave(&self, answer: &Answer) {
        let mut backoff = Backoff::of_store();
        while let Err(error) = self.put(answer).await {
            tracing::warn!(number = self.number.masked(), %error, "an answer was not stored");
            if Instant::now() >= self.end {
                return;
            }
            sleep(backoff.wait()).await;
        }
    }

    async fn put(&self, answer: &Answer) -> Result<(), Unavailable> {
        let now = self.shared.clock.now();
        if let (Some(memory), Some(kept)) = (self.asked.query.memory_id(&self.number), answer.kept_for()) {
            self.shared.answers.put(memory, answer, now + kept).await?;
        }
        self.shared.answers.put(self.asked.id, answer, now + ANSWER_LIFETIME).await
    }
}
