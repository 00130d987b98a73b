//! Who waits for messages that the phone was asked for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// More requests than are ever under way.
const MOST: usize = 32;

/// The answers to requests for older messages, once the owner has accepted them all. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<VecDeque<(String, Answer)>>>);

enum Answer {
    /// The messages were accepted before anybody waited for them: the id of a request is known only when it is on its way.
    Here(u32),
    Awaited(oneshot::Sender<u32>),
}

impl Arrivals {
    /// Waits for the answer to a request: how many messages came and were accepted. The channel closes without one when the session
    /// ends.
    pub(crate) fn of(&self, request: &str) -> oneshot::Receiver<u32> {
        let (sender, receiver) = oneshot::channel();
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = answers.iter().position(|(known, _)| known == request).and_then(|at| answers.remove(at));
        match here {
            Some((_, Answer::Here(count))) => drop(sender.send(count)),
            _ => push(&mut answers, request, Answer::Awaited(sender)),
        }
        receiver
    }

    /// The answer to a request has come and was accepted.
    pub(crate) fn came(&self, request: &str, count: u32) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answers.iter().position(|(known, _)| known == request).and_then(|at| answers.remove(at));
        match known {
            Some((_, Answer::Awaited(sender))) => drop(sender.send(count)),
            _ => push(&mut answers, request, Answer::Here(count)),
        }
    }
}

fn push(answers: &mut VecDeque<(String, Answer)>, request: &str, answer: Answer) {
    if answers.len() == MOST {
        answers.pop_front();
    }
    answers.push_back((request.to_owned(), answer));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_heard_by_who_came_before_and_after() {
        let arrivals = Arrivals::default();
        let waiting = arrivals.of("a");
        arrivals.came("a", 3);
        assert_eq!(waiting.await, Ok(3));
        arrivals.came("b", 0);
        assert_eq!(arrivals.of("b").await, Ok(0));
        for request in 0..1000 {
            arrivals.came(&request.to_string(), 1);
        }
        assert!(arrivals.0.lock().unwrap().len() <= MOST);
    }
}
