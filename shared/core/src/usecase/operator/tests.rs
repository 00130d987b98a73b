//! The rules of the operator's side.

use super::*;
use crate::lease::Epoch;
use crate::number::{Desired, LinkReport, LinkState, NumberChange, PairingMethod};
use crate::shard::Shard;
use crate::testing::*;
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use proptest::prelude::*;

struct World {
    accounts: Arc<MemoryAccounts>,
    numbers: Arc<MemoryNumbers>,
    links: Arc<MemoryLinks>,
    usage: Arc<MemoryUsage>,
    clock: Arc<ManualClock>,
    operator: Operator,
}

fn world() -> World {
    let (accounts, numbers) = (Arc::<MemoryAccounts>::default(), Arc::<MemoryNumbers>::default());
    let (links, usage) = (Arc::<MemoryLinks>::default(), Arc::<MemoryUsage>::default());
    let clock = Arc::<ManualClock>::default();
    let plans = r#"{"basico":{"media_types":["text"],"workers":1,"sends_per_day":9,"default":true},
        "premium":{"media_types":["text"],"workers":9}}"#;
    let operator = Operator {
        accounts: accounts.clone(),
        numbers: numbers.clone(),
        links: links.clone(),
        usage: usage.clone(),
        plans: Arc::new(Plans::from_json(plans).unwrap()),
        clock: clock.clone(),
        zone: TimeZone::get("America/Sao_Paulo").unwrap(),
        trail: Trail {
            store: Arc::<MemoryAudit>::default(),
            clock: clock.clone(),
            random: Arc::<SeededRandom>::default(),
        },
    };
    World { accounts, numbers, links, usage, clock, operator }
}

fn phone(last: u8) -> Phone {
    format!("551198888{last:04}").parse().unwrap()
}

fn owned(last: u8, role: Role) -> OwnedNumber {
    OwnedNumber { phone: phone(last), role }
}

fn shard() -> Shard {
    Shard::from_stored(3)
}

impl World {
    async fn tenant(&self, id: u8) -> User {
        let tenant = tenant(id, None);
        self.accounts.create(&tenant).await.unwrap();
        tenant
    }

    async fn used(&self, user: &User, day: Date, count: u32) {
        for _ in 0..count {
            assert!(self.usage.count(user.id, day, None).await.unwrap());
        }
    }

    async fn usage(&self, user: &User, from: Option<&str>, to: Option<&str>) -> Result<UsageReport, Code> {
        self.operator.usage(user.id, from, to).await.map_err(|problem| problem.code())
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> Code {
    result.unwrap_err().code()
}

fn plan(name: &str) -> UserChange {
    UserChange { plan: Some(name.into()), ..UserChange::default() }
}

#[tokio::test]
async fn tenants_are_paged_and_each_is_seen_once() {
    let w = world();
    let mut made = Vec::new();
    for id in 1..=5 {
        made.push(w.tenant(id).await);
    }
    made.sort_by_key(|user| user.id);
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let list = w.operator.users(cursor.as_deref(), Some(2)).await.unwrap();
        seen.extend(list.users);
        match list.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, made);
    assert_eq!(w.operator.users(None, None).await.unwrap().users.len(), 5);
    for limit in [0, 101, usize::MAX] {
        assert_eq!(code(w.operator.users(None, Some(limit)).await), Code::InvalidParameter);
    }
    for cursor in ["", "x", &"0".repeat(31), &"0".repeat(33), &"g".repeat(32), "é"] {
        assert_eq!(code(w.operator.users(Some(cursor), None).await), Code::InvalidCursor, "{cursor}");
    }
}

#[tokio::test]
async fn a_tenant_gets_a_plan_and_a_zone() {
    let w = world();
    let ana = w.tenant(1).await;
    let changed = w.operator.change(ana.id, plan("premium")).await.unwrap();
    assert_eq!((changed.plan.as_str(), changed.time_zone), ("premium", None));
    let zone = UserChange { plan: None, time_zone: Some("America/Manaus".parse().unwrap()) };
    let changed = w.operator.change(ana.id, zone.clone()).await.unwrap();
    assert_eq!((changed.plan.as_str(), changed.time_zone), ("premium", zone.time_zone));
    assert_eq!(code(w.operator.change(ana.id, plan("ouro")).await), Code::UnknownPlan);
    assert_eq!(code(w.operator.change(ana.id, UserChange::default()).await), Code::MissingParameter);
    let nobody = tenant(9, None).id;
    assert_eq!(code(w.operator.change(nobody, plan("basico")).await), Code::UserNotFound);
    assert_eq!(code(w.operator.user(nobody).await), Code::UserNotFound);
    assert_eq!(w.operator.user(ana.id).await.unwrap().plan.as_str(), "premium");
}

#[tokio::test]
async fn workers_over_a_smaller_plan_stay_and_no_new_ones_come() {
    let w = world();
    let ana = w.tenant(1).await;
    w.operator.change(ana.id, plan("premium")).await.unwrap();
    let workers = [1, 2, 3].map(|n| NumberChange::Add(owned(n, Role::Worker), shard()));
    w.numbers.apply(ana.id, &workers, 9).await.unwrap();
    let ana = w.operator.change(ana.id, plan("basico")).await.unwrap();
    let usage = w.usage(&ana, None, None).await.unwrap();
    assert_eq!((usage.workers, usage.plan.unwrap().workers), (3, 1));
    for n in [1, 2, 3] {
        assert!(w.numbers.claim(&phone(n)).await.unwrap().is_some(), "it is a worker still");
    }
}

#[tokio::test]
async fn numbers_are_told_with_the_states_of_workers() {
    let w = world();
    let (ana, bia) = (w.tenant(1).await, w.tenant(2).await);
    let wanted = Desired::Connected(PairingMethod::Qr);
    for number in
        [owned(9, Role::Admin), owned(1, Role::Worker), owned(2, Role::Worker), owned(3, Role::Worker)]
    {
        w.numbers.apply(ana.id, &[NumberChange::Add(number, shard())], 9).await.unwrap();
    }
    let at = w.clock.now();
    w.links.want(&phone(1), ana.id, shard(), wanted, at).await.unwrap();
    let banned = LinkReport {
        state: LinkState::Banned,
        reason: Some("WHATSAPP_403".into()),
        qr: None,
        code: None,
        jid: None,
    };
    w.links.report_now(&phone(1), Epoch::FIRST, &banned, at).unwrap();
    w.links.want(&phone(2), bia.id, shard(), wanted, at).await.unwrap();
    let told = w.operator.numbers(ana.id).await.unwrap();
    let states: Vec<_> = told
        .iter()
        .map(|one| (one.number.clone(), one.link.as_ref().map(|link| (link.state, link.since))))
        .collect();
    let expected = [
        (owned(9, Role::Admin), None),
        (owned(1, Role::Worker), Some((LinkState::Banned, Some(at)))),
        (owned(2, Role::Worker), Some((LinkState::Offline, None))),
        (owned(3, Role::Worker), Some((LinkState::Offline, None))),
    ];
    assert_eq!(states, expected, "a former tenant's link is not told");
    assert_eq!(code(w.operator.numbers(tenant(9, None).id).await), Code::UserNotFound);
    w.links.switch.fail();
    assert_eq!(code(w.operator.numbers(ana.id).await), Code::Unavailable);
}

#[tokio::test]
async fn usage_is_told_day_by_day() {
    let w = world();
    let (ana, bia) = (w.tenant(1).await, w.tenant(2).await);
    w.used(&ana, date(2023, 11, 1), 2).await;
    w.used(&ana, date(2023, 11, 3), 5).await;
    w.used(&ana, date(2023, 11, 4), 1).await;
    w.used(&bia, date(2023, 11, 2), 7).await;
    let told = w.usage(&ana, Some("2023-11-01"), Some("03/11/2023")).await.unwrap();
    let days: Vec<_> = told.days.iter().map(|day| (day.day.day(), day.sends)).collect();
    assert_eq!((days, told.sends), (vec![(1, 2), (2, 0), (3, 5)], 7));
    assert_eq!(told.plan.unwrap().sends_per_day, Some(9));
    let one = w.usage(&ana, Some("2023-11-04"), Some("2023-11-04")).await.unwrap();
    assert_eq!(one.sends, 1);
    for (from, to, refusal) in [
        ("2023-11-02", "2023-11-01", Code::InvalidPeriod),
        ("2023-01-01", "2023-04-03", Code::InvalidPeriod),
        ("0001-01-01", "9999-12-31", Code::InvalidPeriod),
        ("ontem", "2023-11-01", Code::InvalidDate),
        ("2023-11-01", "01/11/2023 10:00:00", Code::InvalidDate),
        ("2023-02-30", "2023-11-01", Code::InvalidDate),
    ] {
        assert_eq!(w.usage(&ana, Some(from), Some(to)).await.err(), Some(refusal), "{from} {to}");
    }
    assert_eq!(w.usage(&ana, Some("2023-01-01"), Some("2023-04-02")).await.unwrap().days.len(), 92);
    assert_eq!(w.usage(&tenant(9, None), None, None).await.err(), Some(Code::UserNotFound));
}

#[tokio::test]
async fn without_days_it_is_the_last_thirty_of_the_tenants_calendar() {
    let w = world();
    let ana = w.tenant(1).await;
    // 02:13 UTC of the 15th is the 14th in São Paulo, and the 15th in Lisbon.
    w.clock.advance(SignedDuration::from_hours(4));
    let last = |told: &UsageReport| told.days.last().map(|day| day.day);
    let told = w.usage(&ana, None, None).await.unwrap();
    assert_eq!((told.days.len(), last(&told)), (30, Some(date(2023, 11, 14))));
    let lisbon = UserChange { plan: None, time_zone: Some("Europe/Lisbon".parse().unwrap()) };
    w.operator.change(ana.id, lisbon).await.unwrap();
    assert_eq!(last(&w.usage(&ana, None, None).await.unwrap()), Some(date(2023, 11, 15)));
    let since = w.usage(&ana, Some("2023-11-10"), None).await.unwrap();
    assert_eq!((since.days.len(), last(&since)), (6, Some(date(2023, 11, 15))));
    let until = w.usage(&ana, None, Some("2023-10-10")).await.unwrap();
    assert_eq!((until.days.len(), last(&until)), (30, Some(date(2023, 10, 10))));
    let ahead = w.usage(&ana, Some("2023-12-01"), None).await.unwrap();
    assert_eq!(ahead.days.len(), 1, "a day that has not come has no sends yet");
}

#[tokio::test]
async fn a_plan_that_is_no_more_has_no_limits_to_tell() {
    let w = world();
    let old = User { plan: crate::plan::PlanName::from_stored("antigo".into()), ..tenant(1, None) };
    w.accounts.create(&old).await.unwrap();
    assert_eq!(w.usage(&old, None, None).await.unwrap().plan, None);
}

proptest! {
    #[test]
    fn any_texts_are_days_or_refused(from in ".{0,12}", to in "[0-9/-]{0,12}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let w = world();
            let ana = w.tenant(1).await;
            match w.usage(&ana, Some(&from), Some(&to)).await {
                Ok(told) => prop_assert!((1..=92).contains(&told.days.len())),
                Err(code) => prop_assert!(matches!(code, Code::InvalidDate | Code::InvalidPeriod)),
            }
            Ok(())
        })?;
    }
}
