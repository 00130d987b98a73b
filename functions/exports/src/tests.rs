//! Batches of the queue, over ports in memory.

use crate::handler::{Worker, handle};
use aws_lambda_events::sqs::SqsEvent;
use carteiro_core::ids::ExportId;
use carteiro_core::ports::Exports;
use carteiro_core::report::{Export, ExportForm, ExportState, Separator};
use carteiro_core::testing::{
    LongHistory, ManualClock, MemoryAccounts, MemoryExportQueue, MemoryExports, MemoryLinks,
    MemoryObjectParts, MemoryObjects, MemoryPersonalData, MemoryPrivacy,
};
use carteiro_core::usecase::{AskPrivacy, RunPrivacy, RunPrivacyPorts, WriteExport};
use carteiro_telemetry::testing::Lines;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use tracing_subscriber::layer::SubscriberExt;

struct Function {
    worker: Worker,
    ask: AskPrivacy,
    privacy: Arc<MemoryPrivacy>,
    personal: Arc<MemoryPersonalData>,
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
        let write = WriteExport::new(
            history.clone(),
            exports.clone(),
            queue.clone(),
            parts.clone(),
            objects.clone(),
            clock.clone(),
        );
        let (privacy, personal) = (Arc::<MemoryPrivacy>::default(), Arc::<MemoryPersonalData>::default());
        let run = RunPrivacy::new(RunPrivacyPorts {
            operations: privacy.clone(),
            queue: privacy.clone(),
            personal: personal.clone(),
            accounts: Arc::<MemoryAccounts>::default(),
            links: Arc::<MemoryLinks>::default(),
            parts,
            objects: objects.clone(),
            clock: clock.clone(),
        });
        let ask = AskPrivacy {
            operations: privacy.clone(),
            queue: privacy.clone(),
            personal: personal.clone(),
            clock,
        };
        Self {
            worker: Worker { write, privacy: run },
            ask,
            privacy,
            personal,
            exports,
            queue,
            objects,
            history,
        }
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
        let answer = carteiro_queue::standard(&event, |wanted| handle(&self.worker, wanted)).await.unwrap();
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

#[tokio::test]
async fn the_sample_of_an_erasure_and_what_the_trail_tells_of_it() {
    let lines = Lines::default();
    let writer = lines.clone();
    let logger = carteiro_telemetry::logger("exports", move || writer.clone());
    // See the audit tests of functions/users.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(logger));
    let function = Function::new(SignedDuration::ZERO);
    function.personal.add("sends", "para 5511988887777");
    function.personal.add("sends", "para 5511977776666");
    let asked =
        function.ask.erase_person(function.history.subject().user, "5511988887777".parse().unwrap()).await;
    assert!(asked.is_ok());
    let id = function.privacy.take()[0].0;
    let sample: Value = serde_json::from_str(include_str!("../../../events/privacy.json")).unwrap();
    let mut event = sample.clone();
    event["Records"][0]["body"] = json!(json!({"privacy_id": id.to_string()}).to_string());
    assert!(function.run(&sample).await.is_empty(), "it is of no operation that there is");
    assert!(function.run(&event).await.is_empty());
    assert!(function.run(&event).await.is_empty(), "it may come twice");
    assert_eq!(function.personal.left(), ["para 5511977776666"]);
    drop(logging);
    let text = lines.text();
    let trail: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let trail: Vec<&Value> = trail.iter().filter(|line| line["message"] == "audit").collect();
    assert_eq!((trail.len(), &trail[0]["what"]), (1, &json!("privacy.erased")));
    assert_eq!(trail[0]["to"], format!("operation={id} number=5511•••••••77 sends=1"));
    assert!(!text.contains("98888"), "{text}");
}
