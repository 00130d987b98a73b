//! Batches of the queue, over ports in memory.

use crate::handler::handle;
use aws_lambda_events::sqs::SqsEvent;
use carteiro_core::ids::ExportId;
use carteiro_core::ports::Exports;
use carteiro_core::report::{Export, ExportForm, ExportState, Separator};
use carteiro_core::testing::{
    LongHistory, ManualClock, MemoryExportQueue, MemoryExports, MemoryObjectParts, MemoryObjects,
};
use carteiro_core::usecase::WriteExport;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

struct Function {
    write: WriteExport,
    exports: Arc<MemoryExports>,
    queue: Arc<MemoryExportQueue>,
    objects: Arc<MemoryObjects>,
    history: Arc<LongHistory>,
}

fn sample() -> (Value, ExportId) {
    let event: Value = serde_json::from_str(include_str!("../../../events/exports.json")).unwrap();
    let body: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let id = body["export_id"].as_str().unwrap().parse().unwrap();
    (event, id)
}

impl Function {
    fn new(page_takes: SignedDuration) -> Self {
        let clock: Arc<ManualClock> = Arc::default();
        let (exports, queue, objects): (Arc<MemoryExports>, Arc<MemoryExportQueue>, Arc<MemoryObjects>) =
            Default::default();
        let (number, first) =
            ("5511999999999".parse().unwrap(), Timestamp::from_second(1_600_000_000).unwrap());
        let step = SignedDuration::from_secs(1);
        let history = Arc::new(LongHistory::new(number, 700, first, step, clock.clone(), page_takes));
        let parts = Arc::new(MemoryObjectParts::new(objects.clone()));
        let write =
            WriteExport::new(history.clone(), exports.clone(), queue.clone(), parts, objects.clone(), clock);
        Self { write, exports, queue, objects, history }
    }

    async fn add(&self, id: ExportId) -> Export {
        let (zone, form) = (TimeZone::UTC, ExportForm::Csv(Separator::Semicolon));
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let export = Export::new(id, self.history.subject(), zone, form, now);
        assert_eq!(self.exports.create(&export).await, Ok(None));
        export
    }

    async fn state(&self, id: ExportId) -> ExportState {
        self.exports.find(id).await.unwrap().unwrap().state
    }

    /// The ids of the messages that must come again.
    async fn run(&self, event: &Value) -> Vec<String> {
        let event: SqsEvent = serde_json::from_value(event.clone()).unwrap();
        let answer = carteiro_queue::standard(&event, |wanted| handle(&self.write, wanted)).await.unwrap();
        answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }
}

#[tokio::test]
async fn handles_the_sample_event() {
    let function = Function::new(SignedDuration::ZERO);
    let (event, id) = sample();
    let export = function.add(id).await;
    assert!(function.run(&event).await.is_empty());
    assert_eq!(function.state(id).await, ExportState::Ready);
    let (bytes, _) = function.objects.peek(&export.object()).unwrap();
    assert_eq!(String::from_utf8(bytes.into()).unwrap().matches("\r\n").count(), 701);
    assert!(function.run(&event).await.is_empty(), "it may come twice");
}

#[tokio::test]
async fn an_unknown_export_and_a_broken_body() {
    let function = Function::new(SignedDuration::ZERO);
    let (mut event, _) = sample();
    assert!(function.run(&event).await.is_empty(), "it is gone, and so is its message");
    event["Records"][0]["body"] = json!("{\"export_id\":\"segredo\"}");
    assert_eq!(function.run(&event).await.len(), 1);
}

#[tokio::test]
async fn a_message_of_an_export_that_another_run_is_at_comes_again() {
    let function = Function::new(SignedDuration::ZERO);
    let (event, id) = sample();
    let mut export = function.add(id).await;
    export.busy_until = Some(Timestamp::from_second(1_700_000_060).unwrap());
    assert_eq!(function.exports.save(&mut export).await, Ok(true));
    assert_eq!(function.run(&event).await.len(), 1);
    function.exports.switch.fail();
    assert_eq!(function.run(&event).await.len(), 1);
}

#[tokio::test]
async fn an_outage_of_the_sends_postpones_it() {
    let function = Function::new(SignedDuration::ZERO);
    let (event, id) = sample();
    function.add(id).await;
    function.history.switch.fail();
    assert!(function.run(&event).await.is_empty());
    assert_eq!(function.state(id).await, ExportState::Processing);
    assert_eq!(function.queue.take().len(), 1);
    function.history.switch.recover();
    assert!(function.run(&event).await.is_empty());
    assert_eq!(function.state(id).await, ExportState::Ready);
}
