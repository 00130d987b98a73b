//! Stored sends: of each content, status, failure and reason to wait.

use crate::ports::Ports;
use crate::samples::{at, phone};
use carteiro_core::ids::{SendId, UploadId, UserId};
use carteiro_core::media::{Caption, FileKind, FileName, MediaType, MediaUrl};
use carteiro_core::send::{
    ContactCard, Content, Failure, File, Forward, RequestHash, Send, Source, Status, Step, Text, Waiting,
};

super::stored! {
    sends_of_each_content: contents_are_written, contents_are_read;
    sends_to_each_recipient: recipients_are_written, recipients_are_read;
    sends_of_each_status: statuses_are_written, statuses_are_read;
    sends_of_each_failure: failures_are_written, failures_are_read;
    sends_of_each_reason_to_wait: reasons_are_written, reasons_are_read;
}

pub(super) fn user() -> UserId {
    UserId::from_random([0x41; 16])
}

pub(super) fn id(seed: u8) -> SendId {
    SendId::from_random([seed; 16])
}

/// A text of the number `phone(1)`, accepted in the second of its seed.
pub(super) fn text(seed: u8) -> Send {
    let text = Text::parse("Olá, çãé 👋".into()).unwrap();
    Send::of_text(id(seed), user(), phone(1), phone(77), text, at(i64::from(seed)))
}

async fn create(ports: &Ports, sends: &[Send]) {
    for send in sends {
        ports.sends.create(send, at(100)).await.unwrap();
    }
}

async fn are_there(ports: &Ports, sends: &[Send]) {
    for send in sends {
        assert_eq!(ports.sends.find(send.id).await, Ok(Some(send.clone())));
    }
}

fn contents() -> Vec<Send> {
    let link = || Source::Url(MediaUrl::parse("https://exemplo.com/loja/foto.jpg?v=1").unwrap());
    let file = |kind, source| File { kind, source, caption: None, name: None };
    let whole = File {
        caption: Caption::parse("Nossa loja 🏬").unwrap(),
        name: FileName::sanitised("foto.jpg"),
        ..file(FileKind::Image, link())
    };
    let upload = Source::Upload(UploadId::from_random([0x42; 16]));
    let forward = |media| Forward { key: "false_5511900000071@c.us_3EB0A".parse().unwrap(), media };
    let contents = [
        Content::Text(Text::parse("Bom dia".into()).unwrap()),
        Content::File(whole),
        Content::File(file(FileKind::Audio, link())),
        Content::File(file(FileKind::Video, link())),
        Content::File(file(FileKind::Document, upload)),
        Content::Contact(ContactCard::new("Ana da Silva", phone(71))),
        Content::Forward(forward(MediaType::Text)),
        Content::Forward(forward(MediaType::Video)),
    ];
    (1..).zip(contents).map(|(seed, content)| Send { content, ..text(seed) }).collect()
}

async fn contents_are_written(ports: &Ports) {
    create(ports, &contents()).await;
}

async fn contents_are_read(ports: &Ports) {
    are_there(ports, &contents()).await;
}

fn recipients() -> Vec<Send> {
    let to = ["5511900000077", "123456789012345@lid", "120363000000000001@g.us"];
    (1..).zip(to).map(|(seed, to)| Send { to: to.parse().unwrap(), ..text(seed) }).collect()
}

async fn recipients_are_written(ports: &Ports) {
    create(ports, &recipients()).await;
}

async fn recipients_are_read(ports: &Ports) {
    are_there(ports, &recipients()).await;
}

const ADDRESS: &str = "5511900000077@s.whatsapp.net";

/// Each status with the steps that lead to it, a minute after one another.
fn statuses() -> Vec<(Send, Vec<Step>)> {
    let take = || Step::Take(ADDRESS.to_owned());
    let new = |seed, status| Send { status, request: Some(RequestHash("00ff".into())), ..text(seed) };
    let taken = |seed, status| Send {
        resolved_to: Some(ADDRESS.to_owned()),
        processing_at: Some(at(60)),
        ..new(seed, status)
    };
    let sent = |seed, status| Send { sent_at: Some(at(120)), ..taken(seed, status) };
    let delivered = |seed, status| Send { delivered_at: Some(at(180)), ..sent(seed, status) };
    vec![
        (new(1, Status::Queued), vec![]),
        (taken(2, Status::Processing), vec![take()]),
        (sent(3, Status::Sent), vec![take(), Step::Acknowledge]),
        (delivered(4, Status::Delivered), vec![take(), Step::Acknowledge, Step::Deliver]),
        (
            Send { read_at: Some(at(240)), ..delivered(5, Status::Read) },
            vec![take(), Step::Acknowledge, Step::Deliver, Step::Read],
        ),
        (
            Send { failure: Some(Failure::NotOnWhatsApp), ..taken(6, Status::Failed) },
            vec![take(), Step::Fail(Failure::NotOnWhatsApp)],
        ),
        (new(7, Status::Cancelled), vec![Step::Cancel]),
    ]
}

async fn statuses_are_written(ports: &Ports) {
    for (send, steps) in statuses() {
        let new = Send { request: send.request, ..text(send.id.as_bytes()[0]) };
        ports.sends.create(&new, at(100)).await.unwrap();
        for (minute, step) in (1..).zip(&steps) {
            ports.sends.apply(send.id, step, at(60 * minute)).await.unwrap();
        }
    }
}

async fn statuses_are_read(ports: &Ports) {
    let sends: Vec<Send> = statuses().into_iter().map(|(send, _)| send).collect();
    are_there(ports, &sends).await;
    let ids: Vec<SendId> = sends.iter().map(|send| send.id).collect();
    let expected: Vec<Option<Status>> = sends.iter().map(|send| Some(send.status)).collect();
    assert_eq!(ports.bulk_sends.statuses(&ids).await, Ok(expected));
}

fn failures() -> Vec<Send> {
    let failures = [
        Failure::NotOnWhatsApp,
        Failure::Expired,
        Failure::NotAWorker,
        Failure::PlanForbids,
        Failure::NumberRemoved,
        Failure::MediaUnreachable,
        Failure::MediaForbidden,
        Failure::MediaSize,
        Failure::MediaFormat,
        Failure::MediaGone,
        Failure::MediaRefused,
        Failure::ForwardGone,
        Failure::ForwardUnsupported,
        Failure::NotInGroup,
        Failure::Refused(463),
    ];
    let failed = |failure| move |seed| Send { status: Status::Failed, failure: Some(failure), ..text(seed) };
    (1..).zip(failures).map(|(seed, failure)| failed(failure)(seed)).collect()
}

async fn failures_are_written(ports: &Ports) {
    create(ports, &failures()).await;
}

async fn failures_are_read(ports: &Ports) {
    are_there(ports, &failures()).await;
}

fn waits() -> Vec<Send> {
    let reasons = [
        Waiting::NotConnected,
        Waiting::Scheduled,
        Waiting::QuietHours,
        Waiting::NewChats,
        Waiting::Restricted,
        Waiting::Paced,
    ];
    (1..).zip(reasons).map(|(seed, why)| Send { waiting: Some(why), requeues: 3, ..text(seed) }).collect()
}

async fn reasons_are_written(ports: &Ports) {
    create(ports, &waits()).await;
}

async fn reasons_are_read(ports: &Ports) {
    are_there(ports, &waits()).await;
}
