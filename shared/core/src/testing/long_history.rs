//! A number's long past, made up as it is read.

use super::{ManualClock, Switch};
use crate::ids::{SendId, UserId};
use crate::phone::Phone;
use crate::ports::{Page, PageKey, SendHistory, StatusPage, Unavailable};
use crate::report::{Period, Subject};
use crate::send::{Send, Status, Text};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A [`SendHistory`] of as many sends as one likes, which takes no memory: each is made of its place when it is asked for. The
/// text of the one at place 7 is `envio 7;"olá"`; its statuses come in turn.
#[derive(Debug)]
pub struct LongHistory {
    /// Whether it answers.
    pub switch: Switch,
    /// Whose sends they are.
    pub user: UserId,
    /// The number that they were sent from.
    pub number: Phone,
    first: Timestamp,
    step: SignedDuration,
    count: usize,
    clock: Arc<ManualClock>,
    page_takes: SignedDuration,
    largest: AtomicUsize,
}

impl LongHistory {
    /// `count` sends from `number`, the first accepted at `first` and each `step` after the one before. Each page moves `clock` by
    /// `page_takes`.
    pub fn new(
        number: Phone,
        count: usize,
        first: Timestamp,
        step: SignedDuration,
        clock: Arc<ManualClock>,
        page_takes: SignedDuration,
    ) -> Self {
        let user = UserId::from_random([1; 16]);
        let (switch, largest) = (Switch::default(), AtomicUsize::default());
        Self { switch, user, number, first, step, count, clock, page_takes, largest }
    }

    /// All of it.
    pub fn subject(&self) -> Subject {
        let to = self.first + SignedDuration::from_micros(self.micros(self.count));
        Subject { user: self.user, number: self.number.clone(), period: Period { from: self.first, to } }
    }

    /// The largest page that was asked for.
    pub fn largest_page(&self) -> usize {
        self.largest.load(Ordering::Relaxed)
    }

    /// The text of the send at that place.
    pub fn text(place: usize) -> String {
        format!("envio {place};\"olá\"")
    }

    /// The status of the send at that place.
    pub fn status(place: usize) -> Status {
        Status::ALL[place % Status::ALL.len()]
    }

    fn micros(&self, places: usize) -> i64 {
        i64::try_from(self.step.as_micros()).unwrap_or(i64::MAX) * i64::try_from(places).unwrap_or(i64::MAX)
    }

    fn key(&self, place: usize) -> PageKey {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&(place as u64).to_be_bytes());
        let queued_at = self.first + SignedDuration::from_micros(self.micros(place));
        PageKey { queued_at, id: SendId::from_bytes(bytes) }
    }

    fn send(&self, place: usize) -> Option<Send> {
        let PageKey { queued_at, id } = self.key(place);
        let text = Text::parse(Self::text(place)).ok()?;
        let mut send =
            Send::of_text(id, self.user, self.number.clone(), self.number.clone(), text, queued_at);
        send.status = Self::status(place);
        Some(send)
    }

    /// How many sends were accepted before that.
    fn before(&self, at: Timestamp) -> usize {
        let (since, step) = (at.duration_since(self.first).as_micros(), self.step.as_micros().max(1));
        let places = (since + step - 1).max(0) / step;
        usize::try_from(places).unwrap_or(usize::MAX).min(self.count)
    }

    fn places(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<(Range<usize>, Option<PageKey>), Unavailable> {
        self.switch.check("page")?;
        self.clock.advance(self.page_takes);
        self.largest.fetch_max(limit, Ordering::Relaxed);
        let own = of.user == self.user && of.number == self.number;
        let end = if own { self.before(of.period.to) } else { 0 };
        let after = after.map_or(0, |after| self.before(after.queued_at) + 1);
        let begin = self.before(of.period.from).max(after).min(end);
        let last = (begin + limit).min(end);
        Ok((begin..last, (last < end).then(|| self.key(last - 1))))
    }
}

#[async_trait]
impl SendHistory for LongHistory {
    async fn page(&self, of: &Subject, after: Option<&PageKey>, limit: usize) -> Result<Page, Unavailable> {
        let (places, next) = self.places(of, after, limit)?;
        Ok(Page { sends: places.filter_map(|place| self.send(place)).collect(), next })
    }

    async fn statuses(
        &self,
        of: &Subject,
        after: Option<&PageKey>,
        limit: usize,
    ) -> Result<StatusPage, Unavailable> {
        let (places, next) = self.places(of, after, limit)?;
        let statuses = places.map(|place| (self.key(place).queued_at, Self::status(place))).collect();
        Ok(StatusPage { statuses, next })
    }
}
