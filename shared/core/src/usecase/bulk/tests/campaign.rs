//! A tenant's operations over ports in memory, with a queue that delays and delivers again, and a number that sends.

use super::super::{
    AcceptBulk, BulkAccepted, BulkPorts, BulkRequest, ChangeBulk, RanBulk, RunBulk, RunBulkPorts, ShowBulk,
};
use crate::bulk::{Bulk, BulkWanted, BulkWish, WINDOW};
use crate::error::Problem;
use crate::ids::{BulkId, SendId};
use crate::ports::{Clock, Sends, Unavailable};
use crate::send::{Send, Status, Step};
use crate::testing::{MemoryBulkQueue, MemoryBulks, MemoryPaces, SeededRandom, Troubled, Troubles};
use crate::usecase::fixture::{World, key, worker};
use crate::usecase::{AcceptPorts, AcceptSend, FindRules};
use crate::user::User;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a run may take: Lambda's timeout.
const RUN: SignedDuration = SignedDuration::from_secs(60);
/// When a message that was not taken comes again.
const VISIBILITY: SignedDuration = SignedDuration::from_secs(90);

pub(super) struct Campaign {
    pub(super) world: World,
    pub(super) bulks: Arc<MemoryBulks>,
    pub(super) queue: Arc<MemoryBulkQueue>,
    pub(super) troubles: Arc<Troubles>,
    pub(super) accept: AcceptBulk,
    pub(super) change: ChangeBulk,
    pub(super) show: ShowBulk,
    run: RunBulk,
    /// What is in the queue, by when it comes out.
    line: Mutex<BTreeMap<(Timestamp, u64), BulkWanted>>,
    put: Mutex<u64>,
}

/// A request to that many recipients, each of which has a name.
pub(super) fn body(count: usize) -> Value {
    let row = |n: usize| json!({ "to_number": format!("55119{n:08}"), "variables": { "nome": format!("Nome {n}") } });
    json!({
        "from_number": worker().digits(), "media_type": "text", "content": "Olá, {{nome}}!",
        "recipients": (0..count).map(row).collect::<Vec<_>>(),
    })
}

pub(super) fn request(body: &Value) -> Result<BulkRequest, Problem> {
    BulkRequest::parse(body.as_object().unwrap())
}

impl Campaign {
    /// Of a number that sends ten a second.
    pub(super) async fn new() -> Self {
        Self::of_plan("rapido").await
    }

    pub(super) async fn of_plan(plan: &str) -> Self {
        let mut world = World::new().await;
        world.tenant = crate::usecase::fixture::tenant(1, plan);
        world.accounts = Arc::default();
        crate::ports::Accounts::create(&*world.accounts, &world.tenant).await.unwrap();
        let (bulks, queue, troubles): (Arc<MemoryBulks>, Arc<MemoryBulkQueue>, Arc<Troubles>) =
            Default::default();
        let (bulk_port, queue_port) = (
            Arc::new(Troubled::new(bulks.clone(), troubles.clone())),
            Arc::new(Troubled::new(queue.clone(), troubles.clone())),
        );
        let objects = Arc::new(Troubled::new(world.objects.clone(), troubles.clone()));
        let sends = Arc::new(Troubled::new(world.sends.clone(), troubles.clone()));
        let ports = BulkPorts {
            bulks: bulk_port.clone(),
            queue: queue_port.clone(),
            objects: objects.clone(),
            numbers: world.numbers.clone(),
        };
        let (clock, random) = (world.clock.clone(), Arc::new(SeededRandom::new(7)));
        let accept = AcceptBulk::new(ports, world.plans.clone(), clock.clone(), random.clone());
        let run_ports = RunBulkPorts {
            bulks: bulk_port.clone(),
            queue: queue_port.clone(),
            sends: sends.clone(),
            objects,
            rules: FindRules {
                accounts: world.accounts.clone(),
                paces: Arc::new(MemoryPaces::default()),
                plans: world.plans.clone(),
                zone: TimeZone::UTC,
            },
        };
        let accept_send = AcceptSend::new(
            AcceptPorts {
                queue: Arc::new(Troubled::new(world.queue.clone(), troubles.clone())),
                usage: Arc::new(Troubled::new(world.usage.clone(), troubles.clone())),
                ..world.accept_ports()
            },
            world.plans.clone(),
            TimeZone::get("America/Sao_Paulo").unwrap(),
            clock.clone(),
            random,
        );
        let run = RunBulk::new(run_ports, accept_send, world.cancel_send(), clock.clone());
        let change = ChangeBulk::new(bulk_port.clone(), queue_port.clone());
        let show = ShowBulk::new(bulk_port, sends, queue_port, clock);
        let (line, put) = (Mutex::default(), Mutex::default());
        Self { world, bulks, queue, troubles, accept, change, show, run, line, put }
    }

    pub(super) fn tenant(&self) -> &User {
        &self.world.tenant
    }

    pub(super) async fn start(&self, body: &Value, under: &str) -> Result<BulkAccepted, Problem> {
        self.accept.accept(self.tenant(), request(body)?, &key(under)).await
    }

    /// Starts an operation of that many recipients.
    pub(super) async fn start_of(&self, count: usize) -> BulkId {
        self.start(&body(count), "campanha").await.unwrap().bulk.id
    }

    pub(super) async fn wish(&self, id: BulkId, wish: BulkWish) -> Result<Bulk, Problem> {
        self.change.change(self.tenant().id, id, wish).await
    }

    pub(super) fn bulk(&self, id: BulkId) -> Bulk {
        self.bulks.all().into_iter().find(|bulk| bulk.id == id).unwrap()
    }

    fn enqueue(&self, at: Timestamp, wanted: BulkWanted) {
        let mut put = self.put.lock().unwrap();
        *put += 1;
        self.line.lock().unwrap().insert((at, *put), wanted);
    }

    fn settle_queue(&self) {
        let now = self.world.clock.now();
        for (wanted, delay) in self.queue.take() {
            self.enqueue(now + SignedDuration::try_from(delay).unwrap(), wanted);
        }
    }

    /// How many messages are in the queue.
    pub(super) fn messages(&self) -> usize {
        self.settle_queue();
        self.line.lock().unwrap().len()
    }

    /// Takes the next message out of the queue when its time has come, which it waits for; `None` when there is none.
    pub(super) async fn turn(&self) -> Option<Result<RanBulk, Unavailable>> {
        self.settle_queue();
        let ((at, _), wanted) = self.line.lock().unwrap().pop_first()?;
        let now = self.world.clock.now();
        if at > now {
            self.world.clock.advance(at.duration_since(now));
        }
        let ran = self.run.run(&wanted, self.world.clock.now() + RUN).await;
        self.settle_queue();
        // A process that died has not deleted its message.
        let died = self.troubles.revive();
        if died || !matches!(ran, Ok(ref ran) if *ran != RanBulk::Busy) {
            self.enqueue(self.world.clock.now() + VISIBILITY, wanted);
        }
        Some(ran)
    }

    /// Takes turns until no message is left; after each, the number sends `leave` of its sends. Answers what came of the turns.
    pub(super) async fn run_dry(&self, leave: usize) -> Vec<RanBulk> {
        let mut all = Vec::new();
        for _ in 0..5_000 {
            let Some(ran) = self.turn().await else { return all };
            all.extend(ran.ok());
            assert!(self.pending().len() <= WINDOW as usize, "{} wait", self.pending().len());
            self.leave(leave).await;
        }
        panic!("it never ends: {:?}", self.bulks.all());
    }

    /// The sends that wait, in the order that they were put in line; those that were not, last.
    pub(super) fn pending(&self) -> Vec<Send> {
        let line: HashMap<SendId, usize> =
            self.world.queue.pushed().into_iter().map(|pushed| pushed.accepted.send_id).zip(0..).collect();
        let mut pending: Vec<Send> =
            self.world.sends.all().into_iter().filter(|send| send.status.is_pending()).collect();
        pending.sort_by_key(|send| line.get(&send.id).copied().unwrap_or(usize::MAX));
        pending
    }

    /// The number sends so many.
    pub(super) async fn leave(&self, count: usize) {
        for send in self.pending().into_iter().take(count) {
            self.world.sends.apply(send.id, &Step::Acknowledge, self.world.clock.now()).await.unwrap();
        }
    }

    pub(super) fn count(&self, status: Status) -> usize {
        self.world.sends.all().iter().filter(|send| send.status == status).count()
    }

    /// Every row of an operation is one send, with its own text and recipient.
    pub(super) fn all_made(&self, id: BulkId, count: usize) {
        let bulk = self.bulk(id);
        assert_eq!(self.world.sends.all().len(), count);
        for (index, id) in bulk.sends(0..bulk.total).into_iter().enumerate() {
            let send = self.world.sends.peek(id).unwrap();
            assert_eq!(send.content.summary(), format!("Olá, Nome {index}!"));
            assert_eq!((send.to.to_string(), send.from), (format!("55119{index:08}"), worker()));
        }
    }

    pub(super) fn advance(&self, by: Duration) {
        self.world.clock.advance(SignedDuration::try_from(by).unwrap());
    }
}
