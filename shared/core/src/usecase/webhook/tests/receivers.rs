use super::*;
use crate::error::Code;

#[tokio::test]
async fn a_receiver_keeps_its_id_and_secret_when_it_is_set_again() {
    let w = World::new();
    let first = w.set.set(user(1), ReceiverScope::Tenant, wanted("a.exemplo")).await.unwrap();
    assert!(first.is_new && first.receiver.kinds.len() == EventKind::ALL.len());
    let second = w.set.set(user(1), ReceiverScope::Tenant, wanted("b.exemplo")).await.unwrap();
    assert!(!second.is_new);
    assert_eq!((second.receiver.id, &second.receiver.secrets), (first.receiver.id, &first.receiver.secrets));
    assert_eq!(second.receiver.url.host(), "b.exemplo");
    w.store.switch.asked();
    w.set.set(user(1), ReceiverScope::Tenant, wanted("b.exemplo")).await.unwrap();
    assert_eq!(w.store.switch.asked(), ["find"], "the same again writes nothing");
    assert!(w.book.list(user(2)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_rotation_signs_with_both_secrets_for_a_day() {
    let w = World::with_receiver().await;
    let before = w.book.list(user(1)).await.unwrap().remove(0).secrets.current;
    let after = w.book.rotate(user(1), &ReceiverScope::Tenant).await.unwrap().secrets.current;
    assert_ne!(before, after);
    for (wait, secrets) in [(23 * HOUR, vec![&after, &before]), (HOUR, vec![&after])] {
        w.clock.advance(wait);
        let at = w.now();
        w.publish(1, "a").await;
        w.run_for(SignedDuration::ZERO).await;
        let letter = w.postman.take().remove(0);
        assert_eq!(header(&letter, "x-signature"), signature(secrets, at, &letter.body));
    }
    let missing = w.book.rotate(user(1), &ReceiverScope::Session("x".parse().unwrap())).await.unwrap_err();
    assert_eq!(missing.code(), Code::WebhookNotFound);
}

#[tokio::test]
async fn a_test_is_told_at_once_whatever_waits() {
    let w = World::with_receiver().await;
    w.postman.answering(|_| Ok(FakePostman::status(503)));
    w.publish(1, "a").await;
    w.run_for(SignedDuration::ZERO).await;
    w.postman.take();
    let (id, attempt) = w.book.test(user(1), &ReceiverScope::Tenant).await.unwrap();
    assert_eq!(attempt.tried.outcome, TryOutcome::Answered(503));
    let letter = w.postman.take().remove(0);
    assert_eq!(header(&letter, "x-event-id"), id.to_string());
    let body: Value = serde_json::from_slice(&letter.body).unwrap();
    assert_eq!(body, json!({"tipo": "statusMudou", "sessao": "teste", "json": {"message": "teste"}}));
    let nobody = w.book.test(user(2), &ReceiverScope::Tenant).await.unwrap_err();
    assert_eq!(nobody.code(), Code::WebhookNotFound);
}
