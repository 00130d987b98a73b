//! Receipts, which WhatsApp forgets when they were taken: they are taken when they are stored, and not before.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::chat::{Ack, Address, MessageKey, Update};
use carteiro_core::ids::SendId;
use carteiro_core::number::LinkState;
use carteiro_core::ports::ChatReader;
use carteiro_core::send::Status;
use carteiro_core::testing::MemorySends;
use carteiro_engine::{Handover, ReceiptKind, SessionEvent};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot::Receiver;
use tokio::time::{sleep, timeout};
use world::{SlowSends, World, recipient, sender};

fn ids(id: SendId) -> [String; 1] {
    [id.message_id().as_str().to_owned()]
}

/// Waits until something is taken (`true`) or dropped.
async fn outcome(taken: Receiver<()>) -> bool {
    timeout(Duration::from_secs(60), taken).await.unwrap().is_ok()
}

/// A world whose stored sends can be cut off, with a number that is paired.
async fn world() -> (World, Arc<SlowSends>) {
    let sends = Arc::new(MemorySends::default());
    let slow = Arc::new(SlowSends::new(sends.clone(), 1));
    let world = World::with_sends(sends, slow.clone());
    world.paired(&sender()).await;
    (world, slow)
}

#[tokio::test(start_paused = true)]
async fn a_receipt_is_taken_when_it_is_stored() {
    let (world, slow) = world().await;
    let _task = world.start();
    let id = world.send("olá").await;
    world.until_status(id, Status::Sent).await;
    slow.switch.fail();
    let mut taken = world.whatsapp.receipt(&sender(), &ids(id), ReceiptKind::Delivered);
    // Longer than it was ever tried before it was given up.
    sleep(Duration::from_secs(600)).await;
    assert!(taken.try_recv().is_err());
    slow.switch.recover();
    assert!(outcome(taken).await);
    assert_eq!(world.status(id), Status::Delivered);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_dies_before_it_has_stored_a_receipt_has_not_taken_it() {
    let (world, slow) = world().await;
    let task = world.start();
    let id = world.send("olá").await;
    world.until_status(id, Status::Sent).await;
    slow.switch.fail();
    let taken = world.whatsapp.receipt(&sender(), &ids(id), ReceiptKind::Delivered);
    sleep(Duration::from_secs(1)).await;
    task.kill().await;
    assert!(!outcome(taken).await);
    slow.switch.recover();
    // So it comes again, to whoever is next.
    let _task = world.start();
    world.within(60, "another session", |world| world.whatsapp.server().starts == 2).await;
    assert!(outcome(world.whatsapp.receipt(&sender(), &ids(id), ReceiptKind::Delivered)).await);
    assert_eq!(world.status(id), Status::Delivered);
}

/// Nothing goes on the wire before what came earlier is stored: an actor that waits for the wire must store it meanwhile.
#[tokio::test(start_paused = true)]
async fn receipts_are_stored_while_the_next_send_waits_for_them() {
    let (world, _) = world().await;
    let _task = world.start();
    let first = world.send("um").await;
    world.until_status(first, Status::Sent).await;
    world.whatsapp.server().held = true;
    let second = world.send("dois").await;
    world.until_status(second, Status::Processing).await;
    // It waits to be written, and then, as the first to somebody, for an answer.
    for kind in [ReceiptKind::Delivered, ReceiptKind::Read] {
        assert!(outcome(world.whatsapp.receipt(&sender(), &ids(first), kind)).await);
    }
    assert_eq!(world.status(first), Status::Read);
    world.whatsapp.server().held = false;
    world.until_status(second, Status::Sent).await;
    assert_eq!(world.whatsapp.shown(), ["um", "dois"]);
}

#[tokio::test(start_paused = true)]
async fn receipts_are_stored_while_a_question_is_not_answered() {
    let (world, _) = world().await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.whatsapp.server().held = true;
    let id = world.send("um").await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.status(id), Status::Queued, "its recipient is asked for");
    // Of a send that is written already, by a task that is gone.
    let taken = world.whatsapp.receipt(&sender(), &ids(id), ReceiptKind::Delivered);
    assert!(outcome(taken).await);
    world.whatsapp.server().held = false;
}

/// A receipt of the message that is being written says that it is on the wire, before its writer says so.
#[tokio::test(start_paused = true)]
async fn a_receipt_may_overtake_the_end_of_its_own_write() {
    let (world, _) = world().await;
    let _task = world.start();
    let first = world.send("um").await;
    world.until_status(first, Status::Sent).await;
    world.whatsapp.server().held = true;
    let id = world.send("dois").await;
    world.until_status(id, Status::Processing).await;
    let chat = Address::of_phone(&recipient());
    let (handover, taken) = Handover::awaited();
    let acked = Update::Acked {
        chat: chat.clone(),
        ids: vec![id.message_id()],
        ack: Ack::Received,
        at: Timestamp::UNIX_EPOCH,
    };
    world.whatsapp.tell(&sender(), SessionEvent::Updates { updates: vec![acked], handover });
    assert!(outcome(taken).await);
    assert!(outcome(world.whatsapp.receipt(&sender(), &ids(id), ReceiptKind::Delivered)).await);
    assert_eq!(world.status(id), Status::Delivered);
    world.whatsapp.server().held = false;
    let third = world.send("três").await;
    world.until_status(third, Status::Sent).await;
    let message = world.chats.message(&sender(), &MessageKey::ours(chat, id.message_id())).await.unwrap();
    assert_eq!(message.unwrap().ack, Ack::Received, "its chat knows it as delivered");
}

/// As after a crash between the write and its acknowledgement: the send waits to be written again.
#[tokio::test(start_paused = true)]
async fn a_receipt_of_a_send_that_another_task_wrote_is_stored_before_anything_is_written() {
    let (world, _) = world().await;
    world.whatsapp.server().silent = true;
    let task = world.start();
    let (first, second) = (world.send("um").await, world.send("dois").await);
    world.until("both are written", |world| world.whatsapp.server().wire.len() == 2).await;
    task.kill().await;
    {
        let mut server = world.whatsapp.server();
        (server.silent, server.held) = (false, true);
    }
    let _task = world.start();
    world.within(60, "it is connected", |world| world.whatsapp.server().starts == 2).await;
    sleep(Duration::from_secs(5)).await;
    let taken = [first, second].map(|id| world.whatsapp.receipt(&sender(), &ids(id), ReceiptKind::Delivered));
    for taken in taken {
        assert!(outcome(taken).await);
    }
    world.whatsapp.server().held = false;
    let third = world.send("três").await;
    world.until_status(third, Status::Sent).await;
    assert_eq!([first, second].map(|id| world.status(id)), [Status::Delivered; 2]);
    assert_eq!(world.whatsapp.shown(), ["um", "dois", "três"]);
    world.until("nothing is left", |world| world.queues.is_empty()).await;
}

/// What is more than may wait is refused, whatever it is.
#[tokio::test(start_paused = true)]
async fn a_change_for_which_there_is_no_room_is_not_taken() {
    let (world, _) = world().await;
    let _task = world.start();
    world.until_state(LinkState::Connected).await;
    world.chats.switch.fail();
    let mut kept = Vec::new();
    let tell = |count: usize| {
        let (handover, taken) = Handover::awaited();
        let ids = (0..count).map(|n| format!("3EB0{n}").parse().unwrap()).collect();
        let chat = Address::of_phone(&recipient());
        let acked = Update::Acked { chat, ids, ack: Ack::Received, at: Timestamp::UNIX_EPOCH };
        world.whatsapp.tell(&sender(), SessionEvent::Updates { updates: vec![acked], handover });
        taken
    };
    // The world has room for a thousand; ten ids count as one.
    kept.push(tell(9_990));
    assert!(!outcome(tell(1_000)).await, "there is no room");
    world.chats.switch.recover();
    for taken in kept {
        assert!(outcome(taken).await);
    }
    assert!(outcome(tell(10)).await, "there is room again");
}
