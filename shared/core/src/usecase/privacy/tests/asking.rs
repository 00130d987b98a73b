//! Asking again.

use super::*;
use crate::error::Problem;
use crate::privacy::PrivacyDetails;

fn id(asked: Result<PrivacyDetails, Problem>) -> PrivacyId {
    let shown = serde_json::to_value(asked.unwrap()).unwrap();
    shown["operation_id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_erasure_that_is_over_does_not_answer_for_what_came_since() {
    let w = world();
    let first = id(w.ask.erase_person(user(), phone(ANA)).await);
    let under_way = id(w.ask.erase_person(user(), phone(ANA)).await);
    assert_eq!((under_way, w.store.take().len()), (first, 2), "one is under way");
    w.ask.erase_person(user(), phone(ANA)).await.unwrap();
    assert_eq!(w.finish().await.state, PrivacyState::Ready);
    w.personal.add("messages", "de 5511988887777, que voltou");
    let second = id(w.ask.erase_person(user(), phone(ANA)).await);
    assert_ne!(second, first);
    let done = w.finish().await;
    assert_eq!((done.id, done.state, done.counts["messages"]), (second, PrivacyState::Ready, 1));
    assert_ne!(id(w.ask.erase_person(user(), phone(ANA)).await), second);
}

#[tokio::test]
async fn a_file_that_was_just_made_answers_for_ten_minutes() {
    let w = world();
    let about = About::Person(phone(ANA));
    let first = id(w.ask.export(user(), about.clone()).await);
    assert_eq!(w.finish().await.state, PrivacyState::Ready);
    assert_eq!(id(w.ask.export(user(), about.clone()).await), first);
    w.clock.advance(SignedDuration::from_mins(10));
    assert_ne!(id(w.ask.export(user(), about).await), first);
}

#[tokio::test]
async fn the_same_is_not_asked_for_without_end() {
    let w = world();
    for _ in 0..30 {
        w.ask.erase_person(user(), phone(ANA)).await.unwrap();
        w.finish().await;
    }
    let refused = w.ask.erase_person(user(), phone(ANA)).await.err().unwrap();
    assert_eq!((refused.code(), refused.retry_after().is_some()), (Code::RateLimited, true));
    w.clock.advance(SignedDuration::from_mins(10));
    assert!(w.ask.erase_person(user(), phone(ANA)).await.is_ok());
}
