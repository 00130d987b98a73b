//! The rules of exports and erasures of personal data.

mod asking;
mod troubles;

use super::*;
use crate::error::Code;
use crate::ids::{PrivacyId, UserId};
use crate::lease::Epoch;
use crate::number::{Desired, PairingMethod};
use crate::phone::Phone;
use crate::ports::{Accounts, Clock, Links, PrivacyOperations};
use crate::privacy::{About, PrivacyFailure, PrivacyKind, PrivacyOperation, PrivacyState};
use crate::shard::Shard;
use crate::testing::*;
use jiff::SignedDuration;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

const ANA: &str = "5511988887777";
const BIA: &str = "5511977776666";
const WORKER: &str = "5511911112222";

struct World {
    store: Arc<MemoryPrivacy>,
    personal: Arc<MemoryPersonalData>,
    accounts: Arc<MemoryAccounts>,
    links: Arc<MemoryLinks>,
    objects: Arc<MemoryObjects>,
    clock: Arc<ManualClock>,
    ask: AskPrivacy,
    find: FindPrivacy,
    run: RunPrivacy,
}

fn phone(digits: &str) -> Phone {
    digits.parse().unwrap()
}

fn user() -> UserId {
    tenant(1, None).id
}

fn world() -> World {
    let (store, personal) = (Arc::<MemoryPrivacy>::default(), Arc::<MemoryPersonalData>::default());
    let (accounts, links) = (Arc::<MemoryAccounts>::default(), Arc::<MemoryLinks>::default());
    let (objects, clock) = (Arc::<MemoryObjects>::default(), Arc::<ManualClock>::default());
    personal.workers.lock().unwrap().push(phone(WORKER));
    for (kind, content) in [
        ("sends", "para 5511988887777"),
        ("sends", "para 5511977776666"),
        ("messages", "de 551188887777"),
        ("messages", "de 5511977776666"),
        ("contacts", "5511988887777"),
    ] {
        personal.add(kind, content);
    }
    let ask = AskPrivacy {
        operations: store.clone(),
        queue: store.clone(),
        personal: personal.clone(),
        clock: clock.clone(),
    };
    let find = FindPrivacy { operations: store.clone(), links: objects.clone(), clock: clock.clone() };
    let mut run = RunPrivacy::new(RunPrivacyPorts {
        operations: store.clone(),
        queue: store.clone(),
        personal: personal.clone(),
        accounts: accounts.clone(),
        links: links.clone(),
        parts: Arc::new(MemoryObjectParts::new(objects.clone())),
        objects: objects.clone(),
        clock: clock.clone(),
    });
    run.part = 5 << 20;
    World { store, personal, accounts, links, objects, clock, ask, find, run }
}

impl World {
    /// The operation that the one message in the queue is about, and after how long it comes out.
    fn next(&self) -> (PrivacyId, Duration) {
        let pushed = self.store.take();
        assert_eq!(pushed.len(), 1);
        pushed[0]
    }

    async fn operation(&self, id: PrivacyId) -> PrivacyOperation {
        self.store.find(id).await.unwrap().unwrap()
    }

    async fn shown(&self, id: PrivacyId) -> Value {
        serde_json::to_value(self.find.run(user(), id).await.ok().unwrap()).unwrap()
    }

    /// Runs until nothing is in the queue.
    async fn finish(&self) -> PrivacyOperation {
        let (id, mut delay) = self.next();
        for _ in 0..1_000 {
            self.clock.advance(delay.try_into().unwrap());
            self.run.run(id).await.unwrap();
            match self.store.take().pop() {
                Some((_, next)) => delay = next,
                None => return self.operation(id).await,
            }
        }
        panic!("it never ends");
    }
}

#[tokio::test]
async fn a_person_is_erased_and_no_other() {
    let w = world();
    assert!(w.ask.erase_person(user(), phone(ANA)).await.is_ok());
    assert!(w.ask.erase_person(user(), phone(ANA)).await.is_ok(), "it may be asked for again");
    let pushed = w.store.take();
    assert_eq!((pushed.len(), w.store.all().len()), (2, 1), "which is the same operation");
    let id = pushed[0].0;
    let RanPrivacy::Done(done) = w.run.run(id).await.unwrap() else { panic!("it is done") };
    assert_eq!(done.told(), "number=5511•••••••77 contacts=1 messages=1 sends=1");
    assert_eq!(w.personal.left(), ["para 5511977776666", "de 5511977776666"]);
    let stored = format!("{:?}", w.operation(id).await);
    assert!(stored.contains("Ready") && !stored.contains("8888"), "{stored}");
    let shown = w.shown(id).await;
    assert_eq!(
        (&shown["status"], &shown["records"]["sends"], &shown["url"]),
        (&"pronto".into(), &1.into(), &Value::Null)
    );
    assert_eq!(w.run.run(id).await, Ok(RanPrivacy::Nothing), "its message may come twice");
}

#[tokio::test]
async fn a_worker_is_not_erased_in_either_form() {
    let w = world();
    for own in [WORKER, "551111112222"] {
        let refused = w.ask.erase_person(user(), phone(own)).await;
        let code = refused.err().map(|problem| problem.code());
        assert_eq!(code, (own == WORKER).then_some(Code::OwnNumber), "{own}");
    }
}

#[tokio::test]
async fn an_export_is_a_file_of_lines_for_its_tenant_alone() {
    let w = world();
    w.ask.export(user(), About::Person(phone(ANA))).await.ok().unwrap();
    let done = w.finish().await;
    let (bytes, _) = w.objects.peek(&done.object().unwrap()).unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["about", "sends", "messages", "contacts"]);
    assert!(!text.contains(BIA), "{text}");
    let shown = w.shown(done.id).await;
    assert!(shown["url"].is_string() && shown["number"] == "5511•••••••77");
    let other = w.find.run(tenant(2, None).id, done.id).await;
    assert_eq!(other.err().map(|problem| problem.code()), Some(Code::PrivacyNotFound));
    w.clock.advance(PrivacyOperation::FILE_KEPT);
    let late = w.find.run(user(), done.id).await;
    assert_eq!(late.err().map(|problem| problem.code()), Some(Code::PrivacyNotFound));
    assert_eq!(w.personal.left().len(), 5, "nothing was erased");
}

#[tokio::test]
async fn a_tenant_is_exported_whole_in_parts() {
    let w = world();
    // More than one part, so that where a part ends is seen.
    (0..3).for_each(|_| w.personal.add("messages", &"a".repeat(4 << 20)));
    w.ask.export(user(), About::Tenant).await.ok().unwrap();
    let done = w.finish().await;
    assert_eq!(done.counts.values().sum::<u64>(), 8);
    let (bytes, _) = w.objects.peek(&done.object().unwrap()).unwrap();
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 9);
    assert_eq!((done.masked.as_deref(), done.user), (None, Some(user())));
}

#[tokio::test]
async fn a_tenant_is_erased_once_its_account_and_its_sessions_are_gone() {
    let w = world();
    let account = tenant(1, None);
    w.accounts.create(&account).await.unwrap();
    let link = (&phone(WORKER), account.id, Shard::from_stored(0));
    w.links.want(link.0, link.1, link.2, Desired::Connected(PairingMethod::Qr), w.clock.now()).await.unwrap();
    w.ask.erase_tenant(account.id).await.ok().unwrap();
    let (id, delay) = w.next();
    assert!(delay >= Duration::from_secs(45), "what functions remember is over by then");
    w.clock.advance(delay.try_into().unwrap());
    assert_eq!(w.run.run(id).await, Ok(RanPrivacy::GoesOn), "the account is there");
    w.accounts.remove(&account).await.unwrap();
    w.next();
    assert_eq!(w.run.run(id).await, Ok(RanPrivacy::GoesOn), "the session is there");
    assert_eq!(w.personal.left().len(), 5);
    w.next();
    w.links.want(link.0, link.1, link.2, Desired::Removed, w.clock.now()).await.unwrap();
    w.links.forget(link.0, Epoch::FIRST).await.unwrap();
    let RanPrivacy::Done(done) = w.run.run(id).await.unwrap() else { panic!("it is done") };
    assert_eq!((done.told().as_str(), done.user), ("number=all contacts=1 messages=2 sends=2", None));
    assert!(w.personal.left().is_empty());
    let gone = w.find.run(account.id, id).await;
    assert_eq!(gone.err().map(|problem| problem.code()), Some(Code::PrivacyNotFound));
}

#[tokio::test]
async fn an_account_that_is_not_removed_loses_nothing() {
    let w = world();
    let account = tenant(1, None);
    w.accounts.create(&account).await.unwrap();
    w.ask.erase_tenant(account.id).await.ok().unwrap();
    let ended = w.finish().await;
    assert_eq!(ended.state, PrivacyState::Failed(PrivacyFailure::NotRemoved));
    assert_eq!(w.personal.left().len(), 5);
}

#[tokio::test]
async fn outages_postpone_and_do_not_repeat() {
    for broken in ["names", "erase", "read", "numbers"] {
        let w = world();
        let kind = if broken == "read" { PrivacyKind::Export } else { PrivacyKind::Erase };
        match kind {
            PrivacyKind::Export => w.ask.export(user(), About::Person(phone(ANA))).await.ok().unwrap(),
            PrivacyKind::Erase => w.ask.erase_person(user(), phone(ANA)).await.ok().unwrap(),
        };
        let (id, _) = w.next();
        w.personal.switch.fail_in(broken);
        assert!(matches!(w.run.run(id).await, Ok(RanPrivacy::Postponed(_))), "{broken}");
        let (_, delay) = w.next();
        assert!(delay >= Duration::from_secs(15), "{broken}");
        w.personal.switch.recover();
        let RanPrivacy::Done(done) = w.run.run(id).await.unwrap() else { panic!("{broken}") };
        assert_eq!(done.counts.values().sum::<u64>(), 3, "{broken}");
    }
    let w = world();
    w.ask.erase_person(user(), phone(ANA)).await.ok().unwrap();
    w.personal.switch.fail_in("erase");
    assert_eq!(w.finish().await.state, PrivacyState::Failed(PrivacyFailure::GaveUp), "not for ever");
}

#[tokio::test]
async fn of_two_runs_one_works_and_a_crash_ends_with_its_lease() {
    let w = world();
    w.ask.erase_person(user(), phone(ANA)).await.ok().unwrap();
    let (id, _) = w.next();
    // A run that crashed after its first page.
    let mut crashed = w.operation(id).await;
    crashed.busy_until = Some(w.clock.now() + SignedDuration::from_secs(310));
    assert_eq!(w.store.save(&mut crashed).await, Ok(true));
    assert_eq!(w.run.run(id).await, Ok(RanPrivacy::Busy));
    w.clock.advance(SignedDuration::from_secs(311));
    assert!(matches!(w.run.run(id).await, Ok(RanPrivacy::Done(_))));
    assert_eq!(w.personal.left().len(), 2);
}

#[tokio::test]
async fn an_unknown_operation_is_nothing() {
    let w = world();
    assert_eq!(w.run.run(PrivacyId::from_random([9; 16])).await, Ok(RanPrivacy::Nothing));
}
