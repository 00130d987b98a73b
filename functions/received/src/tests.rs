//! Batches of the queue, over ports in memory.

use crate::handler::handle;
use aws_lambda_events::sqs::SqsEvent;
use carteiro_core::chat::{Ack, Attachment, AttachmentKind, Body, Message};
use carteiro_core::command::MediaReceived;
use carteiro_core::media::MediaKey;
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Accounts, ChatReader, ChatWriter, Clock, Lost};
use carteiro_core::retention::RetentionDays;
use carteiro_core::testing::{FakeCopier, ManualClock, MemoryAccounts, MemoryChats};
use carteiro_core::usecase::KeepMedia;
use serde_json::{Value, json};
use std::sync::Arc;

struct Function {
    keep: KeepMedia,
    chats: Arc<MemoryChats>,
    copier: Arc<FakeCopier>,
}

fn sample() -> (Value, MediaReceived) {
    let event: Value = serde_json::from_str(include_str!("../../../events/received.json")).unwrap();
    let received = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    (event, received)
}

impl Function {
    /// A function whose tables hold the message of the sample event.
    async fn new() -> Self {
        let (chats, accounts): (Arc<MemoryChats>, Arc<MemoryAccounts>) = Default::default();
        let (copier, clock): (Arc<FakeCopier>, Arc<ManualClock>) = Default::default();
        let (_, received) = sample();
        let mut user = carteiro_core::testing::tenant(1, None);
        user.id = received.user;
        accounts.create(&user).await.unwrap();
        let file = Attachment {
            kind: AttachmentKind::Voice,
            mime: "audio/ogg".into(),
            caption: None,
            file_name: None,
            length: Some(99),
            seconds: None,
            width: None,
            height: None,
            key: Some(MediaKey([1; 32])),
            direct_path: Some("/v/a.enc".into()),
            sha256: None,
            encrypted_sha256: None,
            stored: None,
        };
        let message = Message {
            key: received.key.clone(),
            at: clock.now(),
            author: received.key.chat.clone().into(),
            push_name: None,
            with: Some(received.key.chat.clone().into()),
            ack: Ack::Received,
            body: Body::Media(file),
            quoted: None,
            forwarded: false,
            edited_at: None,
        };
        chats.add(&received.number, &message, true, RetentionDays::default()).await.unwrap();
        let plans = r#"{"basico":{"media_types":["text"],"workers":1,"default":true}}"#;
        let keep = KeepMedia {
            reader: chats.clone(),
            writer: chats.clone(),
            accounts,
            plans: Arc::new(Plans::from_json(plans).unwrap()),
            copier: copier.clone(),
            clock,
        };
        Self { keep, chats, copier }
    }

    /// The ids of the messages that must come again.
    async fn run(&self, event: &Value) -> Vec<String> {
        let event: SqsEvent = serde_json::from_value(event.clone()).unwrap();
        let answer = carteiro_queue::standard(&event, |received| handle(&self.keep, received)).await.unwrap();
        answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }
}

#[tokio::test]
async fn handles_the_sample_event() {
    let (function, (event, received)) = (Function::new().await, sample());
    assert!(function.run(&event).await.is_empty());
    assert!(function.run(&event).await.is_empty(), "it may come twice");
    assert_eq!(function.copier.copied().len(), 1);
    let message = function.chats.message(&received.number, &received.key).await.unwrap().unwrap();
    let Body::Media(file) = message.body else { panic!("a file") };
    assert_eq!(file.stored.map(|stored| stored.object), function.copier.copied().pop());
}

#[tokio::test]
async fn an_outage_and_a_body_that_is_none_come_again_and_a_lost_file_does_not() {
    let (function, (mut event, _)) = (Function::new().await, sample());
    function.copier.lose(Some(Lost::Gone));
    assert!(function.run(&event).await.is_empty());
    function.copier.switch.fail();
    assert_eq!(function.run(&event).await.len(), 1);
    event["Records"][0]["body"] = json!("{}");
    assert_eq!(function.run(&event).await.len(), 1);
}
