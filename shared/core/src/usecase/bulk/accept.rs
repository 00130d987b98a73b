//! Accepting an operation: `POST /v2/sends/bulk`.

use super::request::BulkRequest;
use crate::bulk::{Bulk, BulkState};
use crate::error::{Code, Problem};
use crate::ids::{BulkId, IdempotencyKey};
use crate::media::MediaType;
use crate::plan::Plans;
use crate::ports::{BulkQueue, Bulks, Clock, CreatedBulk, Numbers, ObjectBody, Objects, Random};
use crate::send::{IDEMPOTENCY_WINDOW, RequestHash, in_micros};
use crate::usecase::accept_send::admission::refused;
use crate::usecase::claims::Claims;
use crate::usecase::permitted::permitted;
use crate::user::User;
use std::sync::Arc;
use std::time::Duration;

/// What the rows of an operation are stored as.
const STORED_AS: &str = "application/json";

/// What [`AcceptBulk`] stores in and asks.
#[derive(Clone)]
pub struct BulkPorts {
    /// Where operations are.
    pub bulks: Arc<dyn Bulks>,
    /// The queue of operations.
    pub queue: Arc<dyn BulkQueue>,
    /// Where their rows are.
    pub objects: Arc<dyn Objects>,
    /// Where it stands whose worker a number is.
    pub numbers: Arc<dyn Numbers>,
}

/// Accepts bulk operations.
pub struct AcceptBulk {
    ports: BulkPorts,
    claims: Claims,
    plans: Arc<Plans>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// An accepted operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAccepted {
    /// The operation as it is now.
    pub bulk: Bulk,
    /// Whether it had been accepted before, under the same `Idempotency-Key`.
    pub replayed: bool,
}

impl AcceptBulk {
    /// Wires it up.
    pub fn new(ports: BulkPorts, plans: Arc<Plans>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let claims = Claims::new(ports.numbers.clone(), clock.clone());
        Self { ports, claims, plans, clock, random }
    }

    /// Accepts an operation of a tenant. When this answers, the operation is stored and its first turn is in the queue; when it
    /// fails, the same request under the same key goes on wherever this one came to.
    ///
    /// # Errors
    /// In this order: [`Code::NotYourWorker`]; [`Code::PlanForbidsMedia`]; what is wrong with its times, as of a send's;
    /// [`Code::IdempotencyMismatch`]; [`Code::Unavailable`].
    pub async fn accept(
        &self,
        tenant: &User,
        request: BulkRequest,
        key: &IdempotencyKey,
    ) -> Result<BulkAccepted, Problem> {
        if self.claims.shard_of_worker(tenant.id, &request.from).await?.is_none() {
            let detail = format!("O número {} não é um worker deste usuário.", request.from);
            return Err(Problem::new(Code::NotYourWorker).because(detail));
        }
        permitted(&self.plans, tenant, MediaType::Text)?;
        let hash = request.body.hash(&request.from, &request.schedule);
        let now = in_micros(self.clock.now());
        if let Some(first) = self.ports.bulks.named(tenant.id, key, now).await? {
            return self.replay(first, &hash).await;
        }
        let times = request.schedule.times(now).map_err(refused)?;
        let bulk = Bulk {
            id: BulkId::from_random(self.random.bytes()),
            user: tenant.id,
            from: request.from,
            total: u32::try_from(request.body.rows.len()).unwrap_or(u32::MAX),
            made: 0,
            settled: 0,
            state: BulkState::Queued,
            waiting: None,
            request: hash,
            created_at: now,
            send_at: times.send_at,
            expires_at: request.schedule.expires_at.map(|_| times.expires_at),
            retention: self.plans.retention_of(tenant),
            ended_at: None,
            turn: 0,
            wake_at: now,
            rest: 0,
            attempts: 0,
            busy_until: None,
            revision: 0,
        };
        // The rows first: an operation is never without them. Rows without an operation are deleted by the bucket's rule.
        let rows = ObjectBody::Bytes(request.body.to_stored().into());
        self.ports.objects.put(&bulk.object(), rows, STORED_AS).await?;
        match self.ports.bulks.create(&bulk, key, now + IDEMPOTENCY_WINDOW).await? {
            CreatedBulk::New => {
                self.ports.queue.push(&bulk.wanted(), Duration::ZERO).await?;
                Ok(BulkAccepted { bulk, replayed: false })
            }
            CreatedBulk::Existing(first) => {
                // Should it fail, the bucket's rule deletes them.
                let _ = self.ports.objects.delete(&bulk.object()).await;
                self.replay(*first, &bulk.request).await
            }
        }
    }

    /// The first answer again, if the same was asked for. Whoever asks again may do so because the first turn never came to the
    /// queue, so it is said again; a turn that was taken already is dropped.
    async fn replay(&self, first: Bulk, asked: &RequestHash) -> Result<BulkAccepted, Problem> {
        if first.request != *asked {
            return Err(Code::IdempotencyMismatch.into());
        }
        if first.turn == 0 && !first.state.is_over() {
            self.ports.queue.push(&first.wanted(), Duration::ZERO).await?;
        }
        Ok(BulkAccepted { bulk: first, replayed: true })
    }
}
