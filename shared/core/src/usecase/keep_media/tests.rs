//! Copies of received files, over ports in memory.

use super::*;
use crate::chat::{Ack, Address, AttachmentKind, Message, Person};
use crate::media::MediaKey;
use crate::retention::RetentionDays;
use crate::testing::{FakeCopier, ManualClock, MemoryAccounts, MemoryChats};

const PLANS: &str = r#"{"basico":{"media_types":["text"],"workers":1,"default":true},"longo":{"media_types":["text"],"workers":1,"media_retention_days":365}}"#;

struct World {
    keep: KeepMedia,
    chats: Arc<MemoryChats>,
    accounts: Arc<MemoryAccounts>,
    copier: Arc<FakeCopier>,
    clock: Arc<ManualClock>,
}

impl World {
    fn new() -> Self {
        let (chats, accounts): (Arc<MemoryChats>, Arc<MemoryAccounts>) = Default::default();
        let (copier, clock): (Arc<FakeCopier>, Arc<ManualClock>) = Default::default();
        let keep = KeepMedia {
            reader: chats.clone(),
            writer: chats.clone(),
            accounts: accounts.clone(),
            plans: Arc::new(Plans::from_json(PLANS).unwrap()),
            copier: copier.clone(),
            clock: clock.clone(),
        };
        Self { keep, chats, accounts, copier, clock }
    }

    /// A tenant on that plan that has received a message with this body.
    async fn received(plan: &str, body: Body) -> (Self, MediaReceived) {
        let world = Self::new();
        let mut user = crate::testing::tenant(1, None);
        user.plan = crate::plan::PlanName::from_stored(plan.to_owned());
        world.accounts.create(&user).await.unwrap();
        let number: Phone = "5511988887777".parse().unwrap();
        let chat: Address = "5511966665555@c.us".parse().unwrap();
        let key =
            MessageKey { chat: chat.clone(), from_me: false, id: "A1".parse().unwrap(), participant: None };
        let message = Message {
            key: key.clone(),
            at: world.clock.now(),
            author: Person::from(chat.clone()),
            push_name: None,
            with: Some(chat.into()),
            ack: Ack::Received,
            body,
            quoted: None,
            forwarded: false,
            edited_at: None,
        };
        world.chats.add(&number, &message, true, RetentionDays::default()).await.unwrap();
        (world, MediaReceived { user: user.id, number, key })
    }
}

fn image() -> Attachment {
    Attachment {
        kind: AttachmentKind::Image,
        mime: "image/jpeg".into(),
        caption: None,
        file_name: None,
        length: Some(1_234),
        seconds: None,
        width: None,
        height: None,
        key: Some(MediaKey([1; 32])),
        direct_path: Some("/v/a.enc".into()),
        sha256: None,
        encrypted_sha256: None,
        stored: None,
    }
}

#[tokio::test]
async fn a_file_is_copied_once_for_as_long_as_the_plan_says() {
    let (world, received) = World::received("longo", Body::Media(image())).await;
    let Ok(Kept::Stored(stored)) = world.keep.keep(&received).await else { panic!("kept") };
    assert_eq!(stored.length, 1_234);
    assert_eq!(stored.expires_at, world.clock.now() + SignedDuration::from_hours(365 * 24));
    assert!(stored.object.as_str().starts_with(&format!("received/365/{}/", received.user)));
    assert_eq!(world.keep.keep(&received).await, Ok(Kept::Stored(stored.clone())));
    assert_eq!(world.copier.copied(), std::slice::from_ref(&stored.object), "the second time it was there");

    world.clock.advance(SignedDuration::from_hours(365 * 24));
    let Ok(Kept::Stored(again)) = world.keep.keep(&received).await else { panic!("kept anew") };
    assert_eq!(again.object, stored.object);
    assert!(again.expires_at > stored.expires_at);
}

#[tokio::test]
async fn a_plan_that_is_gone_keeps_files_for_the_usual_time() {
    let (world, received) = World::received("antigo", Body::Media(image())).await;
    let Ok(Kept::Stored(stored)) = world.keep.keep(&received).await else { panic!("kept") };
    assert!(stored.object.as_str().starts_with("received/30/"));
}

#[tokio::test]
async fn there_may_be_nothing_to_keep() {
    let (world, received) = World::received("longo", Body::Text { text: "oi".into() }).await;
    assert_eq!(world.keep.keep(&received).await, Ok(Kept::Nothing), "a text");
    let mut other = received.clone();
    other.key.id = "B2".parse().unwrap();
    assert_eq!(world.keep.keep(&other).await, Ok(Kept::Nothing), "no such message");
    let (world, received) = World::received("longo", Body::Media(image())).await;
    let user = world.accounts.find(received.user).await.unwrap().unwrap();
    world.accounts.remove(&user).await.unwrap();
    assert_eq!(world.keep.keep(&received).await, Ok(Kept::Nothing), "the tenant went");
    assert!(world.copier.copied().is_empty());
}

#[tokio::test]
async fn what_is_lost_stays_lost_and_an_outage_is_tried_again() {
    let (world, received) = World::received("longo", Body::Media(image())).await;
    world.copier.lose(Some(Lost::Gone));
    assert_eq!(world.keep.keep(&received).await, Ok(Kept::Lost(Lost::Gone)));
    world.copier.lose(None);
    world.copier.switch.fail();
    assert!(world.keep.keep(&received).await.is_err());
    world.copier.switch.recover();
    world.chats.switch.fail();
    assert!(world.keep.keep(&received).await.is_err());
    world.chats.switch.recover();
    assert!(matches!(world.keep.keep(&received).await, Ok(Kept::Stored(_))));
    let (world, received) = World::received("longo", Body::Media(Attachment { key: None, ..image() })).await;
    assert_eq!(world.keep.keep(&received).await, Ok(Kept::Lost(Lost::Nameless)));
}

#[tokio::test]
async fn a_file_that_only_the_client_knows_never_takes_a_known_ones_place() {
    let (world, received) = World::received("longo", Body::Media(image())).await;
    let Ok(Kept::Stored(known)) = world.keep.keep(&received).await else { panic!("kept") };
    let other = Attachment { key: Some(MediaKey([2; 32])), ..image() };
    let MediaReceived { user, number, key } = &received;
    let Ok(Kept::Stored(made_up)) = world.keep.keep_unknown(*user, number, key, &other).await else {
        panic!("kept")
    };
    assert_ne!(known.object, made_up.object);
}
