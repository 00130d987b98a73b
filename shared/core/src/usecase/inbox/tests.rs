//! A number whose WhatsApp tells things, over ports in memory.

mod changes;
mod messages;
mod people;
mod retention;

use super::*;
use crate::chat::{
    Ack, Address, Attachment, AttachmentKind, Chat, ChatChange, ContactChange, Group, Participant, Rank,
};
use crate::ids::{MessageId, SendId};
use crate::media::MediaKey;
use crate::plan::Plans;
use crate::testing::{ManualClock, MemoryAccounts, MemoryChats, MemoryEvents, MemoryMediaQueue, tenant};
use crate::webhook::EventKind;
use jiff::Timestamp;

const PLANS: &str = r#"{"basico":{"media_types":["text"],"workers":1,"retention_days":30,"default":true}}"#;

struct World {
    chats: Arc<MemoryChats>,
    events: Arc<MemoryEvents>,
    media: Arc<MemoryMediaQueue>,
    accounts: Arc<MemoryAccounts>,
    inbox: Inbox,
    owner: NumberOwner,
}

fn number() -> Phone {
    "5511988887777".parse().unwrap()
}

fn ana() -> Address {
    "5511911112222@c.us".parse().unwrap()
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn received(id: &str, at: i64, text: &str) -> Message {
    Message {
        key: MessageKey { chat: ana(), from_me: false, id: id.parse().unwrap(), participant: None },
        at: second(at),
        author: ana().into(),
        push_name: Some("Ana".into()),
        with: Some(ana().into()),
        ack: Ack::Received,
        body: Body::Text { text: text.into() },
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

fn sent(id: &str, at: i64) -> Message {
    Message {
        key: MessageKey::ours(ana(), id.parse().unwrap()),
        author: Address::of_phone(&number()).into(),
        ack: Ack::Pending,
        push_name: None,
        ..received(id, at, "nosso")
    }
}

fn picture(id: &str, at: i64) -> Message {
    let file = Attachment {
        kind: AttachmentKind::Image,
        mime: "image/jpeg".into(),
        caption: None,
        file_name: None,
        length: None,
        seconds: None,
        width: None,
        height: None,
        key: Some(MediaKey([7; 32])),
        direct_path: Some("/v/1".into()),
        sha256: None,
        encrypted_sha256: None,
        stored: None,
    };
    Message { body: Body::Media(file), ..received(id, at, "") }
}

fn acked(ids: &[&str], ack: Ack) -> Update {
    let ids = ids.iter().map(|id| id.parse().unwrap()).collect();
    Update::Acked { chat: ana(), ids, ack, at: second(99) }
}

impl World {
    fn new() -> Self {
        let (chats, events) = (Arc::<MemoryChats>::default(), Arc::<MemoryEvents>::default());
        let media = Arc::<MemoryMediaQueue>::default();
        let accounts = Arc::new(MemoryAccounts::of(tenant(7, None)));
        let owner =
            NumberOwner { user: UserId::from_random([7; 16]), session: Some("loja".parse().unwrap()) };
        let mut world = Self {
            inbox: Inbox::new(Self::ports(&chats, &events, &media, &accounts), number()),
            chats,
            events,
            media,
            accounts,
            owner,
        };
        world.restart();
        world
    }

    fn ports(
        chats: &Arc<MemoryChats>,
        events: &Arc<MemoryEvents>,
        media: &Arc<MemoryMediaQueue>,
        accounts: &Arc<MemoryAccounts>,
    ) -> Arc<InboxPorts> {
        let plans = Arc::new(Plans::from_json(PLANS).unwrap());
        Arc::new(InboxPorts {
            reader: chats.clone(),
            writer: chats.clone(),
            events: events.clone(),
            media: media.clone(),
            retention: FindRetention::new(accounts.clone(), plans, Arc::<ManualClock>::default()),
        })
    }

    /// As after a crash.
    fn restart(&mut self) {
        self.inbox =
            Inbox::new(Self::ports(&self.chats, &self.events, &self.media, &self.accounts), number());
    }

    fn intake(&self, updates: &[Update]) -> Intake {
        Intake::new(self.owner.clone(), updates.to_vec())
    }

    async fn take_in(&mut self, updates: &[Update]) {
        let mut intake = self.intake(updates);
        self.inbox.take_in(&mut intake).await.unwrap();
        assert!(intake.is_done());
    }

    /// Stores a message that was sent, and takes in what came of it before.
    async fn store_sent(&mut self, message: &Message) {
        let owner = self.owner.clone();
        let mut before = self.inbox.store_sent(&owner, message).await.unwrap();
        self.inbox.take_in(&mut before).await.unwrap();
    }

    async fn texts(&self) -> Vec<String> {
        let slice = self.chats.messages(&number(), &ana(), None, 100).await.unwrap();
        let text = |message: &Message| match &message.body {
            Body::Text { text } => text.clone(),
            body => body.v1_type().to_owned(),
        };
        slice.items.iter().rev().map(text).collect()
    }

    /// What was told, as `kind:body`.
    fn told(&self) -> Vec<String> {
        let shown = |event: &crate::webhook::Event| {
            let json = &event.json;
            match event.kind {
                EventKind::MessageUpdated => format!("ack:{}", json["ack"]),
                _ => format!(
                    "{}:{}",
                    json["type"].as_str().unwrap(),
                    json["body"].as_str().unwrap_or_default()
                ),
            }
        };
        self.events.published().iter().map(|(_, event)| shown(event)).collect()
    }
}
