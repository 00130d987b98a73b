//! Stored receivers, streams, and what is noted of outages.

use super::by_hand;
use crate::ports::Ports;
use crate::samples::at;
use carteiro_core::ids::{ReceiverId, UserId};
use carteiro_core::ports::{Release, Take};
use carteiro_core::webhook::{
    EventKind, Outage, Receiver, ReceiverScope, ReceiverState, ReceiverUrl, Secrets, StopReason, StreamKey,
    WebhookFormat, WebhookSecret,
};

super::stored! {
    receivers: receivers_are_written, receivers_are_read;
    stream_that_is_held: held_is_written, held_is_read;
    stream_that_waits: wait_is_written, wait_is_read;
    stream_that_waits_before_failed_at: by_hand, earlier_wait_is_read;
}

pub(super) fn user() -> UserId {
    UserId::from_random([0xa1; 16])
}

fn session() -> ReceiverScope {
    ReceiverScope::Session("Recepção nº 1".parse().unwrap())
}

/// A tenant's own with each kind of event, whose secret was changed, and a session's that was stopped.
fn receivers() -> [Receiver; 2] {
    let secret = |seed| WebhookSecret::from_random([seed; 32]);
    let whole = Receiver {
        id: ReceiverId::from_random([0xa2; 16]),
        user: user(),
        scope: ReceiverScope::Tenant,
        url: ReceiverUrl::parse("https://exemplo.com/gancho?token=abc%20d").unwrap(),
        format: WebhookFormat::Json,
        kinds: [
            EventKind::StatusChanged,
            EventKind::MessageUpdated,
            EventKind::MessageReceived,
            EventKind::Syncing,
            EventKind::NumberStatus,
            EventKind::QrCode,
        ]
        .into(),
        secrets: Secrets { current: secret(0), previous: Some((secret(1), at(86_400))) },
        state: ReceiverState::Active,
        created_at: at(0),
        revision: 1,
    };
    let stopped = Receiver {
        id: ReceiverId::from_random([0xa3; 16]),
        scope: session(),
        format: WebhookFormat::Form,
        kinds: [EventKind::QrCode].into(),
        secrets: Secrets::new(secret(2)),
        state: ReceiverState::Stopped { at: at(9), why: StopReason::Gone },
        ..whole.clone()
    };
    [whole, stopped]
}

async fn receivers_are_written(ports: &Ports) {
    for mut receiver in receivers() {
        receiver.revision = 0;
        ports.receivers.save(&mut receiver).await.unwrap();
    }
}

async fn receivers_are_read(ports: &Ports) {
    assert_eq!(ports.receivers.of_user(user()).await, Ok(receivers().to_vec()));
    for mut receiver in receivers() {
        assert_eq!(ports.receivers.find(user(), &receiver.scope).await, Ok(Some(receiver.clone())));
        assert_eq!(ports.receivers.save(&mut receiver).await, Ok(true), "its revision is read");
    }
}

pub(super) fn stream(scope: ReceiverScope) -> StreamKey {
    StreamKey {
        user: user(),
        scope,
        receiver: ReceiverId::from_random([0xa2; 16]),
        origin: "Recepção nº 1".into(),
    }
}

fn streams() -> [StreamKey; 2] {
    let of_session = StreamKey { receiver: ReceiverId::from_random([0xa3; 16]), ..stream(session()) };
    [stream(ReceiverScope::Tenant), of_session]
}

async fn held_is_written(ports: &Ports) {
    for stream in streams() {
        ports.streams.take(&stream, [1; 16], at(0), at(60)).await.unwrap();
        ports.streams.take(&stream, [2; 16], at(1), at(60)).await.unwrap();
    }
}

async fn held_is_read(ports: &Ports) {
    let mut known = ports.deliveries.streams(user()).await.unwrap();
    known.sort();
    let mut expected = streams();
    expected.sort();
    assert_eq!(known, expected);
    for stream in streams() {
        assert_eq!(ports.streams.take(&stream, [3; 16], at(2), at(60)).await, Ok(Take::Held));
        let released = ports.streams.release(&stream, [1; 16], 1, None).await;
        assert_eq!(released, Ok(Release::Signalled(2)), "each that asked was counted");
        let taken = Take::Taken { signals: 2, outage: None };
        assert_eq!(
            ports.streams.take(&stream, [3; 16], at(60), at(90)).await,
            Ok(taken),
            "its time was over"
        );
    }
}

fn outage() -> Outage {
    Outage { since: at(3), failures: 7, failed_at: at(5), asked: true, retry_at: at(100), wake: 4 }
}

async fn wait_is_written(ports: &Ports) {
    let [stream, _] = streams();
    ports.streams.take(&stream, [1; 16], at(0), at(60)).await.unwrap();
    ports.streams.release(&stream, [1; 16], 0, Some(&outage())).await.unwrap();
    ports.streams.note_recovery(&stream, at(6)).await.unwrap();
}

async fn waits(ports: &Ports, outage: Outage) {
    let [stream, _] = streams();
    assert_eq!(ports.streams.take(&stream, [2; 16], at(9), at(60)).await, Ok(Take::Waiting(outage)));
    let taken = Take::Taken { signals: 0, outage: Some(outage) };
    assert_eq!(ports.streams.take(&stream, [2; 16], at(100), at(160)).await, Ok(taken));
}

async fn wait_is_read(ports: &Ports) {
    assert_eq!(ports.streams.recovered_at(&streams()[0]).await, Ok(Some(at(6))));
    waits(ports, outage()).await;
}

async fn earlier_wait_is_read(ports: &Ports) {
    waits(ports, Outage { failed_at: outage().retry_at, ..outage() }).await;
}
