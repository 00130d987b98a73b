//! Batches of the queue, over ports in memory.

use crate::handler::{SPARE, handle};
use aws_lambda_events::sqs::SqsEvent;
use carteiro_core::ids::SendId;
use carteiro_core::media::{FileKind, MediaUrl};
use carteiro_core::number::{NumberChange, OwnedNumber, Role};
use carteiro_core::phone::Phone;
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Accounts, Clock, Numbers, PrepareError, Sends, Unavailable};
use carteiro_core::send::{Content, Failure, File, Send, Source, Status, Text};
use carteiro_core::shard::Shard;
use carteiro_core::testing::{
    FakePreparer, ManualClock, MemoryAccounts, MemoryNumbers, MemoryPreparations, MemorySends,
    MemoryShardSender,
};
use carteiro_core::usecase::{Dispatch, DispatchPorts, PREPARE_TIME};
use carteiro_core::user::User;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

struct Function {
    dispatch: Dispatch,
    sends: Arc<MemorySends>,
    shards: Arc<MemoryShardSender>,
    preparer: Arc<FakePreparer>,
    clock: Arc<ManualClock>,
}

fn tenant() -> User {
    carteiro_core::testing::tenant(1, None)
}

fn worker(shard: u16) -> Phone {
    format!("55119888877{shard:02}").parse().unwrap()
}

impl Function {
    /// With two workers, on the shards 1 and 2.
    async fn new() -> Self {
        let (sends, shards, clock): (Arc<MemorySends>, Arc<MemoryShardSender>, Arc<ManualClock>) =
            Default::default();
        let (accounts, numbers): (Arc<MemoryAccounts>, Arc<MemoryNumbers>) = Default::default();
        accounts.create(&tenant()).await.unwrap();
        for shard in [1, 2] {
            let owned = OwnedNumber { phone: worker(shard), role: Role::Worker };
            let add = NumberChange::Add(owned, Shard::from_stored(shard));
            numbers.apply(tenant().id, &[add], 9).await.unwrap();
        }
        let plans = r#"{"basico":{"media_types":["text","document"],"workers":9,"default":true}}"#;
        let plans = Arc::new(Plans::from_json(plans).unwrap());
        let preparer: Arc<FakePreparer> = Arc::default();
        let ports = DispatchPorts {
            sends: sends.clone(),
            accounts,
            numbers,
            shards: shards.clone(),
            preparations: Arc::new(MemoryPreparations::default()),
            preparer: preparer.clone(),
        };
        let dispatch = Dispatch::new(ports, plans, clock.clone());
        Self { dispatch, sends, shards, preparer, clock }
    }

    /// An accepted send.
    async fn send(&self, id: u8, from: Phone) -> SendId {
        self.send_of(SendId::from_random([id; 16]), from).await
    }

    async fn send_of(&self, id: SendId, from: Phone) -> SendId {
        let queued_at = self.clock.now();
        let (to, text) = ("5511888888888".parse::<Phone>().unwrap(), Text::parse("Olá".into()).unwrap());
        let send = Send::of_text(id, tenant().id, from, to, text, queued_at);
        self.sends.create(&send, queued_at).await.unwrap();
        send.id
    }

    /// An accepted document.
    async fn document(&self, id: u8, from: Phone) -> SendId {
        let url = MediaUrl::parse("https://exemplo.com/a.pdf").unwrap();
        let file = File { kind: FileKind::Document, source: Source::Url(url), caption: None, name: None };
        let (id, to, at) =
            (SendId::from_random([id; 16]), "5511888888888".parse::<Phone>().unwrap(), self.clock.now());
        let send = Send::new(id, tenant().id, from, to, Content::File(file), at);
        self.sends.create(&send, at).await.unwrap();
        id
    }

    async fn run(&self, event: Value) -> Vec<String> {
        self.run_for(event, 120).await
    }

    /// What must come again of a run that has so many seconds.
    async fn run_for(&self, event: Value, seconds: u64) -> Vec<String> {
        let event: SqsEvent = serde_json::from_value(event).unwrap();
        let end = SystemTime::from(self.clock.now()) + Duration::from_secs(seconds);
        let answer =
            carteiro_queue::fifo(&event, |accepted| handle(&self.dispatch, accepted, end)).await.unwrap();
        answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }
}

fn record(message: &str, from: &Phone, body: Value) -> Value {
    json!({
        "messageId": message, "receiptHandle": "r", "body": body.to_string(), "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:sa-east-1:000000000000:carteiro-sends.fifo", "awsRegion": "sa-east-1",
        "attributes": { "MessageGroupId": from.digits(), "ApproximateReceiveCount": "1", "SequenceNumber": "1" },
        "messageAttributes": {}, "md5OfBody": ""
    })
}

#[tokio::test]
async fn handles_the_sample_event() {
    let event: Value = serde_json::from_str(include_str!("../../../events/dispatch.json")).unwrap();
    let function = Function::new().await;
    for record in event["Records"].as_array().unwrap() {
        let from = record["attributes"]["MessageGroupId"].as_str().unwrap().parse().unwrap();
        let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
        function.send_of(body["send_id"].as_str().unwrap().parse().unwrap(), from).await;
    }
    assert!(function.run(event).await.is_empty());
    let codes: Vec<Option<Failure>> = function.sends.all().into_iter().map(|send| send.failure).collect();
    assert_eq!(codes, [Some(Failure::NotAWorker), Some(Failure::NotAWorker)], "its number is nobody's here");
}

#[tokio::test]
async fn a_batch_goes_to_the_shards_in_order() {
    let function = Function::new().await;
    let mut records = Vec::new();
    for (n, shard) in [1, 2, 1, 1, 2].into_iter().enumerate() {
        let id = function.send(n as u8, worker(shard)).await;
        records.push(record(&format!("m{n}"), &worker(shard), json!({ "send_id": id.to_string() })));
    }
    assert!(function.run(json!({ "Records": records })).await.is_empty());
    for (shard, expected) in [(1, [0, 2, 3].as_slice()), (2, &[1, 4])] {
        let pushed = function.shards.pushed().into_iter().filter(|p| p.shard == Shard::from_stored(shard));
        let ids: Vec<String> = pushed.map(|p| p.dedup.split(':').next().unwrap().to_owned()).collect();
        let expected: Vec<String> =
            expected.iter().map(|n| SendId::from_random([*n; 16]).to_string()).collect();
        assert_eq!(ids, expected);
    }
}

#[tokio::test]
async fn a_send_from_a_number_that_is_no_worker_fails_and_stops_nothing() {
    let function = Function::new().await;
    let orphan = function.send(0, worker(9)).await;
    let good = function.send(1, worker(1)).await;
    let records = [(orphan, worker(9), "m0"), (good, worker(1), "m1")]
        .map(|(id, from, message)| record(message, &from, json!({ "send_id": id.to_string() })));
    assert!(function.run(json!({ "Records": records })).await.is_empty());
    let failed = function.sends.peek(orphan).unwrap();
    assert_eq!((failed.status, failed.failure), (Status::Failed, Some(Failure::NotAWorker)));
    assert_eq!(function.shards.pushed().len(), 1);
}

#[tokio::test]
async fn an_outage_and_a_broken_body_make_the_rest_of_their_group_come_again() {
    let function = Function::new().await;
    let (a, b) = (function.send(0, worker(1)).await, function.send(1, worker(2)).await);
    let of = |id: SendId| json!({ "send_id": id.to_string() });
    let records = json!([
        record("m0", &worker(1), json!({ "send_id": "segredo" })),
        record("m1", &worker(1), of(a)),
        record("m2", &worker(2), of(b)),
    ]);
    assert_eq!(function.run(json!({ "Records": records })).await, ["m0", "m1"]);
    assert_eq!(function.shards.pushed().len(), 1);
    function.shards.switch.fail();
    let records = json!([record("m1", &worker(1), of(a)), record("m2", &worker(2), of(b))]);
    assert_eq!(function.run(json!({ "Records": records })).await, ["m1", "m2"]);
}

#[tokio::test]
async fn a_files_failure_is_its_sends_alone_and_an_outage_keeps_the_order() {
    let function = Function::new().await;
    let of = |id: SendId| json!({ "send_id": id.to_string() });
    let (file, text) = (function.document(0, worker(1)).await, function.send(1, worker(1)).await);
    let records = json!([record("m0", &worker(1), of(file)), record("m1", &worker(1), of(text))]);
    let away = Unavailable::new("s3 PutObject", "no answer in time");
    function.preparer.fail(Some(away.into()));
    assert_eq!(
        function.run(json!({ "Records": records })).await,
        ["m0", "m1"],
        "the text waits for the file"
    );
    assert!(function.shards.pushed().is_empty());
    function.preparer.fail(Some(PrepareError::Failed(Failure::MediaForbidden)));
    assert!(function.run(json!({ "Records": records })).await.is_empty());
    assert_eq!(function.sends.peek(file).unwrap().failure, Some(Failure::MediaForbidden));
    let dedups: Vec<String> = function.shards.pushed().into_iter().map(|pushed| pushed.dedup).collect();
    assert_eq!(dedups, [format!("{file}:failed"), format!("{text}:0")], "the text goes on");
}

#[tokio::test]
async fn a_run_that_ends_soon_begins_no_file_but_hands_texts_over() {
    let function = Function::new().await;
    let of = |id: SendId| json!({ "send_id": id.to_string() });
    let (file, text) = (function.document(0, worker(1)).await, function.send(1, worker(2)).await);
    let records = json!([record("m0", &worker(1), of(file)), record("m1", &worker(2), of(text))]);
    assert_eq!(function.run_for(json!({ "Records": records }), 89).await, ["m0"]);
    assert!(function.preparer.asked().is_empty());
    assert_eq!(function.shards.pushed().len(), 1);
    assert!(function.run_for(json!({ "Records": records }), 90).await.is_empty());
    assert_eq!(function.preparer.asked(), [file]);
}

/// A number of the templates: the first after `name` in the part that begins with `part`.
fn of_template(template: &str, part: &str, name: &str) -> i64 {
    let of_part = template.split_once(part).unwrap().1;
    let text = of_part.split_once(name).unwrap().1.lines().next().unwrap();
    text.trim().parse().unwrap()
}

#[test]
fn a_run_has_time_for_a_file_and_the_queue_waits_for_the_run() {
    let template = include_str!("../../../template.yaml");
    let queues = include_str!("../../../infra/queues.yaml");
    let run = of_template(template, "\n  DispatchFunction:\n", "      Timeout: ");
    let hidden = of_template(queues, "\n  Sends:\n", "      VisibilityTimeout: ");
    // A run that begins a file late in it has waited for others before.
    assert!(run - SPARE.as_secs() >= PREPARE_TIME.as_secs() + 30, "{run} s leave no time for a file");
    assert!(hidden >= run, "a send would be handled twice at once");
}
