//! Questions to a number: answered beside its sends, within their deadline, and told at once where they cannot be.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::chat::{Ack, Address, Body, ChatChange, Message, MessageKey, Person};
use carteiro_core::number::LinkState;
use carteiro_core::ports::{Answers, ChatReader, ChatWriter, Clock};
use carteiro_core::query::{
    ANSWER_LIFETIME, Answer, Asked, PATIENCE, Query, QueryFailure, VALIDATION_LIFETIME, Validation,
};
use carteiro_core::retention::RetentionDays;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::sleep;
use world::{World, recipient, sender};

fn ana() -> Address {
    Address::of_phone(&recipient())
}

fn about() -> Query {
    Query::About { who: ana() }
}

fn says(text: &str) -> Answer {
    Answer::About { text: Some(text.to_owned()) }
}

fn failed(why: QueryFailure) -> Answer {
    Answer::Failed { why }
}

async fn connected() -> (World, world::Task) {
    let world = World::new();
    let task = world.start();
    world.paired(&sender()).await;
    world.until_state(LinkState::Connected).await;
    (world, task)
}

/// The questions of the queue are all deleted.
async fn until_deleted(world: &World) {
    world.until("the commands are deleted", |world| world.queues.is_empty()).await;
}

fn message(index: u32, from_me: bool) -> Message {
    Message {
        key: MessageKey {
            chat: ana(),
            from_me,
            id: format!("3EB0{index:04}").parse().unwrap(),
            participant: None,
        },
        at: Timestamp::from_second(1_700_000_000 + i64::from(index)).unwrap(),
        author: Person::from(ana()),
        push_name: None,
        with: Some(Person::from(ana())),
        ack: Ack::Received,
        body: Body::Text { text: index.to_string() },
        quoted: None,
        forwarded: false,
        edited_at: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_is_answered_and_its_command_deleted() {
    let (world, task) = connected().await;
    world.whatsapp.server().answers.push_back(says("oi"));
    let id = world.ask(about());
    assert_eq!(world.answer(id).await, says("oi"));
    let (_, expires_at) = world.answers.peek(id).unwrap();
    assert!(expires_at <= world.clock.now() + ANSWER_LIFETIME);
    until_deleted(&world).await;
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_keeps_is_left_for_those_who_ask_later_too() {
    let (world, task) = connected().await;
    let person = Some(Person::from(ana()));
    let answer =
        Answer::Validated { numbers: vec![Validation { asked: recipient(), person, business: true }] };
    let query = Query::Validate { numbers: vec![recipient()] };
    world.whatsapp.server().answers.push_back(answer.clone());
    let id = world.ask(query.clone());
    assert_eq!(world.answer(id).await, answer);
    let (kept, until) = world.answers.peek(query.memory_id(&sender()).unwrap()).unwrap();
    assert_eq!(kept, answer);
    assert!(until > world.clock.now() + VALIDATION_LIFETIME - SignedDuration::from_mins(1));
    world.whatsapp.server().answers.push_back(failed(QueryFailure::Refused { code: 429 }));
    let picture = Query::Picture { who: ana() };
    let id = world.ask(picture.clone());
    assert_eq!(world.answer(id).await, failed(QueryFailure::Refused { code: 429 }));
    assert_eq!(world.answers.peek(picture.memory_id(&sender()).unwrap()), None, "a failure is not kept");
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_not_connected_says_so_at_once() {
    let world = World::new();
    let task = world.start();
    let asked_at = world.clock.now();
    let id = world.ask(about());
    assert_eq!(world.answer(id).await, failed(QueryFailure::NotConnected));
    assert!(world.clock.now() < asked_at + SignedDuration::from_secs(2));
    assert!(world.whatsapp.server().asked.is_empty());
    until_deleted(&world).await;
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_late_question_is_not_asked() {
    let (world, task) = connected().await;
    let id = world.ask_until(about(), world.clock.now());
    until_deleted(&world).await;
    assert!(world.whatsapp.server().asked.is_empty());
    assert_eq!(world.answers.peek(id), None);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn whatsapp_is_waited_for_until_the_deadline_and_no_longer() {
    let (world, task) = connected().await;
    let deadline = world.clock.now() + PATIENCE;
    let id = world.ask_until(about(), deadline);
    assert_eq!(world.answer(id).await, failed(QueryFailure::TimedOut));
    assert!(world.clock.now() >= deadline && world.clock.now() < deadline + SignedDuration::from_secs(1));
    assert_eq!(world.whatsapp.server().asked.len(), 1);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_question_waits_for_no_backlog_and_holds_none_up() {
    let (world, task) = connected().await;
    world.whatsapp.server().answer_time = Duration::from_secs(5);
    let mut sends = Vec::new();
    for index in 0..40 {
        sends.push(world.send(&index.to_string()).await);
    }
    world.whatsapp.server().answers.push_back(says("oi"));
    let id = world.ask(about());
    world.until("it is asked", |world| world.whatsapp.server().asked.len() == 1).await;
    assert!(world.whatsapp.shown().len() < 40, "it was asked before the backlog was gone");
    for send in &sends {
        world.until_status(*send, carteiro_core::send::Status::Sent).await;
    }
    assert_eq!(world.answers.peek(id), None, "the sends went on while it was under way");
    assert_eq!(world.answer(id).await, says("oi"));
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn many_questions_are_asked_some_at_a_time() {
    let (world, task) = connected().await;
    {
        let mut server = world.whatsapp.server();
        server.answer_time = Duration::from_millis(500);
        server.answers.extend((0..30).map(|_| says("oi")));
    }
    let ids: Vec<_> = (0..30).map(|_| world.ask(about())).collect();
    for id in ids {
        assert_eq!(world.answer(id).await, says("oi"));
    }
    assert_eq!(world.whatsapp.server().most_under_way, 8);
    until_deleted(&world).await;
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_doubled_command_is_asked_once() {
    let (world, task) = connected().await;
    {
        let mut server = world.whatsapp.server();
        server.answer_time = Duration::from_millis(200);
        server.answers.push_back(says("oi"));
    }
    let query = Query::LeaveGroup { group: "120363000000000001@g.us".parse().unwrap() };
    let deadline = world.clock.now() + PATIENCE;
    let id = world.ask_until(query.clone(), deadline);
    world.command_query(Asked { id, deadline, query: query.clone() });
    world.answer(id).await;
    // And once more, after it was answered: as after a crash between the answer and the deletion.
    world.command_query(Asked { id, deadline, query });
    until_deleted(&world).await;
    assert_eq!(world.whatsapp.server().asked.len(), 1);
    assert_eq!(world.answer(id).await, says("oi"));
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_task_that_died_was_asked_is_answered_by_the_next() {
    let (world, task) = connected().await;
    let id = world.ask_until(about(), world.clock.now() + SignedDuration::from_mins(5));
    world.until("it is asked", |world| world.whatsapp.server().asked.len() == 1).await;
    task.kill().await;
    world.whatsapp.server().answers.push_back(says("oi"));
    let next = world.start();
    world.until_state(LinkState::Connected).await;
    // The first owner's question may have come when the connection was not up yet.
    let answer = world.answer(id).await;
    assert!([says("oi"), failed(QueryFailure::NotConnected)].contains(&answer), "{answer:?}");
    until_deleted(&world).await;
    next.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_stored_when_the_store_is_there_again() {
    let (world, task) = connected().await;
    world.whatsapp.server().answers.push_back(says("oi"));
    world.answers.switch.fail();
    let id = world.ask(about());
    world.until("it is asked", |world| world.whatsapp.server().asked.len() == 1).await;
    sleep(Duration::from_secs(1)).await;
    world.answers.switch.recover();
    assert_eq!(world.answer(id).await, says("oi"));
    until_deleted(&world).await;
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_chat_is_marked_as_read_with_the_messages_that_were_not() {
    let (world, task) = connected().await;
    for index in 0..3 {
        world
            .chats
            .add(&sender(), &message(index, index == 1), true, RetentionDays::default())
            .await
            .unwrap();
    }
    let unread = world.chats.chat(&sender(), &ana()).await.unwrap().unwrap().unread;
    assert!(unread > 0);
    world.whatsapp.server().answers.push_back(Answer::Done);
    let id = world.ask(Query::MarkRead { chat: ana() });
    assert_eq!(world.answer(id).await, Answer::Done);
    let asked = world.whatsapp.server().asked[0].messages.clone();
    let keys: Vec<_> = asked.into_iter().map(|message| message.key).collect();
    assert_eq!(keys, [message(2, false).key], "what came after the number's own message, and no more");
    assert_eq!(world.chats.chat(&sender(), &ana()).await.unwrap().unwrap().unread, 0);

    world.whatsapp.server().answers.push_back(Answer::Done);
    let id = world.ask(Query::MarkUnread { chat: ana() });
    assert_eq!(world.answer(id).await, Answer::Done);
    assert!(world.chats.chat(&sender(), &ana()).await.unwrap().unwrap().marked_unread);

    world.whatsapp.server().answers.push_back(failed(QueryFailure::Internal));
    let id = world.ask(Query::MarkRead { chat: ana() });
    assert_eq!(world.answer(id).await, failed(QueryFailure::Internal));
    assert!(world.chats.chat(&sender(), &ana()).await.unwrap().unwrap().marked_unread, "it is not read");
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn more_history_is_asked_for_from_the_oldest_message_on() {
    let (world, task) = connected().await;
    for index in [7, 9, 8] {
        world
            .chats
            .add(&sender(), &message(index, index == 8), true, RetentionDays::default())
            .await
            .unwrap();
    }
    world.whatsapp.server().answers.push_back(Answer::History { count: 2 });
    let id = world.ask(Query::MoreHistory { chat: ana(), count: 50 });
    assert_eq!(world.answer(id).await, Answer::History { count: 2 });
    let asked = world.whatsapp.server().asked[0].messages.clone();
    assert_eq!(asked.iter().map(|message| message.key.clone()).collect::<Vec<_>>(), [message(7, false).key]);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn groups_are_stored_as_they_are_joined_and_left() {
    let (world, task) = connected().await;
    let address: Address = "120363000000000001@g.us".parse().unwrap();
    let group = carteiro_core::chat::Group {
        address: address.clone(),
        subject: "Obras".into(),
        description: None,
        owner: None,
        created_at: None,
        announce: false,
        locked: false,
        participants: Vec::new(),
    };
    world.whatsapp.server().answers.push_back(Answer::Group { group: group.clone() });
    let id = world.ask(Query::JoinGroup { code: "AbCdEfGhIjKlMnOpQrStUv".parse().unwrap() });
    assert_eq!(world.answer(id).await, Answer::Group { group: group.clone() });
    assert_eq!(world.chats.group(&sender(), &address).await.unwrap(), Some(group));
    world.whatsapp.server().answers.push_back(Answer::Done);
    let id = world.ask(Query::LeaveGroup { group: address.clone() });
    assert_eq!(world.answer(id).await, Answer::Done);
    assert_eq!(world.chats.group(&sender(), &address).await.unwrap(), None);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_told_and_blocks_nothing() {
    let (world, task) = connected().await;
    world.chats.switch.fail();
    let id = world.ask(Query::MarkRead { chat: ana() });
    assert_eq!(world.answer(id).await, failed(QueryFailure::Internal));
    world.chats.switch.recover();
    world.chats.change_chat(&sender(), &ana(), &ChatChange::Archived(true)).await.unwrap();
    world.whatsapp.server().answers.push_back(Answer::Done);
    let id = world.ask(Query::MarkRead { chat: ana() });
    assert_eq!(world.answer(id).await, Answer::Done);
    assert_eq!(world.answers.find(id, world.clock.now()).await, Ok(Some(Answer::Done)));
    task.stop().await;
}
