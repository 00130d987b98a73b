//! Tests of the report.

mod large;

use super::{Report, ReportPage, ReportRequest, Reported};
use crate::error::{Code, Problem};
use crate::ports::Sends;
use crate::report::{CursorKey, CursorKeys};
use crate::send::{Failure, Send, Step};
use crate::testing::{MemoryExportQueue, MemoryExports};
use crate::usecase::fixture::{World, tenant, worker};
use crate::user::User;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn sao_paulo() -> TimeZone {
    TimeZone::get("America/Sao_Paulo").unwrap()
}

fn keys() -> CursorKeys {
    CursorKeys::new(CursorKey::derive(b"a secret of the tests"), [])
}

fn report(world: &World) -> Report {
    let (exports, queue) = (Arc::new(MemoryExports::default()), Arc::new(MemoryExportQueue::default()));
    Report::new(world.sends.clone(), exports, queue, world.clock.clone(), sao_paulo())
}

fn of_worker() -> ReportRequest {
    ReportRequest { from_number: Some(worker().to_string()), ..ReportRequest::default() }
}

async fn run_as(world: &World, user: &User, request: &ReportRequest) -> Result<ReportPage, Problem> {
    match report(world).run(user, request, &keys()).await? {
        Reported::Page(page) => Ok(page),
        _ => panic!("a page was asked for"),
    }
}

async fn run(world: &World, request: &ReportRequest) -> Result<ReportPage, Problem> {
    run_as(world, &world.tenant, request).await
}

async fn code(world: &World, request: ReportRequest) -> Option<Code> {
    run(world, &request).await.err().map(|problem| problem.code())
}

fn texts(reported: &ReportPage) -> Vec<Value> {
    let items = serde_json::to_value(&reported.items).unwrap();
    items.as_array().unwrap().iter().map(|item| item["message"].clone()).collect()
}

/// Accepts that many sends, one each minute.
async fn send(world: &World, count: usize) -> Vec<Send> {
    let mut sends = Vec::new();
    for n in 0..count {
        sends.push(world.accept(&format!("texto {n}"), None).await.unwrap().send);
        world.clock.advance(SignedDuration::from_secs(60));
    }
    sends
}

#[tokio::test]
async fn an_item_tells_what_became_of_a_send() {
    let world = World::new().await;
    let sends = send(&world, 2).await;
    let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
    for (step, second) in [
        (Step::Take("551188887777@s.whatsapp.net".into()), 1),
        (Step::Acknowledge, 2),
        (Step::Deliver, 3),
        (Step::Read, 60),
    ] {
        world.sends.apply(sends[0].id, &step, at(second)).await.unwrap();
    }
    world.sends.apply(sends[1].id, &Step::Fail(Failure::Refused(463)), at(61)).await.unwrap();
    let reported = run(&world, &of_worker()).await.unwrap();
    assert_eq!((reported.number, reported.next_cursor), (worker(), None));
    let common = json!({ "from_number": "5511988887777", "to_number": "5511966665555", "message_type": "text", "waiting": null, "date_time_scheduled": null });
    let with = |mut item: Value| {
        item.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
        item
    };
    assert_eq!(
        serde_json::to_value(&reported.items).unwrap(),
        json!([
            with(json!({
                "send_id": sends[0].id.to_string(), "message": "texto 0", "status": "lido", "error_code": null,
                "reason": null, "date_time_queue": "14/11/2023, 19:13:20", "date_time_send": "14/11/2023, 19:13:22",
                "date_time_delivered": "14/11/2023, 19:13:23", "date_time_read": "14/11/2023, 19:14:20",
                "date_time_expires": "15/11/2023, 19:13:20"
            })),
            with(json!({
                "send_id": sends[1].id.to_string(), "message": "texto 1", "status": "falha",
                "error_code": "WHATSAPP_463", "reason": Failure::Refused(463).to_string(),
                "date_time_queue": "14/11/2023, 19:14:20", "date_time_send": null,
                "date_time_delivered": null, "date_time_read": null, "date_time_expires": "15/11/2023, 19:14:20"
            })),
        ])
    );
}

#[tokio::test]
async fn the_period_decides_and_a_removed_workers_past_stays() {
    let world = World::new().await;
    send(&world, 3).await;
    world.remove_worker().await;
    let between = |init: &str, end: &str| ReportRequest {
        init_time: Some(init.into()),
        end_time: Some(end.into()),
        ..of_worker()
    };
    for (request, expected) in [
        (between("14/11/2023", "14/11/2023"), 3),
        (between("2023-11-14", "2023-11-14"), 3),
        (between("14/11/2023 19:14:20", "14/11/2023 19:14:20"), 1),
        (between("14/11/2023 19:14:21", "14/11/2023 20:00:00"), 1),
        (between("15/11/2023", "16/11/2023"), 0),
    ] {
        assert_eq!(run(&world, &request).await.unwrap().items.len(), expected, "{request:?}");
    }
    world.clock.advance(SignedDuration::from_hours(31 * 24));
    assert!(run(&world, &of_worker()).await.unwrap().items.is_empty(), "only 30 days, when nothing is said");
}

#[tokio::test]
async fn another_tenant_and_another_number_see_nothing() {
    let world = World::new().await;
    send(&world, 1).await;
    let other = run_as(&world, &tenant(2, "premium"), &of_worker()).await.unwrap();
    assert!(other.items.is_empty());
    let unknown = ReportRequest { from_number: Some("5521900000000".into()), ..of_worker() };
    assert!(run(&world, &unknown).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn refuses_what_it_cannot_read() {
    let world = World::new().await;
    let of = |change: fn(&mut ReportRequest)| {
        let mut request = of_worker();
        change(&mut request);
        request
    };
    for (request, expected) in [
        (ReportRequest::default(), Code::MissingParameter),
        (of(|r| r.from_number = Some("123".into())), Code::InvalidPhone),
        (of(|r| r.init_time = Some("ontem".into())), Code::InvalidDate),
        (of(|r| r.end_time = Some("x".into())), Code::InvalidDate),
        (of(|r| r.init_time = Some("01/01/2999".into())), Code::InvalidPeriod),
        (of(|r| r.limit = Some("0".into())), Code::InvalidParameter),
        (of(|r| r.limit = Some("1001".into())), Code::InvalidParameter),
        (of(|r| r.limit = Some("-1".into())), Code::InvalidParameter),
        (of(|r| r.cursor = Some("abcd".into())), Code::InvalidCursor),
        (of(|r| r.format = Some("xml".into())), Code::InvalidParameter),
        (of(|r| r.summary = Some("sim".into())), Code::InvalidParameter),
        (of(|r| (r.format, r.summary) = (Some("csv".into()), Some("true".into()))), Code::InvalidParameter),
        (of(|r| (r.format, r.cursor) = (Some("csv".into()), Some("ab".into()))), Code::InvalidParameter),
        (of(|r| (r.format, r.limit) = (Some("csv".into()), Some("9".into()))), Code::InvalidParameter),
        (of(|r| (r.summary, r.limit) = (Some("true".into()), Some("9".into()))), Code::InvalidParameter),
        (of(|r| (r.format, r.separator) = (Some("csv".into()), Some(";".into()))), Code::InvalidParameter),
        (of(|r| r.separator = Some("comma".into())), Code::InvalidParameter),
    ] {
        assert_eq!(code(&world, request.clone()).await, Some(expected), "{request:?}");
    }
    world.sends.switch.fail();
    assert_eq!(code(&world, of_worker()).await, Some(Code::Unavailable));
}

#[tokio::test]
async fn a_cursor_goes_on_where_its_report_was_and_nowhere_else() {
    let world = World::new().await;
    send(&world, 3).await;
    let first =
        ReportRequest { limit: Some("2".into()), init_time: Some("14/11/2023".into()), ..of_worker() };
    let page = run(&world, &first).await.unwrap();
    assert_eq!(texts(&page), ["texto 0", "texto 1"]);
    let next = ReportRequest { cursor: page.next_cursor, ..first };
    // A day later "today" is another day, yet the report is the same.
    world.clock.advance(SignedDuration::from_hours(24));
    for request in [next.clone(), ReportRequest { init_time: None, ..next.clone() }] {
        let page = run(&world, &request).await.unwrap();
        assert_eq!((texts(&page), page.next_cursor), (vec![json!("texto 2")], None));
    }
    let elsewhere = ReportRequest { init_time: Some("13/11/2023".into()), ..next.clone() };
    assert_eq!(code(&world, elsewhere).await, Some(Code::InvalidCursor));
    let elsewhere = ReportRequest { end_time: Some("14/11/2023 19:15:00".into()), ..next.clone() };
    assert_eq!(code(&world, elsewhere).await, Some(Code::InvalidCursor));
    let elsewhere = ReportRequest { from_number: Some("5521900000000".into()), ..next.clone() };
    assert_eq!(code(&world, elsewhere).await, Some(Code::InvalidCursor));
    let stolen = run_as(&world, &tenant(2, "premium"), &next).await.err().unwrap();
    assert_eq!(stolen.code(), Code::InvalidCursor);
}

#[tokio::test]
async fn a_tenants_own_zone_decides_what_a_day_is() {
    let world = World::new().await;
    send(&world, 1).await;
    // 22:13:20 UTC is the next day in Auckland.
    let user = User { time_zone: Some("Pacific/Auckland".parse().unwrap()), ..world.tenant.clone() };
    for (day, expected) in [("14/11/2023", 0), ("15/11/2023", 1)] {
        let request =
            ReportRequest { init_time: Some(day.into()), end_time: Some(day.into()), ..of_worker() };
        let page = run_as(&world, &user, &request).await.unwrap();
        assert_eq!(page.items.len(), expected, "{day}");
        for item in serde_json::to_value(&page.items).unwrap().as_array().unwrap() {
            assert_eq!(item["date_time_queue"], "15/11/2023, 11:13:20");
        }
    }
}

#[tokio::test]
async fn blank_parameters_are_as_good_as_none() {
    let world = World::new().await;
    send(&world, 1).await;
    let blank = || Some(" ".to_owned());
    let request = ReportRequest {
        init_time: blank(),
        end_time: blank(),
        limit: blank(),
        cursor: blank(),
        format: blank(),
        separator: blank(),
        summary: blank(),
        ..of_worker()
    };
    assert_eq!(run(&world, &request).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn an_answer_stays_below_what_a_function_may_answer() {
    let world = World::new().await;
    // A control character takes six bytes in JSON.
    let longest = format!("x{}", "\u{1}".repeat(65_535));
    for _ in 0..25 {
        world.accept(&longest, None).await.unwrap();
        world.clock.advance(SignedDuration::from_secs(1));
    }
    let mut request = of_worker();
    let mut seen = 0;
    loop {
        let page = run(&world, &request).await.unwrap();
        assert!(serde_json::to_vec(&page.items).unwrap().len() < 5_000_000);
        seen += page.items.len();
        match page.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(seen, 25);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn pages_of_any_size_make_up_the_whole(count in 0usize..250, limit in 1usize..=300) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let world = World::new().await;
            send(&world, count).await;
            let mut request = ReportRequest { limit: Some(limit.to_string()), ..of_worker() };
            let mut seen = Vec::new();
            loop {
                let page = run(&world, &request).await.unwrap();
                assert!(page.items.len() <= limit);
                seen.extend(texts(&page));
                match page.next_cursor {
                    Some(cursor) => request.cursor = Some(cursor),
                    None => break,
                }
            }
            assert_eq!(seen, (0..count).map(|n| json!(format!("texto {n}"))).collect::<Vec<_>>());
        });
    }
}
