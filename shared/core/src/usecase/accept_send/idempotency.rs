//! Sends under an `Idempotency-Key`. A key names its first send for 24 hours, then a second one, and so on: its generations,
//! of which only the last can still be named.

use super::{AcceptSend, Accepted, FIRST_SWEEP};
use crate::error::{Code, Problem};
use crate::ids::{IdempotencyKey, SendId};
use crate::ports::{Created, Unavailable};
use crate::send::{IDEMPOTENCY_WINDOW, Send};
use jiff::Timestamp;
use jiff::civil::Date;

impl AcceptSend {
    /// Accepts a send under a key that was counted as one of that day, or finds the key's first; then it was none of the day's.
    /// After a failure it stays counted: the send may be stored for all that.
    pub(super) async fn accept_counted(
        &self,
        key: &IdempotencyKey,
        send: Send,
        day: Date,
    ) -> Result<Accepted, Problem> {
        let user = send.user;
        let accepted = self.accept_once(key, send).await;
        let nothing_new = match &accepted {
            Ok(accepted) => accepted.replayed,
            Err(problem) => problem.code() == Code::IdempotencyMismatch,
        };
        if !nothing_new {
            return accepted;
        }
        let overcounted = self.ports.usage.give_back(user, day).await.err();
        accepted.map(|accepted| Accepted { overcounted, ..accepted })
    }

    async fn accept_once(&self, key: &IdempotencyKey, mut send: Send) -> Result<Accepted, Problem> {
        let user = send.user;
        let id_of = |generation| SendId::from_idempotency_key(user, key, generation);
        let mut generation = 0;
        loop {
            send.id = id_of(generation);
            match self.ports.sends.create(&send, send.queued_at + FIRST_SWEEP).await? {
                Created::New => return Ok(self.signal(send).await),
                Created::Existing(first) if named(&first, send.queued_at) => return replay(*first, &send),
                Created::Existing(_) => {
                    generation = self.first_free(generation, id_of, send.queued_at).await?
                }
            }
        }
    }

    /// The send that a key names now, if it names one.
    pub(super) async fn first_under(
        &self,
        key: &IdempotencyKey,
        asked: &Send,
    ) -> Result<Option<Send>, Unavailable> {
        let id_of = |generation| SendId::from_idempotency_key(asked.user, key, generation);
        let latest = match self.ports.sends.find(id_of(0)).await? {
            Some(first) if !named(&first, asked.queued_at) => {
                let generation = self.first_free(0, id_of, asked.queued_at).await?;
                self.ports.sends.find(id_of(generation)).await?
            }
            first => first,
        };
        Ok(latest)
    }

    /// The first generation after `past`, whose time is over, that is not over too. A key that is used anew each day has a
    /// generation for each day, so they are not tried one by one: steps that double find one that is not over, and halving
    /// what lies between finds the first.
    async fn first_free(
        &self,
        mut past: u32,
        id_of: impl Fn(u32) -> SendId,
        now: Timestamp,
    ) -> Result<u32, Unavailable> {
        let mut step = 1;
        let mut free = loop {
            let next = past.saturating_add(step);
            match self.ports.sends.find(id_of(next)).await? {
                Some(send) if !named(&send, now) => (past, step) = (next, step.saturating_mul(2)),
                _ => break next,
            }
        };
        while free - past > 1 {
            let middle = past + (free - past) / 2;
            match self.ports.sends.find(id_of(middle)).await? {
                Some(send) if !named(&send, now) => past = middle,
                _ => free = middle,
            }
        }
        Ok(free)
    }
}

/// Whether a key still names this send.
fn named(send: &Send, now: Timestamp) -> bool {
    now.duration_since(send.queued_at) < IDEMPOTENCY_WINDOW
}

/// The first answer again, if the same was asked for.
pub(super) fn replay(first: Send, asked: &Send) -> Result<Accepted, Problem> {
    if first.request != asked.request {
        return Err(Code::IdempotencyMismatch.into());
    }
    let send =
        Send { id: first.id, queued_at: first.queued_at, expires_at: first.expires_at, ..asked.clone() };
    Ok(Accepted { send, replayed: true, not_queued: None, overcounted: None })
}
