//! The rules of numbers and their sessions.

mod connecting;

use super::*;
use crate::error::Code;
use crate::lease::Epoch;
use crate::number::{Desired, LinkReport, LinkState, OwnedNumber, PairingCode, PairingMethod, Qr, Role};
use crate::phone::Phone;
use crate::plan::Plans;
use crate::ports::{Clock, Links, Numbers};
use crate::shard::ShardCount;
use crate::testing::*;
use crate::user::User;
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

struct World {
    numbers: Arc<MemoryNumbers>,
    links: Arc<MemoryLinks>,
    commands: Arc<MemoryShardSender>,
    clock: Arc<ManualClock>,
    sleeper: Arc<SleepLog>,
    change: ChangeNumbers,
    connect: ConnectNumber,
}

fn world() -> World {
    let (numbers, links) = (Arc::<MemoryNumbers>::default(), Arc::<MemoryLinks>::default());
    let (commands, clock) = (Arc::<MemoryShardSender>::default(), Arc::<ManualClock>::default());
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: links.clone(),
        commands: commands.clone(),
        clock: clock.clone(),
        random: Arc::<SeededRandom>::default(),
    };
    let plans = r#"{"basico":{"media_types":["text"],"workers":2,"default":true}}"#;
    let change = ChangeNumbers {
        numbers: numbers.clone(),
        sessions: sessions.clone(),
        plans: Arc::new(Plans::from_json(plans).unwrap()),
        shards: ShardCount::new(16).unwrap(),
    };
    let sleeper = Arc::new(SleepLog::new(clock.clone()));
    let connect = ConnectNumber { sessions, sleeper: sleeper.clone() };
    World { numbers, links, commands, clock, sleeper, change, connect }
}

fn user(id: u8) -> User {
    tenant(id, None)
}

fn phone(last: u8) -> Phone {
    format!("551198888{last:04}").parse().unwrap()
}

fn lists(workers: Option<&[u8]>, admins: Option<&[u8]>) -> NumberLists {
    let of = |list: Option<&[u8]>| list.map(|list| list.iter().map(|n| phone(*n)).collect());
    NumberLists { workers: of(workers), admins: of(admins) }
}

fn worker(last: u8) -> OwnedNumber {
    OwnedNumber { phone: phone(last), role: Role::Worker }
}

fn report(state: LinkState, qr: Option<Qr>) -> LinkReport {
    LinkReport { state, reason: None, qr, code: None, jid: None }
}

impl World {
    async fn paired_worker(&self, owner: &User, last: u8) {
        self.change.add(owner, &worker(last)).await.unwrap();
        let shard = self.numbers.claim(&phone(last)).await.unwrap().unwrap().shard;
        let at = self.clock.now();
        self.links
            .want(&phone(last), owner.id, shard, Desired::Connected(PairingMethod::Qr), at)
            .await
            .unwrap();
        self.reports(last, report(LinkState::Connected, None));
    }

    fn reports(&self, last: u8, report: LinkReport) {
        self.links.report_now(&phone(last), Epoch::FIRST, &report, self.clock.now()).unwrap();
    }

    /// Plans a report for the sleep of that index.
    fn will_report(&self, sleep: usize, last: u8, report: LinkReport) {
        let (links, clock) = (self.links.clone(), self.clock.clone());
        self.sleeper.during(sleep, move || {
            links.report_now(&phone(last), Epoch::FIRST, &report, clock.now()).unwrap();
        });
    }

    fn qr(&self, seconds: i64) -> Qr {
        Qr {
            code: "2@qr".to_owned().into(),
            expires_at: self.clock.now() + SignedDuration::from_secs(seconds),
        }
    }

    fn code(&self, seconds: i64) -> PairingCode {
        PairingCode {
            code: "ABCD1234".to_owned().into(),
            expires_at: self.clock.now() + SignedDuration::from_secs(seconds),
        }
    }

    async fn connects(&self, owner: &User, last: u8) -> Result<Connection, Code> {
        self.connects_by(owner, last, PairingMethod::Qr).await
    }

    async fn connects_by(&self, owner: &User, last: u8, by: PairingMethod) -> Result<Connection, Code> {
        self.connect.connect(owner.id, &phone(last), by).await.map_err(|problem| problem.code())
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, crate::error::Problem>) -> Code {
    result.unwrap_err().code()
}

#[tokio::test]
async fn adding_keeps_and_setting_removes() {
    let (w, ana) = (world(), user(1));
    w.change.set(&ana, &lists(Some(&[1]), Some(&[9]))).await.unwrap();
    w.change.add(&ana, &worker(2)).await.unwrap();
    w.change.add(&ana, &worker(2)).await.unwrap();
    assert_eq!(w.change.list(&ana).await.unwrap(), lists(Some(&[1, 2]), Some(&[9])));
    w.change.set(&ana, &lists(Some(&[2, 3, 3]), None)).await.unwrap();
    assert_eq!(w.change.list(&ana).await.unwrap(), lists(Some(&[2, 3]), Some(&[9])), "no list, no change");
    w.change.set(&ana, &lists(None, Some(&[]))).await.unwrap();
    assert_eq!(w.change.list(&ana).await.unwrap(), lists(Some(&[2, 3]), Some(&[])));
}

#[tokio::test]
async fn it_is_all_or_nothing() {
    let (w, ana, bia) = (world(), user(1), user(2));
    w.change.add(&ana, &worker(1)).await.unwrap();
    assert_eq!(code(w.change.set(&bia, &lists(Some(&[2, 1]), Some(&[9]))).await), Code::WorkerTaken);
    let three = w.change.set(&bia, &lists(Some(&[2, 3, 4]), None)).await.unwrap_err();
    assert_eq!(three.code(), Code::PlanWorkerLimit);
    assert!(three.description().contains("basico"), "{}", three.description());
    assert_eq!(w.change.list(&bia).await.unwrap(), lists(Some(&[]), Some(&[])));
    let many: Vec<u8> = (0..=49).collect();
    assert_eq!(code(w.change.set(&bia, &lists(None, Some(&many))).await), Code::TooManyNumbers);
}

#[tokio::test]
async fn a_change_that_meets_another_is_tried_again() {
    let (w, ana) = (world(), user(1));
    *w.numbers.conflicts.lock().unwrap() = 2;
    w.change.add(&ana, &worker(1)).await.unwrap();
    *w.numbers.conflicts.lock().unwrap() = 9;
    assert_eq!(code(w.change.add(&ana, &worker(2)).await), Code::NumbersChanged);
}

#[tokio::test]
async fn removing_a_worker_ends_its_session() {
    let (w, ana) = (world(), user(1));
    w.paired_worker(&ana, 1).await;
    w.change.remove(&ana, &worker(1)).await.unwrap();
    assert_eq!(w.links.peek(&phone(1)).unwrap().desired, Desired::Removed);
    assert_eq!(w.commands.pushed().len(), 1);
    assert_eq!(code(w.change.remove(&ana, &worker(2)).await), Code::NumberNotFound);
    w.paired_worker(&ana, 3).await;
    w.change.set(&ana, &lists(Some(&[]), None)).await.unwrap();
    assert_eq!(w.links.peek(&phone(3)).unwrap().desired, Desired::Removed);
}

#[tokio::test]
async fn a_removal_cut_off_half_way_is_finished_by_the_next() {
    let (w, ana) = (world(), user(1));
    w.paired_worker(&ana, 1).await;
    w.commands.switch.fail();
    assert_eq!(code(w.change.remove(&ana, &worker(1)).await), Code::Unavailable);
    w.commands.switch.recover();
    w.change.remove(&ana, &worker(1)).await.unwrap();
    assert_eq!(w.commands.pushed().len(), 1);
}

#[tokio::test]
async fn a_list_that_was_cut_off_is_finished_by_the_same_list_again() {
    let (w, ana, bia) = (world(), user(1), user(2));
    for broken in ["find_many", "want"] {
        w.paired_worker(&ana, 1).await;
        w.links.switch.fail_in(broken);
        let wanted = lists(Some(&[2]), None);
        assert_eq!(code(w.change.set(&ana, &wanted).await), Code::Unavailable, "{broken}");
        assert_eq!(w.change.list(&ana).await.unwrap().workers, wanted.workers, "the list stands");
        assert!(w.links.peek(&phone(1)).unwrap().desired.is_connected());
        w.links.switch.recover();
        w.change.set(&ana, &wanted).await.unwrap();
        assert_eq!(w.links.peek(&phone(1)).unwrap().desired, Desired::Removed);
        w.links.forget(&phone(1), Epoch::FIRST).await.unwrap();
    }
    // A number that came back, or is another's by now, keeps its session.
    w.change.set(&ana, &lists(Some(&[]), None)).await.unwrap();
    w.paired_worker(&ana, 1).await;
    w.paired_worker(&bia, 2).await;
    w.change.set(&ana, &lists(Some(&[1]), None)).await.unwrap();
    for number in [1, 2] {
        assert!(w.links.peek(&phone(number)).unwrap().desired.is_connected(), "{number}");
    }
}

#[tokio::test]
async fn a_status_says_why_to_people_and_to_programs() {
    let (w, ana) = (world(), user(1));
    w.paired_worker(&ana, 1).await;
    w.reports(1, LinkReport { reason: Some("WHATSAPP_403".into()), ..report(LinkState::Banned, None) });
    let status = w.connect.sessions.status(ana.id, &phone(1)).await.unwrap();
    assert_eq!(status.reason.as_deref(), Some("O WhatsApp baniu este número. Código do WhatsApp: 403."));
    assert_eq!(status.reason_code.as_deref(), Some("WHATSAPP_403"));
}

#[tokio::test]
async fn others_numbers_are_refused() {
    let (w, ana, bia) = (world(), user(1), user(2));
    w.paired_worker(&ana, 1).await;
    assert_eq!(w.connects(&bia, 1).await.err(), Some(Code::NotYourWorker));
    assert_eq!(code(w.connect.sessions.status(bia.id, &phone(1)).await), Code::NotYourWorker);
    assert_eq!(code(w.connect.sessions.disconnect(bia.id, &phone(1)).await), Code::NotYourWorker);
    assert!(w.commands.pushed().is_empty());
}

#[tokio::test]
async fn a_number_that_changed_hands_waits_for_the_former_session_to_end() {
    let (w, ana, bia) = (world(), user(1), user(2));
    w.paired_worker(&ana, 1).await;
    // The list changed, and then the removal of the session failed for good.
    w.links.switch.fail();
    assert_eq!(code(w.change.remove(&ana, &worker(1)).await), Code::Unavailable);
    w.links.switch.recover();
    w.change.add(&bia, &worker(1)).await.unwrap();
    let status = w.connect.sessions.status(bia.id, &phone(1)).await.unwrap();
    assert_eq!(
        (status.state, status.since),
        (LinkState::Offline, None),
        "the former one's state is not told"
    );
    assert_eq!(w.connects(&bia, 1).await.err(), Some(Code::NumberBusy));
    assert_eq!(w.links.peek(&phone(1)).unwrap().desired, Desired::Removed);
    assert_eq!(w.commands.pushed().len(), 1);
    w.links.forget(&phone(1), Epoch::FIRST).await.unwrap();
    assert!(w.connects(&bia, 1).await.is_ok());
}

proptest! {
    #[test]
    fn replacing_leaves_exactly_what_was_sent(
        first in prop::collection::vec(0u8..20, 0..3), second in prop::collection::vec(0u8..20, 0..6)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (w, ana) = (world(), user(1));
            let before = w.change.set(&ana, &lists(Some(&first), None)).await.is_ok();
            let distinct: BTreeSet<u8> = second.iter().copied().collect();
            let changed = w.change.set(&ana, &lists(Some(&second), None)).await.is_ok();
            prop_assert_eq!(before, first.iter().collect::<BTreeSet<_>>().len() <= 2);
            prop_assert_eq!(changed, distinct.len() <= 2);
            if changed {
                let sorted: Vec<u8> = distinct.into_iter().collect();
                prop_assert_eq!(w.change.list(&ana).await.unwrap(), lists(Some(&sorted), Some(&[])));
            }
            Ok(())
        })?;
    }
}
