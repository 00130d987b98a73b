//! Batches of the queue: the tables in memory, the posts real ones, over TLS to servers of this machine.

#[path = "../../../shared/fetch/tests/support/mod.rs"]
mod support;

use crate::handler::{LAG, handle};
use aws_lambda_events::sqs::SqsEvent;
use carteiro_aws::{OsRandom, SystemClock};
use carteiro_core::ids::{EventId, ReceiverId, UserId};
use carteiro_core::ports::{Events, Receivers};
use carteiro_core::testing::{MemoryEventQueue, MemoryWebhooks};
use carteiro_core::usecase::{Attempts, DeliverStream, DeliverStreamPorts, PublishEvents};
use carteiro_core::webhook::{
    Event, EventKind, Origin, Receiver, ReceiverScope, ReceiverState, ReceiverUrl, Secrets, Status,
    StreamSignal, TryFailure, TryOutcome, WebhookFormat, WebhookSecret,
};
use carteiro_fetch::{Fetcher, Origins, Poster};
use carteiro_telemetry::testing::Lines;
use carteiro_telemetry::{Longest, Metrics};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use support::{Authority, Server, Stream, ok};
use tokio::io::AsyncWriteExt;
use tracing_subscriber::layer::SubscriberExt;

const SAMPLE: &str = include_str!("../../../events/webhooks.json");

struct Function {
    store: Arc<MemoryWebhooks>,
    queue: Arc<MemoryEventQueue>,
    publish: PublishEvents,
    deliver: DeliverStream,
    lag: Arc<Longest>,
    lines: Lines,
}

impl Function {
    /// The function, for which these hosts are these servers.
    fn new(authority: &Authority, hosts: &[(&str, &Server)]) -> Self {
        let hosts = hosts.iter().map(|(host, server)| ((*host).to_owned(), server.address));
        let origins = Origins::new(hosts, authority.pem().as_bytes()).unwrap();
        let fetcher = Fetcher::with_origins(Poster::DEADLINES, origins).unwrap();
        let (store, queue) = (Arc::<MemoryWebhooks>::default(), Arc::<MemoryEventQueue>::default());
        let attempts = Attempts {
            postman: Arc::new(Poster::new(fetcher)),
            clock: Arc::new(SystemClock),
            draw: |text| carteiro_qr::png_data_uri(text).ok(),
        };
        let ports = DeliverStreamPorts {
            receivers: store.clone(),
            streams: store.clone(),
            queue: queue.clone(),
            random: Arc::new(OsRandom),
        };
        let lines = Lines::default();
        let writer = lines.clone();
        let lag = Arc::new(Longest::new(Metrics::writing("webhooks", move || writer.clone()), LAG));
        let measured = lag.clone();
        Self {
            publish: PublishEvents::new(store.clone(), store.clone(), queue.clone(), Arc::new(SystemClock)),
            deliver: DeliverStream::new(ports, attempts)
                .measured_by(move |waited| measured.take_in(waited.as_secs_f64())),
            store,
            queue,
            lag,
            lines,
        }
    }

    async fn receiver(&self, user: UserId, id: ReceiverId, host: &str, format: WebhookFormat) -> Receiver {
        let mut receiver = Receiver {
            id,
            user,
            scope: ReceiverScope::Tenant,
            url: ReceiverUrl::parse(&format!("https://{host}/gancho?token=segredo-da-url")).unwrap(),
            format,
            kinds: EventKind::ALL.into(),
            secrets: Secrets::new(WebhookSecret::from_random([7; 32])),
            state: ReceiverState::Active,
            created_at: Timestamp::UNIX_EPOCH,
            revision: 0,
        };
        assert_eq!(self.store.save(&mut receiver).await, Ok(true));
        receiver
    }

    async fn publish(&self, user: UserId, n: u8, kind: EventKind, json: Value) {
        let origin = Origin { session: None, number: Some("5511999999999".parse().unwrap()) };
        let event =
            Event { id: EventId::from_random([n; 16]), kind, origin, json, at: Timestamp::UNIX_EPOCH };
        self.publish.publish(user, &event).await.unwrap();
    }

    /// What was signalled since the last time, as one batch.
    fn batch(&self) -> Value {
        let record = |(place, (signal, _)): (usize, (StreamSignal, Duration))| {
            json!({
                "messageId": format!("m{place}"),
                "body": serde_json::to_string(&signal).unwrap(),
                "attributes": { "ApproximateReceiveCount": "1" },
            })
        };
        json!({ "Records": self.queue.take().into_iter().enumerate().map(record).collect::<Vec<_>>() })
    }

    /// The ids of the messages that must come again.
    async fn run(&self, event: &Value) -> Vec<String> {
        let event: SqsEvent = serde_json::from_value(event.clone()).unwrap();
        let end = SystemTime::now() + Duration::from_secs(60);
        let handled = carteiro_queue::standard_counted(&event, |signal, n| {
            handle(&self.deliver, &self.lag, signal, n, end)
        });
        let answer = handled.await.unwrap();
        answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }
}

fn user(n: u8) -> UserId {
    UserId::from_random([n; 16])
}

fn receiver_id(n: u8) -> ReceiverId {
    ReceiverId::from_random([n; 16])
}

fn head_and_body(request: &str) -> (&str, &str) {
    request.split_once("\r\n\r\n").unwrap()
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap()
}

#[tokio::test]
async fn handles_the_sample_event() {
    let authority = Authority::new();
    let server = Server::giving(&authority, &["gancho.exemplo"], ok(b"obrigado")).await;
    let function = Function::new(&authority, &[("gancho.exemplo", &server)]);
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let signal: StreamSignal = serde_json::from_str(sample["Records"][0]["body"].as_str().unwrap()).unwrap();
    let stream = &signal.stream;
    let receiver =
        function.receiver(stream.user, stream.receiver, "gancho.exemplo", WebhookFormat::Json).await;
    function.publish(stream.user, 1, EventKind::MessageReceived, json!({"body": "Olá"})).await;
    assert_eq!(function.queue.take()[0].0, signal, "it is what a publication signals");
    assert!(function.run(&sample).await.is_empty());

    let requests = server.requests();
    let (head, body) = head_and_body(&requests[0]);
    assert!(head.starts_with("POST /gancho?token=segredo-da-url HTTP/1.1\r\n"), "{head}");
    assert_eq!(body, r#"{"tipo":"recebendoMensagem","sessao":"5511999999999","json":{"body":"Olá"}}"#);
    assert_eq!(header(head, "content-type"), "application/json");
    assert_eq!(header(head, "x-event-id"), EventId::from_random([1; 16]).to_string());
    assert_eq!(header(head, "x-event-kind"), "recebendoMensagem");
    // As a receiver checks it.
    let (time, given) = header(head, "x-signature").strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let key = receiver.secrets.current.reveal();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    assert_eq!(hex::encode(mac.finalize().into_bytes()), given);
    let age = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert!(age - time.parse::<u64>().unwrap() < 60);
    let lag: Vec<f64> = function.lines.metric(LAG).iter().filter_map(|line| line[LAG].as_f64()).collect();
    assert!(matches!(*lag, [seconds] if (0.0..60.0).contains(&seconds)), "{lag:?}");
}

#[tokio::test]
async fn a_form_and_a_qr_go_out_as_the_old_clients_know_them() {
    let authority = Authority::new();
    let server = Server::giving(&authority, &["gancho.exemplo"], ok(b"")).await;
    let function = Function::new(&authority, &[("gancho.exemplo", &server)]);
    function.receiver(user(1), receiver_id(1), "gancho.exemplo", WebhookFormat::Form).await;
    function.publish(user(1), 1, EventKind::QrCode, json!({"qrCode": "2@a,b"})).await;
    assert!(function.run(&function.batch()).await.is_empty());
    let requests = server.requests();
    let (head, body) = head_and_body(&requests[0]);
    assert_eq!(header(head, "content-type"), "application/x-www-form-urlencoded");
    let begins = "tipo=qrcode&sessao=5511999999999&json%5BqrCode%5D=2%40a%2Cb&json%5BqrCodeB64%5D=data%3Aimage%2Fpng%3Bbase64%2CiVBOR";
    assert!(body.starts_with(begins), "{body}");
}

#[tokio::test]
async fn a_slow_receiver_does_not_delay_another_of_the_same_batch() {
    let authority = Authority::new();
    let quick = Server::giving(&authority, &["rapido.exemplo"], ok(b"")).await;
    let (open, gate) = tokio::sync::watch::channel(false);
    let slow = Server::start(&authority, &["lento.exemplo"], move |_, mut stream: Stream| {
        let mut gate = gate.clone();
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            stream.write_all(&ok(b"")).await?;
            stream.shutdown().await
        })
    })
    .await;
    let function = Function::new(&authority, &[("rapido.exemplo", &quick), ("lento.exemplo", &slow)]);
    function.receiver(user(1), receiver_id(1), "lento.exemplo", WebhookFormat::Json).await;
    function.receiver(user(2), receiver_id(2), "rapido.exemplo", WebhookFormat::Json).await;
    function.publish(user(1), 1, EventKind::StatusChanged, json!({})).await;
    for n in 2..5 {
        function.publish(user(2), n, EventKind::StatusChanged, json!({ "n": n })).await;
    }
    let batch = function.batch();
    // The slow one answers when the quick one has everything.
    let everything = async {
        let deadline = Instant::now() + Duration::from_secs(9);
        while quick.requests().len() < 3 {
            assert!(Instant::now() < deadline, "the quick one waits for the slow one");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        open.send(true).unwrap();
    };
    let (failed, ()) = tokio::join!(function.run(&batch), everything);
    assert!(failed.is_empty());
    let took: Vec<Value> = quick
        .requests()
        .iter()
        .map(|request| serde_json::from_str::<Value>(head_and_body(request).1).unwrap()["json"]["n"].clone())
        .collect();
    assert_eq!(took, [2, 3, 4], "each once and in order, though each had a signal");
    assert_eq!(slow.requests().len(), 1);
}

#[tokio::test]
async fn what_fails_is_kept_and_the_log_tells_no_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    let logger = carteiro_telemetry::logger("webhooks", move || writer.clone());
    // See the audit tests of functions/users.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(logger));

    let authority = Authority::new();
    let broken =
        Server::giving(&authority, &["gancho.exemplo"], "HTTP/1.1 503 X\r\nContent-Length: 7\r\n\r\nsegredo")
            .await;
    let untrusted = Server::giving(&Authority::new(), &["outro.exemplo"], ok(b"")).await;
    let function = Function::new(&authority, &[("gancho.exemplo", &broken), ("outro.exemplo", &untrusted)]);
    for (n, host, outcome) in [
        (1, "gancho.exemplo", TryOutcome::Answered(503)),
        (2, "outro.exemplo", TryOutcome::Failed(TryFailure::Tls)),
        (3, "127.0.0.1", TryOutcome::Failed(TryFailure::Forbidden)),
        (4, "169.254.169.254", TryOutcome::Failed(TryFailure::Forbidden)),
    ] {
        function.receiver(user(n), receiver_id(n), host, WebhookFormat::Json).await;
        function.publish(user(n), n, EventKind::MessageReceived, json!({"body": "segredo do texto"})).await;
        assert!(function.run(&function.batch()).await.is_empty(), "what is postponed is no failure");
        let all = function.store.deliveries();
        let delivery = all.iter().find(|delivery| delivery.stream.user == user(n)).unwrap();
        assert_eq!((delivery.status, delivery.tries[0].outcome), (Status::Pending, outcome));
        let signals = function.queue.take();
        assert!(signals.len() == 1 && signals[0].0.wake.is_some(), "the wait's own: {signals:?}");
    }
    function.store.switch.fail();
    function.publish.publish(user(9), &function.store.deliveries()[0].event).await.unwrap_err();
    let signal: Value = serde_json::from_str(SAMPLE).unwrap();
    assert_eq!(function.run(&signal).await.len(), 1);
    drop(logging);

    let text = lines.text();
    assert!(text.contains("the receiver did not take it") && text.contains("FORBIDDEN_ADDRESS"), "{text}");
    for secret in ["segredo", "token=", "/gancho", "whsec_", "5511999999999", "https://"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
