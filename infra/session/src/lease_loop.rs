//! Carries out what the keeper of the leases says, and runs the shards that this task owns.

use crate::fence::Fence;
use crate::health::Health;
use crate::shard_loop::ShardLoop;
use crate::shared::Shared;
use carteiro_core::lease::{Action, Epoch, Keeper, LeaseTable, TaskId, Timing};
use carteiro_core::ports::{LeaseError, Unavailable};
use carteiro_core::shard::{Shard, ShardCount};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

/// How long a request about leases may take. Shorter than what the fence leaves: a lost request must leave time for another.
const REQUEST: Duration = Duration::from_millis(2_500);
/// How long the sends of a shard that is moved may take to be acknowledged.
const MOVE: Duration = Duration::from_secs(10);
/// How many requests to take shards run at the same time.
const TAKES: usize = 8;

/// How a run of the task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was told to stop and has given everything up.
    Stopped,
    /// It lost its leases and stopped everything at once; it may start anew under another id.
    Fenced,
}

/// What a request ended with.
enum Done {
    Heartbeat(Instant, Result<(), LeaseError>),
    View(Instant, Option<LeaseTable>),
    /// With when the former owner was last seen alive, if it died.
    Take(Shard, Result<Epoch, LeaseError>, Option<Duration>),
    Release(Shard),
    Nothing,
}

struct Running {
    stop: watch::Sender<Option<Instant>>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One run of the task, from its first heartbeat to its last.
pub struct LeaseLoop {
    shared: Arc<Shared>,
    health: Arc<Health>,
    start: Instant,
    fence: Arc<Fence>,
    keeper: Keeper,
    shards: HashMap<Shard, Running>,
    requests: JoinSet<Done>,
    takes: Arc<Semaphore>,
}

impl LeaseLoop {
    /// A run under `task`, which no run had before.
    pub fn new(shared: Arc<Shared>, health: Arc<Health>, task: TaskId, count: ShardCount) -> Self {
        let start = Instant::now();
        Self {
            shared,
            health,
            start,
            fence: Arc::new(Fence::closed(start)),
            keeper: Keeper::new(task, count, Timing::default(), Duration::ZERO),
            shards: HashMap::new(),
            requests: JoinSet::new(),
            takes: Arc::new(Semaphore::new(TAKES)),
        }
    }

    /// Runs until `stop` names the time by which what is held must be finished, or everything is lost.
    pub async fn run(mut self, mut stop: watch::Receiver<Option<Instant>>) -> End {
        tracing::info!(task = %self.keeper.task(), "starting");
        let mut leaving = false;
        loop {
            let wake = self.keeper.wake_at().map(|at| self.start + at);
            let actions = tokio::select! {
                by = stop.wait_for(Option::is_some), if !leaving => {
                    leaving = true;
                    let by = by.ok().and_then(|by| *by).unwrap_or_else(Instant::now);
                    self.leave(by);
                    Vec::new()
                }
                Some(done) = self.requests.join_next() => self.on_done(done.unwrap_or(Done::Nothing)),
                () = wait(wake) => self.keeper.tick(self.start.elapsed()),
            };
            if actions.contains(&Action::Fence) {
                self.fence.close();
                self.shards.clear();
                self.health.set_shards(0);
                tracing::error!(task = %self.keeper.task(), "fenced: the leases are lost");
                return End::Fenced;
            }
            actions.into_iter().for_each(|action| self.act(action));
            if leaving && self.shards.is_empty() && self.keeper.is_settled() {
                self.retire().await;
                return End::Stopped;
            }
        }
    }

    fn on_done(&mut self, done: Done) -> Vec<Action> {
        let now = self.start.elapsed();
        match done {
            Done::Heartbeat(at, outcome) => {
                if let Err(error) = &outcome {
                    tracing::warn!(%error, "a heartbeat failed");
                }
                self.health.store_answered(!matches!(outcome, Err(LeaseError::Unavailable(_))));
                let good = outcome.is_ok();
                let actions = self.keeper.heartbeat_done(at - self.start, now, outcome);
                if let Some(until) = self.keeper.fenced_at().filter(|_| good && !self.keeper.is_fenced(now)) {
                    self.fence.move_to(until);
                    self.health.beat();
                }
                actions
            }
            Done::View(at, table) => {
                self.keeper.keep(self.shared.protection.shards());
                self.keeper.viewed(at - self.start, now, table.as_ref())
            }
            Done::Take(shard, outcome, last_seen) => {
                if let Err(error) = &outcome {
                    tracing::info!(%shard, %error, "a shard was not taken");
                } else if let Some(last_seen) = last_seen {
                    self.shared.metrics.takeover(now.saturating_sub(last_seen));
                }
                self.keeper.take_done(shard, now, outcome)
            }
            Done::Release(shard) => {
                self.shards.remove(&shard);
                self.health.set_shards(self.shards.len());
                self.keeper.release_done(shard, now)
            }
            Done::Nothing => Vec::new(),
        }
    }

    fn act(&mut self, action: Action) {
        let leases = self.shared.leases.clone();
        let task = self.keeper.task().clone();
        match action {
            Action::Heartbeat(counter) => {
                let at = Instant::now();
                let beat = async move { leases.heartbeat(&task, counter).await };
                self.requests.spawn(async move { Done::Heartbeat(at, in_time(beat).await) });
            }
            Action::View => {
                let at = Instant::now();
                let view = async move { leases.view().await.map_err(LeaseError::from) };
                self.requests.spawn(async move { Done::View(at, in_time(view).await.ok()) });
            }
            Action::Take { shard, seen, revoke } => {
                let takes = self.takes.clone();
                let former = seen.as_ref().and_then(|lease| lease.owner.as_ref());
                let last_seen = former.and_then(|owner| self.keeper.last_sign_of(owner));
                self.requests.spawn(async move {
                    let _turn = takes.acquire().await;
                    let take = async { leases.take(shard, &task, seen.as_ref(), revoke).await };
                    Done::Take(shard, in_time(take).await, last_seen)
                });
            }
            Action::Own(shard, epoch) => self.own(shard, epoch),
            Action::Release(shard, epoch) => self.release(shard, epoch, Instant::now() + MOVE),
            Action::Lose(shard) => {
                tracing::warn!(%shard, "the shard is another's");
                self.shards.remove(&shard);
                self.health.set_shards(self.shards.len());
            }
            Action::Retire(peer) => {
                self.requests.spawn(async move {
                    let retire = async { leases.retire(&peer).await.map_err(LeaseError::from) };
                    let _ = in_time(retire).await;
                    Done::Nothing
                });
            }
            // Handled by the caller.
            Action::Fence => {}
        }
    }

    fn own(&mut self, shard: Shard, epoch: Epoch) {
        tracing::info!(%shard, epoch = epoch.get(), "the shard is ours");
        let (stop, stopped) = watch::channel(None);
        let shard_loop = ShardLoop::new(self.shared.clone(), self.fence.clone(), shard, epoch);
        let task = tokio::spawn(shard_loop.run(stopped));
        self.shards.insert(shard, Running { stop, task });
        self.health.set_shards(self.shards.len());
    }

    /// Ends a shard in order, if it runs, and gives it up.
    fn release(&mut self, shard: Shard, epoch: Epoch, by: Instant) {
        tracing::info!(%shard, "giving the shard up");
        let stop = self.shards.get(&shard).map(|running| running.stop.clone());
        let (leases, task) = (self.shared.leases.clone(), self.keeper.task().clone());
        self.requests.spawn(async move {
            if let Some(stop) = stop {
                let _ = stop.send(Some(by));
                // The loop drops its end once it has ended.
                stop.closed().await;
            }
            let release = async { leases.release(shard, &task, epoch).await.map_err(LeaseError::from) };
            if let Err(error) = in_time(release).await {
                tracing::warn!(%shard, %error, "the shard could not be given up");
            }
            Done::Release(shard)
        });
    }

    fn leave(&mut self, by: Instant) {
        tracing::info!(shards = self.shards.len(), "stopping");
        self.health.stops();
        self.keeper.leave();
        let (leases, task) = (self.shared.leases.clone(), self.keeper.task().clone());
        self.requests.spawn(async move {
            let leave = async { leases.leave(&task).await.map_err(LeaseError::from) };
            if let Err(error) = in_time(leave).await {
                tracing::warn!(%error, "peers could not be told that this task ends");
            }
            Done::Nothing
        });
        let owned = self.keeper.owned().clone();
        owned.into_iter().for_each(|(shard, epoch)| self.release(shard, epoch, by));
    }

    async fn retire(&mut self) {
        let (leases, task) = (self.shared.leases.clone(), self.keeper.task().clone());
        let retire = async { leases.retire(&task).await.map_err(LeaseError::from) };
        if let Err(error) = in_time(retire).await {
            tracing::warn!(%error, "the task's row could not be removed");
        }
        self.fence.close();
    }
}

async fn wait(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

async fn in_time<T>(request: impl Future<Output = Result<T, LeaseError>>) -> Result<T, LeaseError> {
    timeout(REQUEST, request).await.unwrap_or_else(|_| {
        let late = Unavailable::new("leases", "no answer in time");
        Err(LeaseError::Unavailable(late))
    })
}
