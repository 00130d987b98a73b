//! A send as an item.

use super::content::{content, with_content};
use super::keys::{SK, accepted_sk, due_pk, due_sk, line_pk, number_pk, pk, place_sk};
use crate::dynamo::item::{Damaged, Item, at, n, s, ttl};
use carteiro_core::ports::{Line, Parked, Unavailable};
use carteiro_core::send::{Failure, RequestHash, Send, Status, Waiting};
use jiff::Timestamp;

/// A new send, due for a sweep.
pub(in crate::dynamo) fn item(send: &Send, due_at: Timestamp) -> Item {
    let item = with_content(Item::new(pk(send.id), SK), &send.content)
        .with("user_id", s(send.user.to_string()))
        .with("from", s(send.from.digits()))
        .with("to", s(send.to.to_string()))
        .with_some("resolved_to", send.resolved_to.as_ref().map(s))
        .with("status", s(send.status.as_str()))
        .with_some("failure", send.failure.as_ref().map(|f| s(f.code())))
        .with_some("waiting", send.waiting.map(|w| s(w.as_str())))
        .with_some("request", send.request.as_ref().map(|r| s(&r.0)))
        .with("queued_at", at(send.queued_at))
        .with_some("send_at", send.send_at.map(at))
        .with("expires_at", at(send.expires_at))
        .with_some("processing_at", send.processing_at.map(at))
        .with_some("sent_at", send.sent_at.map(at))
        .with_some("delivered_at", send.delivered_at.map(at))
        .with_some("read_at", send.read_at.map(at))
        .with("requeues", n(send.requeues))
        .with("number_pk", s(number_pk(send.user, &send.from)))
        .with("number_sk", s(accepted_sk(send.queued_at, send.id)))
        .with("ttl", ttl(send.kept_until));
    if !send.status.is_pending() {
        return item;
    }
    let line = if send.waiting == Some(Waiting::Scheduled) { Line::Scheduled } else { Line::Open };
    item.with("due_pk", s(due_pk(send.id)))
        .with("due_sk", s(due_sk(due_at, send.id)))
        .with("line_pk", s(line_pk(&send.from, line)))
        .with("line_sk", s(place_sk(&Parked::of(send))))
}

/// Reads a send.
pub(in crate::dynamo) fn send(item: &Item) -> Result<Send, Unavailable> {
    Ok(Send {
        id: item.one("pk", super::keys::id_of_pk)?,
        user: item.one("user_id", |t| t.parse().ok())?,
        from: item.one("from", |t| t.parse().ok())?,
        to: item.one("to", |t| t.parse().ok())?,
        resolved_to: item.some("resolved_to", |t| Some(t.to_owned()))?,
        content: content(item)?,
        status: status(item)?,
        failure: item.some("failure", Failure::from_stored)?,
        waiting: item.some("waiting", Waiting::from_stored)?,
        request: item.some("request", |t| Some(RequestHash(t.to_owned())))?,
        queued_at: item.time("queued_at")?,
        send_at: item.some_time("send_at")?,
        expires_at: item.time("expires_at")?,
        kept_until: item.ends()?,
        processing_at: item.some_time("processing_at")?,
        sent_at: item.some_time("sent_at")?,
        delivered_at: item.some_time("delivered_at")?,
        read_at: item.some_time("read_at")?,
        requeues: item.number("requeues")?,
    })
}

/// Reads a send's status alone.
pub(in crate::dynamo) fn status(item: &Item) -> Result<Status, Damaged> {
    item.one("status", Status::from_stored)
}
