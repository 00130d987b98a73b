//! Receivers and deliveries as the API shows them.

use carteiro_core::webhook::{Delivery, EventKind, Receiver, ReceiverState, Try, TryOutcome, WebhookSecret};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A receiver, with its secret where it is told.
pub(crate) fn receiver(receiver: &Receiver, secret: Option<&WebhookSecret>) -> Map<String, Value> {
    let (status, stopped) = match receiver.state {
        ReceiverState::Active => ("ativo", None),
        ReceiverState::Stopped { at, why } => ("parado", Some((at, why))),
    };
    let kinds: Vec<&str> = receiver.kinds.iter().map(|kind: &EventKind| kind.as_str()).collect();
    let mut shown = Map::from_iter([
        ("webhook_id".to_owned(), json!(receiver.id.to_string())),
        ("session".to_owned(), json!(receiver.scope.session().map(|name| name.as_str()))),
        ("url".to_owned(), json!(receiver.url.as_str())),
        ("format".to_owned(), json!(receiver.format.as_str())),
        ("events".to_owned(), json!(kinds)),
        ("status".to_owned(), json!(status)),
        ("stopped_at".to_owned(), json!(stopped.map(|(at, _)| instant(at)))),
        ("stopped_reason".to_owned(), json!(stopped.map(|(_, why)| why.code()))),
        ("created_at".to_owned(), json!(instant(receiver.created_at))),
    ]);
    if let Some(secret) = secret {
        shown.insert("secret".into(), json!(secret.reveal()));
    }
    shown
}

/// A delivery, without what it says.
pub(crate) fn delivery(delivery: &Delivery) -> Value {
    json!({
        "event_id": delivery.event.id.to_string(),
        "tipo": delivery.event.kind.as_str(),
        "sessao": delivery.event.origin.shown(),
        "webhook_id": delivery.stream.receiver.to_string(),
        "session": delivery.stream.scope.session().map(|name| name.as_str()),
        "status": delivery.status.as_str(),
        "error_code": delivery.dead.map(|reason| reason.code()),
        "created_at": instant(delivery.published_at),
        "expires_at": instant(delivery.kept_until()),
        "tries": delivery.tries.iter().map(one_try).collect::<Vec<_>>(),
    })
}

/// A try: what the receiver answered, or why it did not.
pub(crate) fn one_try(one: &Try) -> Map<String, Value> {
    let (status, error) = match one.outcome {
        TryOutcome::Answered(status) => (Some(status), None),
        TryOutcome::Failed(failure) => (None, Some(failure.code())),
    };
    Map::from_iter([
        ("at".to_owned(), json!(instant(one.at))),
        ("status".to_owned(), json!(status)),
        ("error_code".to_owned(), json!(error)),
        ("duration_ms".to_owned(), json!(i64::try_from(one.took.as_millis()).unwrap_or(i64::MAX))),
    ])
}

/// A time, to the millisecond.
pub(crate) fn instant(at: Timestamp) -> String {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at).to_string()
}
