//! Receivers that a test plays.

use super::ManualClock;
use crate::ports::{Letter, LetterAnswer, NotPosted, Postman};
use crate::webhook::TryFailure;
use async_trait::async_trait;
use jiff::SignedDuration;
use std::sync::{Arc, Mutex, PoisonError};

type Answer = Box<dyn FnMut(&Letter) -> Result<LetterAnswer, NotPosted> + Send>;

/// [`Postman`] without a network: a closure of the test answers. Each post takes its time on the test's clock.
pub struct FakePostman {
    clock: Arc<ManualClock>,
    takes: Mutex<SignedDuration>,
    answer: Mutex<Answer>,
    posted: Mutex<Vec<Letter>>,
}

impl FakePostman {
    /// Every letter is answered with 200 at once.
    pub fn new(clock: Arc<ManualClock>) -> Self {
        let answer: Answer = Box::new(|_| Ok(Self::status(200)));
        Self {
            clock,
            takes: Mutex::new(SignedDuration::ZERO),
            answer: Mutex::new(answer),
            posted: Mutex::default(),
        }
    }

    /// An answer with this status and nothing else.
    pub fn status(status: u16) -> LetterAnswer {
        LetterAnswer { status, ..LetterAnswer::default() }
    }

    /// A failure of this kind.
    pub fn failure(failure: TryFailure) -> NotPosted {
        NotPosted { failure, reason: "the test said so".to_owned() }
    }

    /// From now on, this answers.
    pub fn answering(
        &self,
        answer: impl FnMut(&Letter) -> Result<LetterAnswer, NotPosted> + std::marker::Send + 'static,
    ) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(answer);
    }

    /// From now on, each post takes that long.
    pub fn taking(&self, time: SignedDuration) {
        *self.takes.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// Takes the letters since the last time, answered or not.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.posted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Postman for FakePostman {
    async fn post(&self, letter: Letter) -> Result<LetterAnswer, NotPosted> {
        self.clock.advance(*self.takes.lock().unwrap_or_else(PoisonError::into_inner));
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner)(&letter);
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
        answer
    }
}
