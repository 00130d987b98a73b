//! Sweeps: which sends are due, and when they are again.

use super::keys::{DUE_BUCKETS, SK, bucket_pk, due_bound, due_pk, due_sk, id_of_pk, pk};
use super::step::when_status;
use super::{DynamoSends, record};
use crate::dynamo::item::{Item, n, s, ttl};
use crate::dynamo::table::{Query, Read};
use crate::dynamo::write::Write;
use carteiro_core::ids::SendId;
use carteiro_core::ports::Unavailable;
use carteiro_core::send::{Send, Status};
use jiff::{SignedDuration, Timestamp};

/// For how long a send that cannot be read is left alone.
const PUT_OFF: SignedDuration = SignedDuration::from_hours(1);

/// The statuses that a sweep looks at.
pub(super) fn pending() -> Vec<Status> {
    Status::ALL.into_iter().filter(|status| status.is_pending()).collect()
}

/// The update that sets when a pending send is due again.
pub(super) fn reschedule(id: SendId, due_at: Timestamp, requeued: bool) -> Write {
    let mut expression = String::from("SET #due_pk = :due_pk, #due_sk = :due_sk");
    if requeued {
        expression.push_str(" ADD #requeues :one");
    }
    let write = Write::update(pk(id), SK, expression)
        .value(":due_pk", s(due_pk(id)))
        .value(":due_sk", s(due_sk(due_at, id)));
    let write = if requeued { write.value(":one", n(1)) } else { write };
    when_status(write, &pending())
}

/// The update that keeps a send for longer.
pub(super) fn keep(id: SendId, until: Timestamp) -> Write {
    Write::update(pk(id), SK, "SET #ttl = :ttl").when("#ttl < :ttl").value(":ttl", ttl(until))
}

impl DynamoSends {
    /// The pending sends that are due, oldest first.
    pub(super) async fn due_sends(&self, now: Timestamp, limit: usize) -> Result<Vec<Send>, Unavailable> {
        // Due at this very millisecond is due: the bound is the next one's.
        let bound = due_bound(now + SignedDuration::from_millis(1));
        let mut due: Vec<(String, SendId)> = Vec::new();
        for bucket in 0..DUE_BUCKETS {
            let query = Query::new("#due_pk = :bucket AND #due_sk < :bound", Read::Eventual)
                .index("due")
                .value(":bucket", bucket_pk(bucket))
                .value(":bound", &bound)
                .limit(limit);
            for item in self.table.query(query).await? {
                due.push((item.text("due_sk")?.to_owned(), item.one("pk", id_of_pk)?));
            }
        }
        due.sort();
        due.truncate(limit);
        let ids: Vec<SendId> = due.into_iter().map(|(_, id)| id).collect();
        let items = self.items(&ids, None).await?;
        // The index may be behind: a send that moved on, or is due later, is left to another sweep.
        let still = |item: &&Item| item.text("due_sk").is_ok_and(|due_sk| due_sk < bound.as_str());
        let mut sends = Vec::with_capacity(items.len());
        for item in items.iter().filter(still) {
            match record::send(item) {
                Ok(send) => sends.push(send),
                Err(error) => self.put_off(item, now, &error).await?,
            }
        }
        Ok(sends)
    }

    /// Puts off a send that cannot be read: it must not keep a sweep from the others, nor be forgotten should a later version be
    /// able to read it.
    async fn put_off(&self, item: &Item, now: Timestamp, error: &Unavailable) -> Result<(), Unavailable> {
        let id = item.one("pk", id_of_pk)?;
        tracing::error!(send_id = %id, %error, "a stored send cannot be read; it is put off");
        self.table.write(reschedule(id, now + PUT_OFF, false)).await?;
        Ok(())
    }
}
