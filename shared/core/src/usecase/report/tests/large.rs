//! Reports that are too much for one answer.

use super::{keys, sao_paulo};
use crate::error::Problem;
use crate::ids::ExportId;
use crate::ports::{Clock, Exports};
use crate::report::{Export, ExportFailure, ExportForm, ExportState, Item};
use crate::testing::{LongHistory, ManualClock, MemoryExportQueue, MemoryExports, tenant};
use crate::usecase::{Report, ReportRequest, Reported};
use crate::user::User;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

struct World {
    history: Arc<LongHistory>,
    exports: Arc<MemoryExports>,
    queue: Arc<MemoryExportQueue>,
    clock: Arc<ManualClock>,
    report: Report,
}

impl World {
    /// So many sends, a second apart, up to now.
    fn new(count: usize, page_takes: SignedDuration) -> Self {
        let clock: Arc<ManualClock> = Arc::default();
        let step = SignedDuration::from_secs(1);
        let first = Timestamp::from_second(1_700_000_000 - count as i64).unwrap();
        let number = "5511988887777".parse().unwrap();
        let history = Arc::new(LongHistory::new(number, count, first, step, clock.clone(), page_takes));
        let (exports, queue): (Arc<MemoryExports>, Arc<MemoryExportQueue>) = Default::default();
        let report = Report::new(history.clone(), exports.clone(), queue.clone(), clock.clone(), sao_paulo());
        Self { history, exports, queue, clock, report }
    }

    async fn ask(&self, user: &User, change: fn(&mut ReportRequest)) -> Result<Reported, Problem> {
        let mut request =
            ReportRequest { from_number: Some("5511988887777".into()), ..ReportRequest::default() };
        change(&mut request);
        self.report.run(user, &request, &keys()).await
    }

    async fn csv(&self) -> Reported {
        self.ask(&tenant(1, None), |r| r.format = Some("csv".into())).await.unwrap()
    }

    async fn summary(&self) -> Reported {
        self.ask(&tenant(1, None), |r| r.summary = Some("true".into())).await.unwrap()
    }

    fn pushed(&self) -> Vec<(ExportId, Duration)> {
        self.queue.take()
    }
}

fn export(reported: Reported) -> Export {
    match reported {
        Reported::Export(export) => *export,
        _ => panic!("it is too much for an answer"),
    }
}

const NO_TIME: SignedDuration = SignedDuration::ZERO;

#[tokio::test]
async fn a_small_csv_is_answered_at_once() {
    for count in [0, 1, 250, 5_000] {
        let world = World::new(count, NO_TIME);
        let Reported::Csv { number, name, text } = world.csv().await else { panic!("{count} are few") };
        assert_eq!((number, name.as_str()), (world.history.number.clone(), "envios-5511988887777.csv"));
        let text = String::from_utf8(text).unwrap();
        let mut lines = text.split_terminator("\r\n");
        assert_eq!(lines.next().unwrap().trim_start_matches('\u{feff}'), Item::FIELDS.join(";"));
        let mut rows = 0;
        for (place, line) in lines.enumerate() {
            assert!(line.contains(&format!("\"envio {place};\"\"olá\"\"\"")), "{line}");
            rows += 1;
        }
        assert_eq!((rows, world.history.largest_page()), (count, 100));
        assert!(world.exports.all().is_empty() && world.pushed().is_empty());
    }
}

#[tokio::test]
async fn more_rows_more_bytes_or_more_time_become_an_export() {
    for (count, page_takes) in [(5_001, NO_TIME), (1_000_000, NO_TIME), (900, SignedDuration::from_secs(1))] {
        let world = World::new(count, page_takes);
        let asked_at = Clock::now(&*world.clock);
        let export = export(world.csv().await);
        assert_eq!((export.state, export.progress.rows), (ExportState::Queued, 0));
        assert!(export.created_at >= asked_at && export.subject.period.to <= export.created_at);
        assert_eq!(world.exports.all(), std::slice::from_ref(&export));
        assert_eq!(world.pushed(), [(export.id, Duration::ZERO)]);
    }
}

#[tokio::test]
async fn asking_again_has_it_written_once() {
    let world = World::new(6_000, NO_TIME);
    let first = export(world.csv().await);
    assert_eq!(world.pushed().len(), 1);
    assert_eq!(export(world.csv().await), first);
    assert!(world.pushed().is_empty());
    // Should the first push have been lost, a later one mends it.
    world.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(export(world.csv().await).id, first.id);
    assert_eq!(world.pushed(), [(first.id, Duration::ZERO)]);
    let commas = |r: &mut ReportRequest| {
        r.format = Some("csv".into());
        r.separator = Some("comma".into());
    };
    assert_ne!(export(world.ask(&tenant(1, None), commas).await.unwrap()).id, first.id);
}

#[tokio::test]
async fn one_that_failed_is_begun_anew() {
    let world = World::new(6_000, NO_TIME);
    let mut failed = export(world.csv().await);
    failed.state = ExportState::Failed(ExportFailure::GaveUp);
    failed.attempts = 9;
    assert!(world.exports.save(&mut failed).await.unwrap());
    world.pushed();
    let again = export(world.csv().await);
    assert_eq!((again.id, again.state, again.attempts), (failed.id, ExportState::Queued, 0));
    assert_eq!(world.exports.all(), [again]);
    assert_eq!(world.pushed().len(), 1);
}

#[tokio::test]
async fn a_summary_counts_by_status_and_day() {
    let world = World::new(2_500, NO_TIME);
    let Reported::Summary(summary) = world.summary().await else { panic!("2,500 are few") };
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!((json["total"].clone(), json["from_number"].clone()), (json!(2_500), json!("5511988887777")));
    assert_eq!(
        (json["init_time"].clone(), json["end_time"].clone()),
        (json!("15/10/2023, 00:00:00"), json!("14/11/2023, 23:59:59"))
    );
    let days: Vec<&Value> = json["by_day"].as_array().unwrap().iter().collect();
    assert_eq!(days.len(), 1);
    for (place, status) in crate::send::Status::ALL.iter().enumerate() {
        let expected = (0..2_500).filter(|n| n % 7 == place).count();
        assert_eq!(json["by_status"][status.as_str()], json!(expected));
        assert_eq!(days[0]["by_status"][status.as_str()], json!(expected));
    }
    assert_eq!(world.history.largest_page(), 1_000);
    assert!(world.exports.all().is_empty());
}

#[tokio::test]
async fn a_large_summary_becomes_an_export_that_goes_on_where_it_was() {
    let fits = World::new(50_000, NO_TIME);
    assert!(matches!(fits.summary().await, Reported::Summary(_)));
    for (count, page_takes, counted) in
        [(50_001, NO_TIME, 50_000), (30_000, SignedDuration::from_secs(1), 8_000)]
    {
        let world = World::new(count, page_takes);
        let export = export(world.summary().await);
        assert_eq!((export.form, export.progress.rows), (ExportForm::Summary, counted));
        assert_eq!(export.progress.tally.total(), counted);
        assert!(export.progress.after.is_some() && !export.progress.read_all);
        assert_eq!(world.pushed().len(), 1);
    }
}

#[tokio::test]
async fn an_outage_is_an_error_and_leaves_nothing_that_is_not_mended() {
    let world = World::new(6_000, NO_TIME);
    world.queue.switch.fail();
    let asked = world.ask(&tenant(1, None), |r| r.format = Some("csv".into())).await;
    assert_eq!(asked.err().map(|p| p.code()), Some(crate::error::Code::Unavailable));
    world.queue.switch.recover();
    world.clock.advance(SignedDuration::from_secs(60));
    let export = export(world.csv().await);
    assert_eq!(world.pushed(), [(export.id, Duration::ZERO)]);
    for switch in [&world.history.switch, &world.exports.switch] {
        switch.fail();
        let asked = world.ask(&tenant(2, None), |r| r.summary = Some("true".into())).await;
        assert_eq!(asked.err().map(|p| p.code()), Some(crate::error::Code::Unavailable));
        switch.recover();
    }
}

#[tokio::test]
async fn another_tenant_gets_none_of_it() {
    let world = World::new(6_000, NO_TIME);
    let asked = world.ask(&tenant(2, None), |r| r.format = Some("csv".into())).await.unwrap();
    let Reported::Csv { text, .. } = asked else { panic!("it has no sends") };
    assert_eq!(String::from_utf8(text).unwrap().lines().count(), 1);
}
