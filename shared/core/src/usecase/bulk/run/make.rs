//! Making sends of rows.

use super::{Run, Stop};
use crate::bulk::{BulkBody, BulkFailure, BulkState, BulkWaiting, SLICE, SPAN, Template, window};
use crate::error::{Code, Problem};
use crate::ids::SendId;
use crate::ports::{LONGEST_DELAY, Unavailable};
use crate::privacy::ERASED_NUMBER;
use crate::send::{Content, Schedule, Status};
use crate::usecase::SendRequest;
use crate::user::User;
use jiff::Timestamp;
use std::time::Duration;

/// How often it is looked whether the tenant may send again today.
const DAILY: Duration = LONGEST_DELAY;
/// How often it is looked whether the number's line is shorter, when nobody says how long that may take.
const BACKLOG: Duration = Duration::from_secs(60);
/// The most bytes that rows take: what a request may have, and what it takes more when it is written anew.
const MAX_BODY: u64 = 32 << 20;

fn failed(failure: BulkFailure) -> Stop {
    Stop::End(BulkState::Failed(failure))
}

impl Run<'_> {
    /// Makes sends of the next rows, as many as may be, and stores that they are made.
    pub(super) async fn make_slice(&mut self) -> Result<(), Stop> {
        let now = self.on.clock.now();
        if self.bulk.made < self.bulk.total && now >= self.bulk.deadline() {
            return Err(failed(BulkFailure::Expired));
        }
        if now < self.bulk.begins_at() {
            self.wait_for(BulkWaiting::Scheduled);
            return Err(Stop::Rest(until(self.bulk.begins_at(), now)));
        }
        let pending = self.look_at_those_made().await?;
        let left = self.bulk.total - self.bulk.made;
        if left == 0 && pending == 0 && self.bulk.settled == self.bulk.total {
            return Err(Stop::End(BulkState::Done));
        }
        let window = self.window().await?;
        let room =
            window.saturating_sub(pending).min(SPAN.saturating_sub(self.bulk.made - self.bulk.settled));
        let slice = left.min(room).min(SLICE);
        // Not for one or two that have left: a run has its price.
        if slice == 0 || (slice < left && room < SLICE.min(window / 2)) {
            self.bulk.waiting = None;
            let rest = self.rest(pending, window);
            return Err(Stop::Rest(rest));
        }
        if self.is_over() {
            return Err(Stop::Rest(Duration::ZERO));
        }
        self.bulk.state = BulkState::Running;
        for _ in 0..slice {
            if let Err(stop) = self.make(self.bulk.made).await {
                // The rows before it are made, whatever becomes of this one.
                self.save().await?;
                return Err(stop);
            }
            self.bulk.made += 1;
        }
        self.bulk.waiting = None;
        self.bulk.attempts = 0;
        self.save().await
    }

    /// How many sends may wait now.
    async fn window(&mut self) -> Result<u32, Unavailable> {
        let rest = Duration::from_secs(self.bulk.rest.into());
        let (_, spacing) = self.sender().await?;
        Ok(window(*spacing, rest))
    }

    /// The tenant, if it is there, and how long after one another its number sends; read once a run.
    async fn sender(&mut self) -> Result<&(Option<User>, Duration), Unavailable> {
        let sender = match self.sender.take() {
            Some(sender) => sender,
            None => {
                let (rules, user) = (&self.on.ports.rules, self.bulk.user);
                let tenant = rules.accounts.find(user).await?;
                let spacing = rules.of_found(&self.bulk.from, user, tenant.as_ref()).await?.spacing();
                (tenant, spacing)
            }
        };
        Ok(self.sender.insert(sender))
    }

    /// Counts the sends that still wait, and takes note of those at the front that do not.
    async fn look_at_those_made(&mut self) -> Result<u32, Unavailable> {
        let ids = self.bulk.sends(self.bulk.settled..self.bulk.made);
        if ids.is_empty() {
            return Ok(0);
        }
        let statuses = self.on.ports.sends.statuses(&ids).await?;
        // One that is not seen is so new that it cannot be yet.
        let waits = |status: &Option<Status>| status.is_none_or(Status::is_pending);
        let in_front = statuses.iter().take_while(|status| !waits(status)).count();
        let pending = statuses.iter().filter(|status| waits(status)).count();
        let in_front = u32::try_from(in_front).unwrap_or_default();
        self.bulk.settled += in_front;
        self.moved += in_front;
        Ok(u32::try_from(pending).unwrap_or(u32::MAX))
    }

    /// Makes a send of one row.
    async fn make(&mut self, index: u32) -> Result<(), Stop> {
        self.read_rows().await?;
        let Some((tenant, body, template)) = &self.rows else { return Err(failed(BulkFailure::Lost)) };
        let row = body.rows.get(usize::try_from(index).unwrap_or(usize::MAX));
        if row.is_some_and(|row| row.to.digits() == ERASED_NUMBER) {
            // Its person was erased, and with that it became a cancelled send.
            return Ok(());
        }
        // It was looked at before it was stored.
        let text = row.and_then(|row| Some((row, row.text(template).ok()?)));
        let Some((row, text)) = text else { return Err(failed(BulkFailure::Lost)) };
        let request = SendRequest {
            from: self.bulk.from.clone(),
            to: row.to.clone().into(),
            content: Content::Text(text),
            attached: None,
            schedule: Schedule { send_at: None, expires_at: self.bulk.expires_at },
        };
        let id = SendId::of_row(self.bulk.id, index);
        match self.on.accept.accept_as(tenant, request, id, self.bulk.deadline()).await {
            Ok(_) => Ok(()),
            Err(problem) => Err(self.stop_for(problem)),
        }
    }

    /// What a refused row means for the operation.
    fn stop_for(&mut self, problem: Problem) -> Stop {
        match problem.code() {
            Code::NotYourWorker => failed(BulkFailure::NotAWorker),
            Code::PlanForbidsMedia => failed(BulkFailure::PlanForbids),
            Code::InvalidExpiresAt => failed(BulkFailure::Expired),
            Code::PlanSendsLimit => {
                self.wait_for(BulkWaiting::DailyLimit);
                Stop::Rest(DAILY)
            }
            Code::BacklogFull => {
                self.wait_for(BulkWaiting::Backlog);
                let wait = problem.retry_after().and_then(|wait| wait.try_into().ok());
                Stop::Rest(wait.unwrap_or(BACKLOG).max(Duration::from_secs(1)))
            }
            _ => {
                let reason = problem.to_string();
                Stop::Unavailable(Unavailable::new("accept a row", reason))
            }
        }
    }

    /// Reads the rows, once a run.
    async fn read_rows(&mut self) -> Result<(), Stop> {
        if self.rows.is_some() {
            return Ok(());
        }
        let Some(tenant) = self.sender().await?.0.clone() else {
            return Err(failed(BulkFailure::NotAWorker));
        };
        let bytes = self.on.ports.objects.read(&self.bulk.object(), 0, MAX_BODY).await?;
        let body = bytes.and_then(|bytes| BulkBody::from_stored(&bytes)).ok_or(failed(BulkFailure::Lost))?;
        let template = Template::parse(&body.text).map_err(|_| failed(BulkFailure::Lost))?;
        self.rows = Some((tenant, body, template));
        Ok(())
    }
}

/// How long it is until then.
fn until(then: Timestamp, now: Timestamp) -> Duration {
    // A second more, since queues and clocks are not that exact.
    Duration::try_from(then.duration_since(now)).unwrap_or_default() + Duration::from_secs(1)
}
