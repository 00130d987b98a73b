//! The rules of numbers' paces.

use super::*;
use crate::command::ShardCommand;
use crate::error::Code;
use crate::lease::Epoch;
use crate::number::{Desired, LinkReport, LinkState, NumberChange, OwnedNumber, PairingMethod, Role};
use crate::pacing::{Begun, OwnPace};
use crate::phone::Phone;
use crate::plan::Plans;
use crate::ports::{Accounts, Clock, Links, Numbers, Paces};
use crate::shard::Shard;
use crate::testing::*;
use crate::usecase::Sessions;
use crate::user::User;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::sync::Arc;

const PLANS: &str = r#"{"basico":{"media_types":["text"],"workers":1,"default":true,
    "pace":{"per_minute":30,"burst":3,"new_chats":{"per_day":100}}}}"#;

struct World {
    accounts: Arc<MemoryAccounts>,
    links: Arc<MemoryLinks>,
    paces: Arc<MemoryPaces>,
    commands: Arc<MemoryShardSender>,
    clock: Arc<ManualClock>,
    pacing: Pacing,
    ana: User,
}

fn number() -> Phone {
    "5511988887777".parse().unwrap()
}

fn own(json: &str) -> OwnPace {
    serde_json::from_str(json).unwrap()
}

async fn world() -> World {
    let (accounts, numbers) = (Arc::<MemoryAccounts>::default(), Arc::<MemoryNumbers>::default());
    let (links, paces) = (Arc::<MemoryLinks>::default(), Arc::<MemoryPaces>::default());
    let (commands, clock) = (Arc::<MemoryShardSender>::default(), Arc::<ManualClock>::default());
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: links.clone(),
        commands: commands.clone(),
        clock: clock.clone(),
        random: Arc::<SeededRandom>::default(),
    };
    let rules = FindRules {
        accounts: accounts.clone(),
        paces: paces.clone(),
        plans: Arc::new(Plans::from_json(PLANS).unwrap()),
        zone: TimeZone::get("America/Sao_Paulo").unwrap(),
    };
    let ana = tenant(1, None);
    accounts.create(&ana).await.unwrap();
    let worker = OwnedNumber { phone: number(), role: Role::Worker };
    numbers.apply(ana.id, &[NumberChange::Add(worker, Shard::from_stored(3))], 1).await.unwrap();
    World { accounts, links, paces, commands, clock, pacing: Pacing { sessions, rules }, ana }
}

impl World {
    async fn reported(&self, state: LinkState) {
        let (shard, now) = (Shard::from_stored(3), self.clock.now());
        let wanted = Desired::Connected(PairingMethod::Qr);
        self.links.want(&number(), self.ana.id, shard, wanted, now).await.unwrap();
        let report = LinkReport { state, reason: None, qr: None, code: None, jid: None };
        self.links.report_now(&number(), Epoch::FIRST, &report, now).unwrap();
    }
}

#[tokio::test]
async fn a_number_keeps_to_its_plan_until_its_tenant_sets_more() {
    let w = world().await;
    let shown = w.pacing.show(&w.ana, &number()).await.unwrap();
    assert_eq!((shown.own, shown.begun), (OwnPace::default(), None));
    assert_eq!(shown.rules.rate().interval(), SignedDuration::from_secs(2));
    let slow = own(r#"{"per_minute":6,"time_zone":"America/Manaus"}"#);
    let set = w.pacing.set(&w.ana, &number(), slow.clone()).await.unwrap();
    assert_eq!(set.rules.rate().interval(), SignedDuration::from_secs(10));
    assert_eq!(w.pacing.show(&w.ana, &number()).await.unwrap().own, slow);
    let found = w.pacing.rules.of(&number(), w.ana.id).await.unwrap();
    assert_eq!(found, set.rules, "the session finds the same");
}

#[tokio::test]
async fn the_chats_of_today_are_shown() {
    let w = world().await;
    let today = w.pacing.rules.of(&number(), w.ana.id).await.unwrap().today(w.clock.now());
    let begun = Begun { chats: 7, ..Begun::first(today) };
    w.paces.count(&number(), Epoch::FIRST, begun).await.unwrap();
    assert_eq!(w.pacing.show(&w.ana, &number()).await.unwrap().begun, Some(begun));
    w.clock.advance(SignedDuration::from_hours(24));
    let next = w.pacing.show(&w.ana, &number()).await.unwrap();
    assert_eq!(next.begun.unwrap().chats, 0);
    assert_eq!(next.rules.new_chats_left(next.begun.unwrap()), Some(100));
}

#[tokio::test]
async fn only_a_session_that_is_up_is_told() {
    let w = world().await;
    for state in [LinkState::QrExpired, LinkState::LoggedOut, LinkState::Offline] {
        w.reported(state).await;
        w.pacing.set(&w.ana, &number(), own(r#"{"burst":1}"#)).await.unwrap();
        assert!(w.commands.pushed().is_empty(), "{state:?} would begin to pair");
    }
    for state in [LinkState::Connected, LinkState::Restricted] {
        w.reported(state).await;
        w.pacing.set(&w.ana, &number(), own(r#"{"burst":2}"#)).await.unwrap();
    }
    assert_eq!(w.commands.pushed().len(), 2);
    let align = ShardCommand::Align { number: number() };
    assert!(w.commands.pushed().iter().all(|pushed| pushed.command == align));
}

#[tokio::test]
async fn what_is_no_pace_or_too_bold_changes_nothing() {
    let w = world().await;
    let bia = tenant(2, None);
    for (user, json, code) in [
        (&w.ana, r#"{"per_minute":0}"#, Code::InvalidPace),
        (&w.ana, r#"{"jitter_ms":10001}"#, Code::InvalidPace),
        (&w.ana, r#"{"per_minute":31}"#, Code::PlanPaceLimit),
        (&w.ana, r#"{"burst":4}"#, Code::PlanPaceLimit),
        (&w.ana, r#"{"new_chats":{"per_day":101}}"#, Code::PlanPaceLimit),
        (&bia, r#"{"burst":1}"#, Code::NotYourWorker),
    ] {
        let refused = w.pacing.set(user, &number(), own(json)).await.unwrap_err();
        assert_eq!(refused.code(), code, "{json}");
    }
    assert_eq!(w.paces.own(&number(), w.ana.id).await, Ok(OwnPace::default()));
    assert_eq!(w.pacing.show(&bia, &number()).await.unwrap_err().code(), Code::NotYourWorker);
    w.paces.switch.fail();
    assert_eq!(w.pacing.show(&w.ana, &number()).await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn a_tenant_that_is_gone_has_the_usual_pace() {
    let w = world().await;
    let gone = tenant(9, None);
    let rules = w.pacing.rules.of(&number(), gone.id).await.unwrap();
    assert_eq!((rules.rate().interval(), rules.rate().burst()), (SignedDuration::from_secs(1), 5));
    w.accounts.switch.fail();
    assert!(w.pacing.rules.of(&number(), w.ana.id).await.is_err());
}
