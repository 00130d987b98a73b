//! Runs of the schedule and alarms, over ports in memory. The rules are tested where they are, in the core.

use crate::handler::{OLDEST, Trigger, handle};
use aws_lambda_events::sqs::SqsBatchResponse;
use carteiro_core::command::Alarm;
use carteiro_core::ids::{SendId, UserId};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Clock, Sends};
use carteiro_core::send::{Schedule, Send, Text, Waiting};
use carteiro_core::testing::{ManualClock, MemoryAlarms, MemorySendQueue, MemorySends, MemoryWakes};
use carteiro_core::usecase::{Release, Sweep, SweepPorts};
use carteiro_telemetry::testing::Lines;
use carteiro_telemetry::{Longest, Metrics};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Default)]
struct Function {
    sends: Arc<MemorySends>,
    queue: Arc<MemorySendQueue>,
    alarms: Arc<MemoryAlarms>,
    wakes: Arc<MemoryWakes>,
    clock: Arc<ManualClock>,
    lines: Lines,
}

fn number() -> Phone {
    "5511988887777".parse().unwrap()
}

impl Function {
    async fn run(&self, event: &Value) -> Result<Option<SqsBatchResponse>, String> {
        let ports = SweepPorts {
            sends: self.sends.clone(),
            queue: self.queue.clone(),
            alarms: self.alarms.clone(),
            wakes: self.wakes.clone(),
        };
        let (sends, queue, wakes) = (self.sends.clone(), self.queue.clone(), self.wakes.clone());
        let release = Release::new(sends, queue, wakes, self.clock.clone());
        let writer = self.lines.clone();
        let oldest = Longest::new(Metrics::writing("sweeper", move || writer.clone()), OLDEST);
        let oldest = Arc::new(oldest);
        let measured = oldest.clone();
        let sweep = Sweep::new(ports, self.clock.clone())
            .measured_by(move |waited| measured.take_in(waited.as_secs_f64()));
        let trigger: Trigger = serde_json::from_value(event.clone()).unwrap();
        handle(&sweep, &release, &oldest, &*self.clock, trigger).await.map_err(|error| error.to_string())
    }

    /// How long the oldest send has waited, as each run told it.
    fn told(&self) -> Vec<f64> {
        self.lines.metric(OLDEST).iter().filter_map(|line| line[OLDEST].as_f64()).collect()
    }

    /// A send that is scheduled for in a minute.
    async fn scheduled(&self) -> Send {
        let (now, text) = (self.clock.now(), Text::parse("oi".into()).unwrap());
        let (id, user) = (SendId::from_random([1; 16]), UserId::from_random([2; 16]));
        let schedule = Schedule { send_at: Some(now + SignedDuration::from_secs(60)), expires_at: None };
        let send = Send::of_text(id, user, number(), number(), text, now).at(schedule.times(now).unwrap());
        self.sends.create(&send, send.expires_at).await.unwrap();
        send
    }
}

/// A batch of alarms, as the queue gives it.
fn batch(alarms: &[Value]) -> Value {
    let record = |(n, body): (usize, &Value)| {
        json!({
            "messageId": format!("m{n}"), "receiptHandle": "r", "body": body.to_string(), "md5OfBody": "",
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:sa-east-1:000000000000:carteiro-wakes",
            "awsRegion": "sa-east-1", "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {}
        })
    };
    json!({ "Records": alarms.iter().enumerate().map(record).collect::<Vec<_>>() })
}

fn failed(answer: Option<SqsBatchResponse>) -> Vec<String> {
    answer.unwrap().batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn a_minute_tells_of_an_outage_and_of_nothing_else() {
    let function = Function::default();
    let minute: Value = serde_json::from_str(include_str!("../../../events/sweeper.json")).unwrap();
    for event in [&minute, &json!({})] {
        assert!(function.run(event).await.unwrap().is_none());
    }
    function.sends.switch.fail();
    assert!(function.run(&minute).await.is_err());
    assert_eq!(function.told(), [0.0, 0.0], "who cannot look does not say that nothing waits");
}

#[tokio::test]
async fn a_run_tells_how_long_the_oldest_send_has_waited() {
    let function = Function::default();
    for (n, seconds) in [(1, 90), (2, 300), (3, 0)] {
        let (user, text) = (UserId::from_random([9; 16]), Text::parse("olá".into()).unwrap());
        let at = function.clock.now() - SignedDuration::from_secs(seconds);
        let send = Send::of_text(SendId::from_random([n; 16]), user, number(), number(), text, at);
        function.sends.create(&send, at + SignedDuration::from_secs(60)).await.unwrap();
        if n == 2 {
            // That it waits for its number is no lag of ours.
            function.sends.park(&send, Waiting::NotConnected).await.unwrap();
        }
    }
    for _ in 0..2 {
        function.run(&json!({})).await.unwrap();
    }
    assert_eq!(function.told(), [90.0, 0.0]);
}

#[tokio::test]
async fn an_alarm_releases_what_it_is_for_and_names_itself_when_it_must_ring_again() {
    let function = Function::default();
    let send = function.scheduled().await;
    function.clock.advance(SignedDuration::from_secs(60));
    let alarm = serde_json::to_value(Alarm::of(&number(), send.begins_at())).unwrap();
    function.queue.switch.fail();
    assert_eq!(failed(function.run(&batch(&[alarm.clone(), json!("segredo")])).await.unwrap()), ["m0", "m1"]);
    function.queue.switch.recover();
    assert!(failed(function.run(&batch(&[alarm.clone(), alarm])).await.unwrap()).is_empty());
    let pushed = function.queue.pushed();
    assert_eq!((pushed.len(), pushed[0].accepted.send_id), (1, send.id), "once, though it rang twice");
    assert_eq!(function.sends.peek(send.id).unwrap().waiting, None);
}
