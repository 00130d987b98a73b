//! What becomes of a number's sends in its chats.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_send_is_a_message_of_its_chat_and_moves_on() {
    let (world, _task) = World::connected().await;
    let id = world.send("olá").await;
    world.until_status(id, Status::Sent).await;
    let key = MessageKey::ours(Address::of_phone(&recipient()), id.message_id());
    let told =
        |count: usize| move |world: &World| world.events.of_kind(EventKind::MessageUpdated).len() == count;
    world.until("its ack is told", told(1)).await;
    let stored = world.chats.message(&sender(), &key).await.unwrap().unwrap();
    assert_eq!((stored.ack, stored.body), (Ack::Sent, Body::Text { text: "olá".into() }));
    let (handover, accepted) = Handover::awaited();
    let ids = vec![key.id.clone()];
    let moved = Update::Acked { chat: key.chat.clone(), ids, ack: Ack::Read, at: Timestamp::UNIX_EPOCH };
    world.whatsapp.tell(&sender(), SessionEvent::Updates { updates: vec![moved], handover });
    assert!(outcome(accepted).await);
    let acks: Vec<i64> = world
        .events
        .of_kind(EventKind::MessageUpdated)
        .iter()
        .map(|e| e.json["ack"].as_i64().unwrap())
        .collect();
    assert_eq!(acks, [1, 3]);
    assert_eq!(world.chats.chat(&sender(), &key.chat).await.unwrap().unwrap().last.unwrap().ack, Ack::Read);
}

#[tokio::test(start_paused = true)]
async fn a_send_that_is_refused_is_a_message_that_failed() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().refusals.insert("não".into(), 479);
    let id = world.send("não").await;
    world.until_status(id, Status::Failed).await;
    world.until("it is told", |world| world.events.of_kind(EventKind::MessageUpdated).len() == 1).await;
    let key = MessageKey::ours(Address::of_phone(&recipient()), id.message_id());
    assert_eq!(world.chats.message(&sender(), &key).await.unwrap().unwrap().ack, Ack::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_send_that_is_never_written_is_a_message_that_failed() {
    let (world, _task) = World::connected().await;
    let nobody = phone("14155550199");
    world.whatsapp.server().absent.insert(nobody.clone());
    let id = world.accept("alô?", &nobody).await;
    world.command(id);
    world.until_status(id, Status::Failed).await;
    world.until("it is told", |world| world.events.of_kind(EventKind::MessageUpdated).len() == 1).await;
    let key = MessageKey::ours(Address::of_phone(&nobody), id.message_id());
    let told = &world.events.of_kind(EventKind::MessageUpdated)[0].json;
    assert_eq!((&told["ack"], &told["body"]), (&(-1).into(), &"alô?".into()));
    assert_eq!(told["id"], format!("true_{}@c.us_{}", nobody.digits(), key.id.as_str()));
    assert_eq!(world.chats.message(&sender(), &key).await.unwrap().unwrap().ack, Ack::Failed);
    assert_eq!(world.whatsapp.server().wire.len(), 0);
}

/// That a send of "alô?" is a message that failed, and was told to be one, once.
async fn is_told_as_failed(world: &World, id: SendId) {
    world.until("it is told", |world| !world.events.of_kind(EventKind::MessageUpdated).is_empty()).await;
    world.until("the queue is empty", |world| world.queues.is_empty()).await;
    // The clock goes on only when nothing is left to do.
    sleep(Duration::from_secs(1)).await;
    let told = world.events.of_kind(EventKind::MessageUpdated);
    assert_eq!((told.len(), &told[0].json["ack"], &told[0].json["body"]), (1, &(-1).into(), &"alô?".into()));
    let key = MessageKey::ours(Address::of_phone(&recipient()), id.message_id());
    assert_eq!(world.chats.message(&sender(), &key).await.unwrap().unwrap().ack, Ack::Failed);
    let chat = world.chats.chat(&sender(), &key.chat).await.unwrap().unwrap();
    assert_eq!(chat.last.unwrap().ack, Ack::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_send_that_failed_before_it_came_here_is_a_message_that_failed() {
    for is_connected in [true, false] {
        let world = World::new();
        let _task = if is_connected {
            world.paired(&sender()).await;
            let task = world.start();
            world.until_state(LinkState::Connected).await;
            task
        } else {
            world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
            world.want(&sender(), Desired::Disconnected).await;
            world.start()
        };
        let id = world.accept("alô?", &recipient()).await;
        world.sends.apply(id, &Step::Fail(Failure::MediaGone), world.clock.now()).await.unwrap();
        world.command(id);
        is_told_as_failed(&world, id).await;
        world.command(id);
        is_told_as_failed(&world, id).await;
        assert_eq!(world.sends.peek(id).unwrap().failure, Some(Failure::MediaGone));
        assert_eq!(world.whatsapp.server().wire.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_number_that_was_never_linked_nothing_is_kept_or_told() {
    let world = World::new();
    let id = world.accept("alô?", &recipient()).await;
    world.sends.apply(id, &Step::Fail(Failure::Expired), world.clock.now()).await.unwrap();
    world.command(id);
    let _task = world.start();
    world.until("the queue is empty", |world| world.queues.is_empty()).await;
    // The clock goes on only when nothing is left to do.
    sleep(Duration::from_secs(1)).await;
    assert!(world.events.published().is_empty() && world.chats.is_empty(&sender()));
}

#[tokio::test(start_paused = true)]
async fn a_send_whose_time_was_over_when_it_came_is_a_message_that_failed() {
    let world = World::new();
    world.want(&sender(), Desired::Connected(PairingMethod::Qr)).await;
    world.want(&sender(), Desired::Disconnected).await;
    let id = world.accept_until("alô?", &recipient(), SignedDuration::ZERO).await;
    world.command(id);
    let _task = world.start();
    world.until_status(id, Status::Failed).await;
    is_told_as_failed(&world, id).await;
}
