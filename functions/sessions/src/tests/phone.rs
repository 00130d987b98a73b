//! A session that answers, as a test says.

use carteiro_core::command::ShardCommand;
use carteiro_core::ports::{Clock, Sleeper};
use carteiro_core::query::{ANSWER_LIFETIME, Answer, Query};
use carteiro_core::testing::{ManualClock, MemoryAnswers, MemoryShardSender};
use jiff::SignedDuration;
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Happening = Box<dyn FnMut() + Send>;
type Script = Box<dyn Fn(&Query) -> Option<Answer> + Send + Sync>;

/// Answers the questions in the queue while the function waits, and lets the time go by.
pub(crate) struct Phone {
    pub(crate) shards: Arc<MemoryShardSender>,
    pub(crate) answers: Arc<MemoryAnswers>,
    clock: Arc<ManualClock>,
    script: Mutex<Option<Script>>,
    happening: Mutex<Option<Happening>>,
}

impl Phone {
    pub(crate) fn new(clock: Arc<ManualClock>) -> Self {
        Self {
            shards: Arc::default(),
            answers: Arc::default(),
            clock,
            script: Mutex::default(),
            happening: Mutex::default(),
        }
    }

    /// Answers each question by this from now on; none where it says none.
    pub(crate) fn answers(&self, script: impl Fn(&Query) -> Option<Answer> + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Some(Box::new(script));
    }

    /// Does this whenever the function waits.
    pub(crate) fn meanwhile(&self, happening: impl FnMut() + Send + 'static) {
        *self.happening.lock().unwrap() = Some(Box::new(happening));
    }

    /// The questions that were asked, in order.
    pub(crate) fn asked(&self) -> Vec<Query> {
        let commands = self.shards.pushed().into_iter();
        let asked = commands.filter_map(|pushed| match pushed.command {
            ShardCommand::Query { asked, .. } => Some(asked.query),
            _ => None,
        });
        asked.collect()
    }
}

#[async_trait::async_trait]
impl Sleeper for Phone {
    async fn sleep(&self, duration: Duration) {
        if let Some(happening) = &mut *self.happening.lock().unwrap() {
            happening();
        }
        if let Some(script) = &*self.script.lock().unwrap() {
            for pushed in self.shards.pushed() {
                let ShardCommand::Query { asked, .. } = pushed.command else { continue };
                if self.answers.peek(asked.id).is_none()
                    && let Some(answer) = script(&asked.query)
                {
                    self.answers.leave(asked.id, answer, self.clock.now() + ANSWER_LIFETIME);
                }
            }
        }
        self.clock.advance(SignedDuration::try_from(duration).unwrap());
    }
}
