//! A number's line: how many wait in it, and what is scheduled.

use super::keys::{SK, due_pk, due_sk, id_of_pk, line_pk, pk};
use super::step::when_status;
use super::{DynamoSends, record};
use crate::dynamo::item::{n, s, time_bound};
use crate::dynamo::table::{Query, Read};
use crate::dynamo::write::Write;
use carteiro_core::ids::SendId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Line, Unavailable};
use carteiro_core::send::{Send, Status, Waiting};
use jiff::{SignedDuration, Timestamp};

/// The update that puts a scheduled send into the line.
pub(super) fn release(send: &Send, due_at: Timestamp) -> Write {
    let expression =
        "SET #line_pk = :line, #due_pk = :due_pk, #due_sk = :due_sk REMOVE #waiting ADD #requeues :one";
    let write = Write::update(pk(send.id), SK, expression)
        .value(":line", s(line_pk(&send.from, Line::Open)))
        .value(":due_pk", s(due_pk(send.id)))
        .value(":due_sk", s(due_sk(due_at, send.id)))
        .value(":one", n(1))
        .value(":scheduled", s(Waiting::Scheduled.as_str()));
    let write = when_status(write, &[Status::Queued]);
    let of_status = write.condition.clone().unwrap_or_default();
    write.when(format!("{of_status} AND #waiting = :scheduled"))
}

impl DynamoSends {
    /// Counts the pending sends of a number.
    pub(super) async fn count_waiting(
        &self,
        number: &Phone,
        line: Line,
        limit: usize,
    ) -> Result<usize, Unavailable> {
        let query = Query::new("#line_pk = :line", Read::Eventual)
            .index("in_line")
            .value(":line", line_pk(number, line))
            .limit(limit);
        self.table.count(query).await
    }

    /// The scheduled sends of a number up to a time, in order.
    pub(super) async fn scheduled_sends(
        &self,
        number: &Phone,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Send>, Unavailable> {
        // What begins at this very microsecond has begun: the bound is the next one's.
        let query = Query::new("#line_pk = :line AND #line_sk < :bound", Read::Eventual)
            .index("in_line")
            .value(":line", line_pk(number, Line::Scheduled))
            .value(":bound", time_bound(until + SignedDuration::from_micros(1)))
            .limit(limit);
        let keys = self.table.query(query).await?;
        let ids = keys.iter().map(|item| item.one("pk", id_of_pk)).collect::<Result<Vec<SendId>, _>>()?;
        let mut sends = Vec::with_capacity(ids.len());
        for item in self.items(&ids, None).await? {
            match record::send(&item) {
                Ok(send) => sends.push(send),
                // It must not keep those behind it; the sweep, which is due for it later, puts it off.
                Err(error) => {
                    let send_id = item.one("pk", id_of_pk)?;
                    tracing::error!(%send_id, %error, "a scheduled send cannot be read; it is left out");
                }
            }
        }
        Ok(sends)
    }
}
