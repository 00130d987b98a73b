//! Exports that are written whatever happens on the way.

use super::{ATTEMPTS, FindExport, Ran, WriteExport};
use crate::error::Code;
use crate::ids::{ExportId, UserId};
use crate::object::ObjectKey;
use crate::ports::{Exports, SendHistory};
use crate::report::{CsvText, Export, ExportFailure, ExportForm, ExportState, Item, Separator, Tally};
use crate::testing::{
    LongHistory, ManualClock, MemoryExportQueue, MemoryExports, MemoryObjectParts, MemoryObjects, Trouble,
    Troubled, Troubles,
};
use crate::usecase::Summary;
use crate::usecase::background::{LEASE, RESTARTS};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::sync::Arc;

const CSV: ExportForm = ExportForm::Csv(Separator::Semicolon);
const NO_TIME: SignedDuration = SignedDuration::ZERO;

struct World {
    history: Arc<LongHistory>,
    exports: Arc<MemoryExports>,
    queue: Arc<MemoryExportQueue>,
    parts: Arc<MemoryObjectParts>,
    objects: Arc<MemoryObjects>,
    clock: Arc<ManualClock>,
    troubles: Arc<Troubles>,
    write: WriteExport,
    id: ExportId,
}

fn sao_paulo() -> TimeZone {
    TimeZone::get("America/Sao_Paulo").unwrap()
}

impl World {
    /// An export of so many sends, in parts of 10,000 bytes, which are about 60 rows.
    async fn new(count: usize, page_takes: SignedDuration, form: ExportForm) -> Self {
        let clock: Arc<ManualClock> = Arc::default();
        let first = Timestamp::from_second(1_600_000_000).unwrap();
        let (number, step) = ("5511988887777".parse().unwrap(), SignedDuration::from_secs(1));
        let history = Arc::new(LongHistory::new(number, count, first, step, clock.clone(), page_takes));
        let (exports, queue, objects, troubles): (
            Arc<MemoryExports>,
            Arc<MemoryExportQueue>,
            Arc<MemoryObjects>,
            Arc<Troubles>,
        ) = Default::default();
        let parts = Arc::new(MemoryObjectParts::new(objects.clone()).with_small_parts());
        let write = WriteExport::new(
            Arc::new(Troubled::new(history.clone(), troubles.clone())),
            Arc::new(Troubled::new(exports.clone(), troubles.clone())),
            Arc::new(Troubled::new(queue.clone(), troubles.clone())),
            Arc::new(Troubled::new(parts.clone(), troubles.clone())),
            Arc::new(Troubled::new(objects.clone(), troubles.clone())),
            clock.clone(),
        );
        let id = ExportId::from_random([9; 16]);
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let export = Export::new(id, history.subject(), sao_paulo(), form, now);
        exports.create(&export).await.unwrap();
        let write = write.with_parts_of(10_000);
        Self { history, exports, queue, parts, objects, clock, troubles, write, id }
    }

    async fn export(&self) -> Export {
        self.exports.find(self.id).await.unwrap().unwrap()
    }

    /// What the queue and its function do: the export comes again while a message of it is there.
    async fn run_until_over(&self) -> usize {
        for runs in 1..200 {
            let ran = self.write.run(self.id).await;
            let died = self.troubles.revive();
            let pushed = self.queue.take();
            match ran {
                Ok(Ran::Ready(_) | Ran::Failed(_) | Ran::Nothing) if !died => return runs,
                Ok(Ran::GoesOn(_) | Ran::Postponed(_)) if !died => {
                    let Some((_, delay)) = pushed.first() else { panic!("nothing would go on with it") };
                    self.clock.advance((*delay).try_into().unwrap());
                }
                // The message was not deleted: it comes again when its time is over.
                _ => self.clock.advance(SignedDuration::from_secs(360)),
            }
        }
        panic!("it is never over")
    }

    fn file(&self) -> String {
        let key = ObjectKey::export(self.history.user, self.id);
        let (bytes, content_type) = self.objects.peek(&key).unwrap();
        assert_eq!(content_type, "text/csv; charset=utf-8");
        String::from_utf8(bytes.into()).unwrap()
    }

    /// The file as it must be.
    async fn expected(&self) -> String {
        let mut text = CsvText::with_header(Separator::Semicolon);
        let mut after = None;
        loop {
            let page = self.history.page(&self.history.subject(), after.as_ref(), 500).await.unwrap();
            for send in &page.sends {
                text.push(&Item::new(send, &sao_paulo()));
            }
            after = page.next;
            if after.is_none() {
                return String::from_utf8(text.take()).unwrap();
            }
        }
    }

    async fn is_right(&self, count: usize) {
        let export = self.export().await;
        assert_eq!((export.state, export.progress.rows), (ExportState::Ready, count as u64));
        assert!(self.file() == self.expected().await, "the file is not the report");
        assert_eq!((export.busy_until, export.progress.upload, export.progress.parts.len()), (None, None, 0));
    }
}

#[tokio::test]
async fn a_file_has_every_row_once_and_in_order() {
    for count in [0, 1, 60, 500, 501, 1_500] {
        let world = World::new(count, NO_TIME, CSV).await;
        assert_eq!(world.write.run(world.id).await, Ok(Ran::Ready(count as u64)));
        world.is_right(count).await;
        assert_eq!((world.parts.under_way(), world.queue.take().len()), (0, 0));
        assert_eq!(world.write.run(world.id).await, Ok(Ran::Nothing), "it is over");
    }
}

#[tokio::test]
async fn a_run_hands_over_when_its_time_is_over() {
    // A page takes 100 s, a run lasts 180 s.
    let world = World::new(2_200, SignedDuration::from_secs(100), CSV).await;
    assert_eq!(world.write.run(world.id).await, Ok(Ran::GoesOn(world.export().await.progress.rows)));
    assert!(world.export().await.progress.rows > 500);
    assert_eq!(world.run_until_over().await, 4);
    world.is_right(2_200).await;
    // One page takes longer than a run and its grace: there is no getting further, and it ends some time.
    let world = World::new(20, SignedDuration::from_secs(240), CSV).await;
    world.run_until_over().await;
    world.is_right(20).await;
    let world = World::new(900, SignedDuration::from_secs(240), CSV).await.with_large_parts();
    assert_eq!(world.run_until_over().await, ATTEMPTS as usize + 1);
    assert_eq!(world.export().await.state, ExportState::Failed(ExportFailure::GaveUp));
}

impl World {
    fn with_large_parts(self) -> Self {
        Self { write: self.write.with_parts_of(1 << 20), ..self }
    }
}

/// Every call of a whole export meets every trouble.
#[tokio::test]
async fn whatever_call_fails_or_kills_a_run_the_file_is_right() {
    for form in [CSV, ExportForm::Summary] {
        let whole = World::new(160, NO_TIME, form).await;
        whole.run_until_over().await;
        let calls = whole.troubles.calls();
        assert!(calls >= 5, "{calls} calls");
        for (call, trouble) in (0..calls).flat_map(|call| Trouble::ALL.map(|trouble| (call, trouble))) {
            let world = World::new(160, NO_TIME, form).await;
            world.troubles.plan(call, trouble);
            world.run_until_over().await;
            let export = world.export().await;
            assert_eq!(
                (export.state, export.progress.rows),
                (ExportState::Ready, 160),
                "{trouble:?} at {call}"
            );
            if form == CSV {
                assert!(world.file() == world.expected().await, "{trouble:?} at {call}");
                // The one upload that may be left is one whose id never came back; the bucket's lifecycle ends it.
                assert!(world.parts.under_way() <= 1, "{trouble:?} at {call}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_happens_and_however_often_the_file_is_right_or_the_export_says_it_failed(
        count in 0usize..900,
        seconds in 0i64..120,
        troubles in prop::collection::vec((0usize..120, prop::sample::select(Trouble::ALL.to_vec())), 0..40),
    ) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let world = World::new(count, SignedDuration::from_secs(seconds), CSV).await;
            for (call, trouble) in troubles {
                world.troubles.plan(call, trouble);
            }
            world.run_until_over().await;
            let export = world.export().await;
            if export.state == ExportState::Failed(ExportFailure::GaveUp) {
                assert!(export.attempts > ATTEMPTS);
            } else {
                world.is_right(count).await;
            }
        });
    }
}

#[tokio::test]
async fn parts_that_were_lost_are_written_again_a_few_times() {
    let world = World::new(700, SignedDuration::from_secs(200), CSV).await;
    for restart in 1..=RESTARTS {
        assert!(matches!(world.write.run(world.id).await, Ok(Ran::GoesOn(rows)) if rows > 0));
        world.parts.lose();
        assert_eq!(world.write.run(world.id).await, Ok(Ran::GoesOn(0)));
        assert_eq!(world.export().await.restarts, restart);
    }
    assert!(matches!(world.write.run(world.id).await, Ok(Ran::GoesOn(rows)) if rows > 0));
    world.parts.lose();
    assert_eq!(world.write.run(world.id).await, Ok(Ran::Failed(ExportFailure::GaveUp)));
    let world = World::new(700, SignedDuration::from_secs(200), CSV).await;
    world.write.run(world.id).await.unwrap();
    world.parts.lose();
    world.run_until_over().await;
    world.is_right(700).await;
}

#[tokio::test]
async fn one_run_at_a_time() {
    let world = World::new(100, NO_TIME, CSV).await;
    let mut taken = world.export().await;
    taken.busy_until = Some(Timestamp::from_second(1_700_000_000).unwrap() + LEASE);
    assert!(world.exports.save(&mut taken).await.unwrap());
    assert_eq!(world.write.run(world.id).await, Ok(Ran::Busy));
    world.clock.advance(LEASE);
    assert_eq!(world.write.run(world.id).await, Ok(Ran::Ready(100)));
    assert_eq!(world.write.run(ExportId::from_random([0; 16])).await, Ok(Ran::Nothing));
}

#[tokio::test]
async fn an_outage_postpones_and_then_fails_and_leaves_no_parts() {
    let world = World::new(700, SignedDuration::from_secs(200), CSV).await;
    world.write.run(world.id).await.unwrap();
    world.queue.take();
    assert_eq!(world.parts.under_way(), 1);
    world.history.switch.fail();
    let mut delays = Vec::new();
    let ran = loop {
        match world.write.run(world.id).await.unwrap() {
            Ran::Postponed(_) => {
                delays.extend(world.queue.take().into_iter().map(|(_, delay)| delay.as_secs()))
            }
            other => break other,
        }
    };
    assert_eq!(ran, Ran::Failed(ExportFailure::GaveUp));
    assert_eq!(delays, [15, 30, 60, 120, 240, 480, 900, 900]);
    assert_eq!(world.parts.under_way(), 0);
}

#[tokio::test]
async fn a_summary_counts_what_there_is() {
    // 1,000 are counted at a time.
    let world = World::new(3_500, SignedDuration::from_secs(100), ExportForm::Summary).await;
    assert_eq!(world.run_until_over().await, 2);
    let mut tally = Tally::default();
    let subject = world.history.subject();
    for place in 0..3_500 {
        let at = subject.period.from + SignedDuration::from_secs(place as i64);
        tally.add(at, LongHistory::status(place), &sao_paulo());
    }
    let (json, content_type) = world.objects.peek(&world.export().await.object()).unwrap();
    assert_eq!(content_type, "application/json");
    let expected = serde_json::to_vec(&Summary::new(&subject, &sao_paulo(), tally)).unwrap();
    assert_eq!(json, expected);
    assert_eq!(world.export().await.progress.rows, 3_500);
}

#[tokio::test]
async fn a_tenant_finds_its_own_exports_and_no_others() {
    let world = World::new(100, NO_TIME, CSV).await;
    let find = FindExport::new(world.exports.clone(), world.objects.clone(), world.clock.clone());
    let own = world.history.user;
    let json = serde_json::to_value(find.run(own, world.id).await.ok().unwrap()).unwrap();
    assert_eq!((json["status"].clone(), json["url"].clone()), ("na fila".into(), serde_json::Value::Null));
    world.write.run(world.id).await.unwrap();
    let json = serde_json::to_value(find.run(own, world.id).await.ok().unwrap()).unwrap();
    assert_eq!(json["status"], "pronto");
    assert_eq!(json["rows"], 100);
    let url = format!("https://objects.example.com/exports/{own}/{}?life=900", world.id);
    assert_eq!(json["url"], url);
    assert_eq!(json["status_url"], format!("/v2/reports/exports/{}", world.id));
    for (user, id) in [(UserId::from_random([2; 16]), world.id), (own, ExportId::from_random([0; 16]))] {
        assert_eq!(find.run(user, id).await.err().map(|p| p.code()), Some(Code::ExportNotFound));
    }
    world.clock.advance(Export::KEPT);
    assert_eq!(find.run(own, world.id).await.err().map(|p| p.code()), Some(Code::ExportNotFound));
}
