//! Files go out in the order of their number's sends, whatever happens on their way.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod world;

use carteiro_core::ids::SendId;
use carteiro_core::number::{Desired, LinkState};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Clock, Objects, Sends};
use carteiro_core::send::{Failure, Status, Step};
use carteiro_engine::{SourceError, UploadError};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{World, sender};

/// A text, a file, a text, and so on, each named by its place.
async fn mixed(world: &World, count: usize) -> (Vec<SendId>, Vec<String>) {
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for place in 0..count {
        let name = format!("send {place}");
        ids.push(match place % 2 {
            0 => world.send(&name).await,
            _ => world.send_file(&name).await,
        });
        names.push(name);
    }
    (ids, names)
}

fn all_sent(world: &World, ids: &[SendId]) -> bool {
    ids.iter().all(|id| world.status(*id) == Status::Sent)
}

#[tokio::test(start_paused = true)]
async fn texts_and_files_keep_their_order() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_time = Duration::from_secs(2);
    let (ids, names) = mixed(&world, 20).await;
    world.until("all sent", |world| all_sent(world, &ids)).await;
    assert_eq!(world.whatsapp.shown(), names);
    assert_eq!(world.whatsapp.server().wire.len(), 20, "nothing was written twice");
    assert_eq!(world.whatsapp.server().uploads.len(), 10, "nor uploaded twice");
    world.until("the files are deleted", |world| world.objects.keys().is_empty()).await;
    world.until("the commands are deleted", |world| world.queues.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_long_upload_keeps_acknowledgements_and_the_end_of_the_task_waiting_for_nothing() {
    let (world, task) = World::connected().await;
    world.whatsapp.server().upload_time = Duration::from_secs(600);
    let text = world.send("antes").await;
    let file = world.send_file("grande").await;
    world.until("it is uploaded", |world| world.whatsapp.server().uploads.len() == 1).await;
    world.until_status(text, Status::Sent).await;
    assert_eq!(world.status(file), Status::Queued, "it can be cancelled still");
    sleep(Duration::from_secs(100)).await;
    assert_eq!(world.queues.most_receives(), 1, "its command is held");
    let began = Instant::now();
    task.stop().await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(world.whatsapp.server().abandoned, ["grande"]);
    world.whatsapp.server().upload_time = Duration::from_secs(1);
    let _task = world.start();
    world.until_status(file, Status::Sent).await;
    assert_eq!(world.whatsapp.shown(), ["antes", "grande"]);
}

#[tokio::test(start_paused = true)]
async fn a_send_that_is_cancelled_during_its_upload_is_not_sent() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_time = Duration::from_secs(10);
    let file = world.send_file("arrependido").await;
    let next = world.send("depois").await;
    world.until("it is uploaded", |world| world.whatsapp.server().uploads.len() == 1).await;
    world.sends.apply(file, &Step::Cancel, world.clock.now()).await.unwrap();
    world.until_status(next, Status::Sent).await;
    assert_eq!((world.status(file), world.whatsapp.shown()), (Status::Cancelled, vec!["depois".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_the_media_server_does_not_want_fails_alone() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_errors.extend([UploadError::Refused(413); 3]);
    let file = world.send_file("recusado").await;
    let next = world.send_file("bom").await;
    world.until_status(next, Status::Sent).await;
    assert_eq!(world.sends.peek(file).unwrap().failure, Some(Failure::MediaRefused));
    assert_eq!(world.whatsapp.server().uploads, ["recusado", "recusado", "recusado", "bom"]);
}

#[tokio::test(start_paused = true)]
async fn trouble_on_the_way_is_tried_again_in_order() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_errors.extend([
        UploadError::Failed,
        UploadError::NotConnected,
        UploadError::Refused(413),
        UploadError::Refused(503),
    ]);
    let (ids, names) = mixed(&world, 6).await;
    world.until("all sent", |world| all_sent(world, &ids)).await;
    assert_eq!(world.whatsapp.shown(), names);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_read_for_minutes_is_not_overtaken() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_errors.extend(vec![UploadError::Source(SourceError::Unavailable); 8]);
    let file = world.send_file("foto").await;
    let next = world.send("depois").await;
    world.within(240, "both are sent", |world| all_sent(world, &[file, next])).await;
    assert_eq!(world.whatsapp.shown(), ["foto", "depois"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_never_gets_there_is_left_to_the_sweeper() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_errors.extend(vec![UploadError::Failed; 1_000]);
    let file = world.send_file("azarado").await;
    let next = world.send("depois").await;
    world.within(600, "the next is sent", |world| world.status(next) == Status::Sent).await;
    assert_eq!(world.status(file), Status::Queued);
    world.whatsapp.server().upload_errors.clear();
    assert!(world.sends.due_at(file).unwrap() > world.clock.now());
    world.until("its command is deleted", |world| world.queues.is_empty()).await;
    world.command(file);
    world.until_status(file, Status::Sent).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_never_prepared_goes_back_some_times_and_fails_then() {
    let (world, _task) = World::connected().await;
    let file = world.accept_unprepared("perdido").await;
    for requeues in 0..3 {
        world.command(file);
        world.until("its command is deleted", |world| world.queues.is_empty()).await;
        assert_eq!(world.status(file), Status::Queued);
        let due = world.sends.due_at(file).unwrap();
        assert!(due <= world.clock.now(), "the sweeper comes for it at once");
        assert_eq!(world.sends.peek(file).unwrap().requeues, requeues);
        world.sends.reschedule(file, due, true).await.unwrap();
    }
    world.command(file);
    world.until_status(file, Status::Failed).await;
    assert_eq!(world.sends.peek(file).unwrap().failure, Some(Failure::MediaGone));
    // Prepared again in time, it goes out.
    let file = world.accept_unprepared("achado").await;
    world.command(file);
    world.until("its command is deleted", |world| world.queues.is_empty()).await;
    world.prepare(file).await;
    world.command(file);
    world.until_status(file, Status::Sent).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_whose_bytes_are_gone_is_prepared_again_too() {
    let (world, _task) = World::connected().await;
    let file = world.accept_file("apagado").await;
    world.objects.delete(&ObjectKey::outgoing(file)).await.unwrap();
    world.command(file);
    world.until("its command is deleted", |world| world.queues.is_empty()).await;
    assert_eq!(world.status(file), Status::Queued);
    let due = world.sends.due_at(file).unwrap();
    assert!(due <= world.clock.now(), "the sweeper comes for it at once");
    world.sends.reschedule(file, due, true).await.unwrap();
    world.dispatch(file).await;
    world.until_status(file, Status::Sent).await;
    assert_eq!(world.whatsapp.shown(), ["apagado"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_written_and_never_acknowledged_goes_out_when_it_is_tried_again() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().silent = true;
    let file = world.send_file("insistente").await;
    world.within(900, "it is set aside", |world| world.queues.is_empty()).await;
    assert_eq!(world.status(file), Status::Processing);
    assert!(world.whatsapp.server().wire.len() >= 4);
    assert_eq!(world.objects.keys(), [ObjectKey::outgoing(file).as_str()], "it is needed still");
    world.whatsapp.server().silent = false;
    let due = world.sends.due_at(file).unwrap();
    world.within(1_000, "the sweeper comes", |world| world.clock.now() >= due).await;
    world.sends.reschedule(file, due, true).await.unwrap();
    world.dispatch(file).await;
    world.until_status(file, Status::Sent).await;
    world.until("the file is deleted", |world| world.objects.keys().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_of_which_something_can_never_be_read_stops_nothing_behind_it() {
    let (world, _task) = World::connected().await;
    world.preparations.switch.refuse("find");
    let file = world.send_file("ilegível").await;
    let next = world.send("depois").await;
    world.until_status(next, Status::Sent).await;
    assert_eq!(world.status(file), Status::Queued);
    assert!(world.sends.due_at(file).unwrap() > world.clock.now(), "the sweeper has it tried again");
}

#[tokio::test(start_paused = true)]
async fn stores_that_fail_for_a_while_delay_a_file_and_lose_nothing() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_time = Duration::from_secs(2);
    let (ids, names) = mixed(&world, 6).await;
    world.preparations.switch.fail();
    sleep(Duration::from_secs(20)).await;
    world.objects.switch.fail();
    world.preparations.switch.recover();
    sleep(Duration::from_secs(4)).await;
    world.objects.switch.recover();
    world.until("all sent", |world| all_sent(world, &ids)).await;
    assert_eq!(world.whatsapp.shown(), names);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_during_an_upload_delays_it() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_time = Duration::from_secs(5);
    let file = world.send_file("paciente").await;
    world.until("it is uploaded", |world| world.whatsapp.server().uploads.len() == 1).await;
    world.whatsapp.server().unreachable = true;
    world.whatsapp.cut(&sender());
    world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    world.whatsapp.server().unreachable = false;
    world.until_status(file, Status::Sent).await;
    assert_eq!(world.whatsapp.shown(), ["paciente"]);
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_disconnected_ends_its_upload() {
    let (world, _task) = World::connected().await;
    world.whatsapp.server().upload_time = Duration::from_secs(600);
    let file = world.send_file("interrompido").await;
    world.until("it is uploaded", |world| world.whatsapp.server().uploads.len() == 1).await;
    world.want(&sender(), Desired::Disconnected).await;
    world.until_state(LinkState::Offline).await;
    world.until("it is parked", |world| world.sends.count_parked() == 1).await;
    assert_eq!(world.whatsapp.server().abandoned, ["interrompido"]);
    assert_eq!(world.status(file), Status::Queued);
}

#[tokio::test(start_paused = true)]
async fn killed_anywhere_each_file_arrives_once_and_in_order() {
    for step in 0..40 {
        let world = World::new();
        world.paired(&sender()).await;
        world.whatsapp.server().upload_time = Duration::from_millis(20);
        let (ids, names) = mixed(&world, 12).await;
        let task = world.start();
        world.until_state(LinkState::Connected).await;
        sleep(Duration::from_millis(step * 9)).await;
        task.kill().await;
        let _task = world.start();
        world.within(120, "all sent", |world| all_sent(world, &ids)).await;
        assert_eq!(world.whatsapp.shown(), names, "killed after step {step}");
        world
            .until("nothing is left", |world| world.queues.is_empty() && world.sends.count_parked() == 0)
            .await;
    }
}
