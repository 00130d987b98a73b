//! Sends in memory.

use super::Switch;
use crate::ids::SendId;
use crate::phone::Phone;
use crate::ports::{
    Applied, Created, Line, Page, PageKey, Parked, SendHistory, Sends, StatusPage, Unavailable,
};
use crate::report::Subject;
use crate::send::{Send, Status, Step, Waiting};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Clone, Default)]
struct Stored {
    sends: HashMap<SendId, (Send, Timestamp)>,
    parked: BTreeSet<(Phone, Parked)>,
}

/// [`Sends`] in memory.
#[derive(Debug, Default)]
pub struct MemorySends {
    /// Whether it answers.
    pub switch: Switch,
    stored: Mutex<Stored>,
    writes: Mutex<usize>,
    counts: Mutex<usize>,
}

impl MemorySends {
    /// A send as it is, for a test to look at.
    pub fn peek(&self, id: SendId) -> Option<Send> {
        self.stored().sends.get(&id).map(|(send, _)| send.clone())
    }

    /// Every send, in the order of acceptance.
    pub fn all(&self) -> Vec<Send> {
        let mut sends: Vec<Send> = self.stored().sends.values().map(|(send, _)| send.clone()).collect();
        sends.sort_by_key(|send| (send.queued_at, send.id));
        sends
    }

    /// When a sweep looks at a send, if it is pending.
    pub fn due_at(&self, id: SendId) -> Option<Timestamp> {
        let stored = self.stored();
        stored.sends.get(&id).filter(|(send, _)| send.status.is_pending()).map(|(_, due)| *due)
    }

    /// How many sends are parked.
    pub fn count_parked(&self) -> usize {
        self.stored().parked.len()
    }

    /// How many calls asked for a write so far.
    pub fn writes(&self) -> usize {
        *self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes another one hold what this one does.
    pub fn copy_to(&self, other: &Self) {
        let stored = self.stored().clone();
        *other.stored() = stored;
    }

    /// Deletes what is not kept any more, as DynamoDB does.
    pub fn forget(&self, now: Timestamp) {
        self.stored().sends.retain(|_, (send, _)| now < send.kept_until);
    }

    /// How often waiting sends were counted so far.
    pub fn counts(&self) -> usize {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn to_write(&self, operation: &str) -> Result<MutexGuard<'_, Stored>, Unavailable> {
        self.switch.check(operation)?;
        *self.writes.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Ok(self.stored())
    }
}

fn take(send: &mut Send, step: &Step, at: Timestamp) -> Applied {
    let next = step.leads_to();
    if !next.reachable_from().contains(&send.status) {
        return Applied::Refused(send.status);
    }
    send.status = next;
    send.waiting = None;
    match step {
        Step::Take(address) => {
            send.processing_at = Some(at);
            send.resolved_to = Some(address.clone());
        }
        Step::Acknowledge => send.sent_at = Some(at),
        Step::Deliver => {
            send.sent_at.get_or_insert(at);
            send.delivered_at = Some(at);
        }
        Step::Read => {
            send.sent_at.get_or_insert(at);
            send.delivered_at.get_or_insert(at);
            send.read_at = Some(at);
        }
        Step::Fail(failure) => send.failure = Some(failure.clone()),
        Step::Cancel => {}
    }
    Applied::Moved
}

fn is_scheduled(send: &Send) -> bool {
    send.waiting == Some(Waiting::Scheduled)
}

#[async_trait]
impl Sends for MemorySends {
    async fn create(&self, send: &Send, due_at: Timestamp) -> Result<Created, Unavailable> {
        let mut stored = self.to_write("create")?;
        if let Some((existing, _)) = stored.sends.get(&send.id) {
            return Ok(Created::Existing(Box::new(existing.clone())));
        }
        stored.sends.insert(send.id, (send.clone(), due_at));
        Ok(Created::New)
    }

    async fn find(&self, id: SendId) -> Result<Option<Send>, Unavailable> {
        self.switch.check("find")?;
        Ok(self.peek(id))
    }

    async fn apply(&self, id: SendId, step: &Step, at: Timestamp) -> Result<Applied, Unavailable> {
        self.switch.call("apply", || {
            let mut stored = self.to_write("apply")?;
            let Some((send, _)) = stored.sends.get_mut(&id) else { return Ok(Applied::Unknown) };
            Ok(take(send, step, at))
        })
    }

    async fn reschedule(&self, id: SendId, due_at: Timestamp, requeued: bool) -> Result<(), Unavailable> {
        let mut stored = self.to_write("reschedule")?;
        if let Some((send, due)) = stored.sends.get_mut(&id)
            && send.status.is_pending()
        {
            *due = due_at;
            send.requeues += u32::from(requeued);
        }
        Ok(())
    }

    async fn keep(&self, id: SendId, until: Timestamp) -> Result<(), Unavailable> {
        let mut stored = self.to_write("keep")?;
        if let Some((send, _)) = stored.sends.get_mut(&id) {
            send.kept_until = send.kept_until.max(until);
        }
        Ok(())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Send>, Unavailable> {
        self.switch.check("due")?;
        let stored = self.stored();
        let pending = stored.sends.values().filter(|(send, due)| send.status.is_pending() && *due <= now);
        let mut due: Vec<_> = pending.map(|(send, due)| (*due, send.id, send.clone())).collect();
        due.sort_by_key(|(due, id, _)| (*due, *id));
        Ok(due.into_iter().take(limit).map(|(_, _, send)| send).collect())
    }

    async fn park(&self, send: &Send, why: Waiting) -> Result<(), Unavailable> {
        let mut stored = self.to_write("park")?;
        let Some((kept, due)) = stored.sends.get_mut(&send.id) else { return Ok(()) };
        if kept.status.is_pending() {
            kept.waiting = Some(why);
            *due = kept.expires_at;
            stored.parked.insert((send.from.clone(), Parked::of(send)));
        }
        Ok(())
    }

    async fn parked(
        &self,
        number: &Phone,
        after: Option<&Parked>,
        limit: usize,
    ) -> Result<Vec<Parked>, Unavailable> {
        self.switch.check("parked")?;
        let stored = self.stored();
        let own = stored.parked.iter().filter(|(from, _)| from == number).map(|(_, parked)| parked);
        Ok(own.filter(|parked| after.is_none_or(|after| *parked > after)).take(limit).cloned().collect())
    }

    async fn unpark(&self, number: &Phone, parked: &Parked) -> Result<(), Unavailable> {
        let mut stored = self.to_write("unpark")?;
        stored.parked.remove(&(number.clone(), parked.clone()));
        Ok(())
    }

    async fn waiting(&self, number: &Phone, line: Line, limit: usize) -> Result<usize, Unavailable> {
        self.switch.check("waiting")?;
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        let stored = self.stored();
        let sends = stored.sends.values().map(|(send, _)| send);
        let own = sends.filter(|send| send.from == *number && send.status.is_pending());
        Ok(own.filter(|send| is_scheduled(send) == (line == Line::Scheduled)).take(limit).count())
    }

    async fn scheduled(
        &self,
        number: &Phone,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Send>, Unavailable> {
        self.switch.check("scheduled")?;
        let stored = self.stored();
        let sends = stored.sends.values().map(|(send, _)| send);
        let due = sends.filter(|send| {
            send.from == *number
                && send.status.is_pending()
                && is_scheduled(send)
                && send.begins_at() <= until
        });
        let mut due: Vec<Send> = due.cloned().collect();
        due.sort_by_key(Parked::of);
        due.truncate(limit);
        Ok(due)
    }

    async fn release(&self, send: &Send, due_at: Timestamp) -> Result<(), Unavailable> {
        let mut stored = self.to_write("release")?;
        if let Some((kept, due)) = stored.sends.get_mut(&send.id)
            && kept.status == Status::Queued
            && is_scheduled(kept)
        {
            kept.waiting = None;
            kept.requeues += 1;
            *due = due_at;
        }
        Ok(())
    }
}

impl MemorySends {
    /// What a report is about, and whether there is more after it.
    fn of(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<(Vec<Send>, bool), Unavailable> {
        self.switch.check("page")?;
        let mut sends = self.all();
        sends.retain(|send| {
            send.user == of.user
                && send.from == of.number
                && of.period.from <= send.queued_at
                && send.queued_at < of.period.to
                && after.is_none_or(|after| PageKey::of(send) > *after)
        });
        let more = sends.len() > limit;
        sends.truncate(limit);
        Ok((sends, more))
    }
}

#[async_trait]
impl SendHistory for MemorySends {
    async fn page(&self, of: &Subject, after: Option<&PageKey>, limit: usize) -> Result<Page, Unavailable> {
        let (sends, more) = self.of(of, after, limit)?;
        let next = sends.last().filter(|_| more).map(PageKey::of);
        Ok(Page { sends, next })
    }

    async fn statuses(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<StatusPage, Unavailable> {
        let (sends, more) = self.of(of, after, limit)?;
        let next = sends.last().filter(|_| more).map(PageKey::of);
        Ok(StatusPage { statuses: sends.iter().map(|send| (send.queued_at, send.status)).collect(), next })
    }
}
