//! Sends under an `Idempotency-Key`. A key names its first send for 24 hours, then a second one, and so on: its generations,
//! of which only the last can still be named.

use super::{AcceptSend, Accepted};
use crate::error::{Code, Problem};
use crate::ids::{IdempotencyKey, SendId};
use crate::ports::{Created, Unavailable};
use crate::retention::next_second;
use crate::send::{IDEMPOTENCY_WINDOW, Send, Waiting};
use jiff::Timestamp;
use jiff::civil::Date;

/// What a send's id is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming<'a> {
    /// It is a new one each time.
    Chance,
    /// The tenant and its key.
    Key(&'a IdempotencyKey),
    /// The caller made it.
    Id(SendId),
}

impl AcceptSend {
    /// Accepts a send that was counted as one of that day, or finds the first of its name; then it was none of the day's. After a
    /// failure it stays counted: the send may be stored for all that.
    pub(super) async fn accept_counted(
        &self,
        naming: Naming<'_>,
        mut send: Send,
        day: Date,
    ) -> Result<Accepted, Problem> {
        let user = send.user;
        let accepted = match naming {
            Naming::Key(key) => self.accept_once(key, send).await,
            Naming::Id(id) => {
                send.id = id;
                match self.create(&send).await? {
                    Created::New => self.signal(send, naming).await,
                    Created::Existing(first) => self.replay(*first, &send).await,
                }
            }
            Naming::Chance => {
                send.id = SendId::from_random(self.random.bytes());
                self.accept_new(send, day).await
            }
        };
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
            match self.create(&send).await? {
                Created::New => return self.signal(send, Naming::Key(key)).await,
                Created::Existing(first) if named(&first, send.queued_at) => {
                    return self.replay(*first, &send).await;
                }
                Created::Existing(first) => {
                    self.keep_passed(&first, send.queued_at).await?;
                    generation = self.first_free(generation, id_of, send.queued_at).await?
                }
            }
        }
    }

    /// The send that has this name now, if there is one.
    pub(super) async fn first_under(
        &self,
        naming: Naming<'_>,
        asked: &Send,
    ) -> Result<Option<Send>, Unavailable> {
        let key = match naming {
            Naming::Chance => return Ok(None),
            Naming::Id(id) => {
                return Ok(self.ports.sends.find(id).await?.filter(|send| send.user == asked.user));
            }
            Naming::Key(key) => key,
        };
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
                Some(send) if !named(&send, now) => {
                    self.keep_passed(&send, now).await?;
                    (past, step) = (next, step.saturating_mul(2));
                }
                _ => break next,
            }
        };
        while free - past > 1 {
            let middle = past + (free - past) / 2;
            match self.ports.sends.find(id_of(middle)).await? {
                Some(send) if !named(&send, now) => {
                    self.keep_passed(&send, now).await?;
                    past = middle;
                }
                _ => free = middle,
            }
        }
        Ok(free)
    }

    /// Keeps a send whose name has passed on for as long as the name may be looked up by way of it: were it forgotten meanwhile, its
    /// generation would seem free, and the same request would be sent twice.
    async fn keep_passed(&self, send: &Send, now: Timestamp) -> Result<(), Unavailable> {
        let until = now + IDEMPOTENCY_WINDOW + IDEMPOTENCY_WINDOW;
        if until <= send.kept_until {
            return Ok(());
        }
        self.ports.sends.keep(send.id, next_second(until)).await
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
    let send = Send {
        id: first.id,
        queued_at: first.queued_at,
        send_at: first.send_at,
        expires_at: first.expires_at,
        kept_until: first.kept_until,
        waiting: first.send_at.map(|_| Waiting::Scheduled),
        ..asked.clone()
    };
    Ok(Accepted { send, replayed: true, not_queued: None, overcounted: None })
}
