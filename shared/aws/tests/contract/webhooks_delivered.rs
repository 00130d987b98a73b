//! Webhooks over the tables and the queue that infra/ declares: published, delivered, waited for and given up.

use crate::samples::{phone, random, user_id};
use crate::support::stack::{QUEUES, Stack};
use crate::support::store::Store;
use carteiro_aws::dynamo::{DynamoReceivers, DynamoStreams};
use carteiro_aws::sqs::SqsEventQueue;
use carteiro_aws::{AwsClients, CallCounter, OsRandom};
use carteiro_core::ids::{EventId, UserId};
use carteiro_core::ports::{Clock, Deliveries, Events};
use carteiro_core::testing::{FakePostman, ManualClock};
use carteiro_core::usecase::{
    Attempts, DeliverStream, DeliverStreamPorts, Delivering, DeliveryLog, PublishEvents, SetReceiver,
    WantedReceiver,
};
use carteiro_core::webhook::{
    Event, EventKind, Origin, ReceiverScope, ReceiverUrl, Status, StreamSignal, WebhookFormat,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct World {
    clock: Arc<ManualClock>,
    postman: Arc<FakePostman>,
    streams: Arc<DynamoStreams>,
    publish: PublishEvents,
    deliver: DeliverStream,
    log: DeliveryLog,
    counter: CallCounter,
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
    user: UserId,
}

impl World {
    async fn new() -> Self {
        let (store, queues) = (Store::ministack().await, Stack::deploy(QUEUES).await);
        let counter = CallCounter::default();
        let dynamo = AwsClients::new(store.config.clone()).counting(counter.clone()).dynamo();
        let sqs = AwsClients::new(queues.config.clone()).sqs();
        let queue_url = queues.output("EventsUrl").to_owned();
        let receivers = Arc::new(DynamoReceivers::new(dynamo.clone(), &store.webhooks_table));
        let streams = Arc::new(DynamoStreams::new(dynamo, &store.webhooks_table));
        let queue = Arc::new(SqsEventQueue::new(sqs.clone(), &queue_url));
        let (clock, random) = (Arc::<ManualClock>::default(), Arc::new(OsRandom));
        let postman = Arc::new(FakePostman::new(clock.clone()));
        let attempts = Attempts { postman: postman.clone(), clock: clock.clone(), draw: |_| None };
        let ports = DeliverStreamPorts {
            receivers: receivers.clone(),
            streams: streams.clone(),
            queue: queue.clone(),
            random: random.clone(),
        };
        let user = user_id();
        let set = SetReceiver { receivers: receivers.clone(), clock: clock.clone(), random };
        let url = ReceiverUrl::parse("https://exemplo.com/gancho").unwrap();
        let wanted = WantedReceiver { url, format: WebhookFormat::Json, kinds: None };
        set.set(user, ReceiverScope::Tenant, wanted).await.unwrap();
        counter.reset();
        Self {
            publish: PublishEvents::new(receivers.clone(), streams.clone(), queue.clone(), clock.clone()),
            deliver: DeliverStream::new(ports, attempts),
            log: DeliveryLog { receivers, deliveries: streams.clone(), queue, clock: clock.clone() },
            clock,
            postman,
            streams,
            counter,
            sqs,
            queue_url,
            user,
        }
    }

    async fn publish(&self, n: u64) -> EventId {
        let event = Event {
            id: EventId::from_random(random()),
            kind: EventKind::MessageReceived,
            origin: Origin { session: None, number: Some(phone(1)) },
            json: json!({ "n": n }),
            at: self.clock.now(),
        };
        self.publish.publish(self.user, &event).await.unwrap();
        event.id
    }

    /// The next signal of the queue.
    async fn signal(&self) -> StreamSignal {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let request = self.sqs.receive_message().queue_url(&self.queue_url).wait_time_seconds(1);
            let answer = request.send().await.unwrap();
            if let Some(message) = answer.messages().first() {
                let receipt = message.receipt_handle().unwrap();
                let delete = self.sqs.delete_message().queue_url(&self.queue_url).receipt_handle(receipt);
                delete.send().await.unwrap();
                return serde_json::from_str(message.body().unwrap()).unwrap();
            }
            assert!(Instant::now() < deadline, "no signal came");
        }
    }

    async fn deliver(&self, signal: &StreamSignal) -> Delivering {
        let end = self.clock.now() + SignedDuration::from_secs(60);
        self.deliver.run(signal, false, end).await.unwrap()
    }

    /// The numbers of what was posted since the last look.
    fn posted(&self) -> Vec<u64> {
        let body =
            |letter: &carteiro_core::ports::Letter| serde_json::from_slice::<Value>(&letter.body).unwrap();
        self.postman.take().iter().map(|letter| body(letter)["json"]["n"].as_u64().unwrap()).collect()
    }

    /// What the calls since the last look came to, by operation.
    fn requests(&self) -> Vec<(String, u64)> {
        let calls = self.counter.snapshot();
        self.counter.reset();
        calls.into_iter().map(|(operation, calls)| (operation, calls.requests)).collect()
    }
}

fn calls(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(operation, count)| (format!("dynamodb {operation}"), *count)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_receiver_does_not_take_arrives_in_order_when_it_is_back() {
    let w = World::new().await;
    w.postman.answering(|_| Ok(FakePostman::status(500)));
    w.publish(1).await;
    // Its receivers, and the last event that waits: this one comes after it.
    assert_eq!(w.requests(), calls(&[("PutItem", 1), ("Query", 2)]));
    w.publish(2).await;
    assert_eq!(w.requests(), calls(&[("PutItem", 1)]), "both are remembered");
    let signal = w.signal().await;
    assert_eq!(w.signal().await, signal, "each publication signals");
    assert!(matches!(w.deliver(&signal).await, Delivering::Postponed { delivered: 0, .. }));
    // Taken, its receiver read, what is pending read by the index, the try recorded, and let go.
    let expected = calls(&[("BatchGetItem", 1), ("GetItem", 1), ("Query", 1), ("UpdateItem", 3)]);
    assert_eq!(w.requests(), expected);
    assert_eq!(w.deliver(&signal).await, Delivering::Waiting);
    assert_eq!(w.requests(), calls(&[("UpdateItem", 1)]), "a signal during a wait costs one write");
    w.publish(3).await;
    assert_eq!(w.posted(), [1]);

    w.postman.answering(|_| Ok(FakePostman::status(200)));
    w.clock.advance(SignedDuration::from_secs(10));
    assert_eq!(w.deliver(&signal).await, Delivering::Drained(3));
    assert_eq!(w.posted(), [1, 2, 3]);
    assert_eq!(w.deliver(&signal).await, Delivering::Drained(0));
    assert_eq!(w.posted(), [] as [u64; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_deliverers_deliver_each_event_once_and_in_order() {
    let w = World::new().await;
    for n in 0..30 {
        w.publish(n).await;
    }
    let signal = w.signal().await;
    let end = w.clock.now() + SignedDuration::from_secs(60);
    let runs = (0..6).map(|_| {
        let (deliver, signal) = (w.deliver.clone(), signal.clone());
        tokio::spawn(async move { deliver.run(&signal, false, end).await.unwrap() })
    });
    let mut delivered = 0;
    for run in runs.collect::<Vec<_>>() {
        match run.await.unwrap() {
            Delivering::Drained(count) => delivered += count,
            Delivering::Held => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((delivered, w.posted()), (30, (0..30).collect()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_given_up_is_listed_and_redriven() {
    let w = World::new().await;
    w.postman.answering(|_| Ok(FakePostman::status(500)));
    let first = w.publish(1).await;
    let signal = w.signal().await;
    w.deliver(&signal).await;
    let second = w.publish(2).await;
    w.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(w.deliver(&signal).await, Delivering::Drained(0), "both had their day");
    let deadline = Instant::now() + Duration::from_secs(60);
    let dead = loop {
        let page = w.streams.page(w.user, Status::Dead, None, 10).await.unwrap();
        if page.deliveries.len() == 2 {
            break page.deliveries;
        }
        assert!(Instant::now() < deadline, "{page:?}");
    };
    assert_eq!([dead[0].event.id, dead[1].event.id], [second, first]);
    assert_eq!((dead[0].tries.len(), dead[1].tries.len()), (0, 1));

    w.postman.answering(|_| Ok(FakePostman::status(200)));
    w.posted();
    assert_eq!(w.log.redrive_one(w.user, first).await, Ok(1));
    assert_eq!(w.log.redrive_all(w.user).await.unwrap().count, 1);
    assert_eq!(w.deliver(&signal).await, Delivering::Drained(2));
    assert_eq!(w.posted(), [1, 2]);
}
