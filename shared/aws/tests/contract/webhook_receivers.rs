//! The contract of [`Receivers`](carteiro_core::ports::Receivers).

use crate::ports::Ports;
use crate::samples::{at, random, user_id};
use carteiro_core::ids::{ReceiverId, UserId};
use carteiro_core::webhook::{
    EventKind, Receiver, ReceiverScope, ReceiverState, ReceiverUrl, Secrets, StopReason, WebhookFormat,
    WebhookSecret,
};

crate::contract! { in memory too:
    a_receiver_reads_back_as_it_was_saved,
    everything_that_changes_is_kept,
    of_two_who_save_the_same_one_does,
    a_tenant_sees_its_own_in_order,
    a_receiver_that_was_removed_is_gone,
}

/// A receiver as it is made.
pub(crate) fn receiver(user: UserId, scope: ReceiverScope) -> Receiver {
    Receiver {
        id: ReceiverId::from_random(random()),
        user,
        scope,
        url: ReceiverUrl::parse("https://exemplo.com/gancho?token=abc%20d").unwrap(),
        format: WebhookFormat::Json,
        kinds: EventKind::ALL.into(),
        secrets: Secrets::new(WebhookSecret::from_random(random())),
        state: ReceiverState::Active,
        created_at: at(0),
        revision: 0,
    }
}

fn session(name: &str) -> ReceiverScope {
    ReceiverScope::Session(name.parse().unwrap())
}

async fn a_receiver_reads_back_as_it_was_saved(ports: &Ports) {
    for scope in [ReceiverScope::Tenant, session("Recepção nº 1 # 💬")] {
        let mut made = receiver(user_id(), scope);
        assert_eq!(ports.receivers.find(made.user, &made.scope).await, Ok(None));
        assert_eq!(ports.receivers.save(&mut made).await, Ok(true));
        assert_eq!(made.revision, 1);
        assert_eq!(ports.receivers.find(made.user, &made.scope).await, Ok(Some(made.clone())));
        assert_eq!(ports.receivers.find(user_id(), &made.scope).await, Ok(None));
    }
}

async fn everything_that_changes_is_kept(ports: &Ports) {
    let mut changing = receiver(user_id(), ReceiverScope::Tenant);
    ports.receivers.save(&mut changing).await.unwrap();
    changing.url = ReceiverUrl::parse("https://outro.exemplo/").unwrap();
    changing.format = WebhookFormat::Form;
    changing.kinds = [EventKind::QrCode, EventKind::NumberStatus].into();
    let rotated = changing.secrets.clone().rotated(
        WebhookSecret::from_random(random()),
        at(1),
        carteiro_core::webhook::SECRET_OVERLAP,
    );
    changing.secrets = rotated;
    changing.state = ReceiverState::Stopped { at: at(7), why: StopReason::Gone };
    assert_eq!(ports.receivers.save(&mut changing).await, Ok(true));
    assert_eq!(ports.receivers.find(changing.user, &changing.scope).await, Ok(Some(changing.clone())));
    changing.secrets.previous = None;
    changing.state = ReceiverState::Active;
    assert_eq!(ports.receivers.save(&mut changing).await, Ok(true));
    assert_eq!(ports.receivers.find(changing.user, &changing.scope).await, Ok(Some(changing)));
}

async fn of_two_who_save_the_same_one_does(ports: &Ports) {
    let mut one = receiver(user_id(), ReceiverScope::Tenant);
    let mut another = receiver(one.user, ReceiverScope::Tenant);
    assert_eq!(ports.receivers.save(&mut one).await, Ok(true));
    assert_eq!((ports.receivers.save(&mut another).await, another.revision), (Ok(false), 0));
    let mut other = Receiver { format: WebhookFormat::Form, ..one.clone() };
    assert_eq!(ports.receivers.save(&mut one).await, Ok(true));
    assert_eq!((ports.receivers.save(&mut other).await, other.revision), (Ok(false), 1));
    assert_eq!(ports.receivers.find(one.user, &one.scope).await, Ok(Some(one)));
}

async fn a_tenant_sees_its_own_in_order(ports: &Ports) {
    let user = user_id();
    let mut all = Vec::new();
    for scope in [session("b"), session("a"), ReceiverScope::Tenant, session("ação")] {
        let mut one = receiver(user, scope);
        ports.receivers.save(&mut one).await.unwrap();
        all.push(one);
    }
    ports.receivers.save(&mut receiver(user_id(), ReceiverScope::Tenant)).await.unwrap();
    all.sort_by(|a, b| a.scope.cmp(&b.scope));
    assert_eq!(all[0].scope, ReceiverScope::Tenant);
    assert_eq!(ports.receivers.of_user(user).await, Ok(all));
    assert_eq!(ports.receivers.of_user(user_id()).await, Ok(vec![]));
}

async fn a_receiver_that_was_removed_is_gone(ports: &Ports) {
    let mut one = receiver(user_id(), session("a"));
    ports.receivers.save(&mut one).await.unwrap();
    assert_eq!(ports.receivers.remove(one.user, &ReceiverScope::Tenant).await, Ok(false));
    assert_eq!(ports.receivers.remove(one.user, &one.scope).await, Ok(true));
    assert_eq!(ports.receivers.remove(one.user, &one.scope).await, Ok(false));
    assert_eq!(ports.receivers.find(one.user, &one.scope).await, Ok(None));
    assert_eq!(
        ports.receivers.save(&mut one).await,
        Ok(false),
        "a change of what is gone brings nothing back"
    );
}
