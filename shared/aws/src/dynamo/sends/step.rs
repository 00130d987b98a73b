//! Steps of a send, each one conditional update.

use super::keys::{SK, pk};
use crate::dynamo::item::{at, s};
use crate::dynamo::write::Write;
use carteiro_core::ids::SendId;
use carteiro_core::send::{Status, Step};
use jiff::Timestamp;

/// The attribute that a status dates, if it has one.
fn dated(status: Status) -> Option<&'static str> {
    match status {
        Status::Processing => Some("processing_at"),
        Status::Sent => Some("sent_at"),
        Status::Delivered => Some("delivered_at"),
        Status::Read => Some("read_at"),
        Status::Queued | Status::Failed | Status::Cancelled => None,
    }
}

/// Adds the condition that the send's status is one of these.
pub(super) fn when_status(write: Write, statuses: &[Status]) -> Write {
    let names: Vec<String> = (0..statuses.len()).map(|i| format!(":from{i}")).collect();
    let write = write.when(format!("#status IN ({})", names.join(", ")));
    names.iter().zip(statuses).fold(write, |write, (name, status)| write.value(name, s(status.as_str())))
}

/// The update that takes a step.
pub(super) fn write(id: SendId, step: &Step, time: Timestamp) -> Write {
    let status = step.leads_to();
    let mut expression = String::from("SET #status = :status");
    if let Some(attribute) = dated(status) {
        expression.push_str(&format!(", #{attribute} = :at"));
    }
    for implied in step.implies().iter().copied().filter_map(dated) {
        expression.push_str(&format!(", #{implied} = if_not_exists(#{implied}, :at)"));
    }
    if let Step::Take(_) = step {
        expression.push_str(", #resolved_to = :address");
    }
    if let Step::Fail(_) = step {
        expression.push_str(", #failure = :failure");
    }
    expression.push_str(" REMOVE #waiting");
    if !status.is_pending() {
        expression.push_str(", #due_pk, #due_sk, #line_pk, #line_sk");
    }
    let mut write = Write::update(pk(id), SK, expression).value(":status", s(status.as_str()));
    if dated(status).is_some() {
        write = write.value(":at", at(time));
    }
    if let Step::Take(address) = step {
        write = write.value(":address", s(address));
    }
    if let Step::Fail(failure) = step {
        write = write.value(":failure", s(failure.code()));
    }
    when_status(write, status.reachable_from())
}
