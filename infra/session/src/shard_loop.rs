//! One shard while this task owns it: its queue, its numbers' actors and the rooms of its pairings.

use crate::actor::{Actor, Message};
use crate::backoff::{Backoff, jitter};
use crate::fence::Fence;
use crate::held::Holder;
use crate::pairing_room::Room;
use crate::receiving::Receiving;
use crate::shared::Shared;
use carteiro_core::command::Addressee;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::ReceivedCommand;
use carteiro_core::shard::Shard;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout_at};

/// How many commands a shard holds before it receives no more.
const MOST_HELD: usize = 2_000;
/// Over how long the starts of a shard's numbers are spread, for each number.
const SPREAD: Duration = Duration::from_millis(20);
/// How often actors that have nothing to do are looked for.
const SWEEP: Duration = Duration::from_secs(15);
/// How long a number waits after its actor broke.
const BROKEN: Duration = Duration::from_secs(5);
/// How much longer than their deadline actors may take to end.
const MARGIN: Duration = Duration::from_secs(15);

struct Handle {
    inbox: mpsc::UnboundedSender<Message>,
    idle: Arc<AtomicBool>,
    /// What came after it was told to end; its successor gets it.
    backlog: Option<Vec<Message>>,
}

/// A shard that is run. Dropping the future of [`ShardLoop::run`] stops everything in it at once.
pub struct ShardLoop {
    shared: Arc<Shared>,
    fence: Arc<Fence>,
    shard: Shard,
    epoch: Epoch,
    holder: Holder,
    receiving: Receiving,
    actors: HashMap<Addressee, Handle>,
    running: JoinSet<()>,
    addressees: HashMap<tokio::task::Id, Addressee>,
}

impl ShardLoop {
    /// The loop of a shard that was taken in `epoch`.
    pub fn new(shared: Arc<Shared>, fence: Arc<Fence>, shard: Shard, epoch: Epoch) -> Self {
        let holder = Holder::new(shared.receiver.clone(), shard);
        let receiving = Receiving::new(shared.clone(), shard);
        Self {
            shared,
            fence,
            shard,
            epoch,
            holder,
            receiving,
            actors: HashMap::new(),
            running: JoinSet::new(),
            addressees: HashMap::new(),
        }
    }

    /// Runs until `stop` names a time; then ends in order, by about that time.
    pub async fn run(mut self, mut stop: watch::Receiver<Option<Instant>>) {
        // `stop` lives until the end of this function: whoever waits for its end waits for the shard's.
        let stopped = async {
            match stop.wait_for(Option::is_some).await {
                Ok(by) => by.unwrap_or_else(Instant::now),
                Err(_) => Instant::now(),
            }
        };
        let by = tokio::select! {
            by = stopped => by,
            never = self.work() => match never {},
        };
        self.end(by).await;
    }

    async fn work(&mut self) -> std::convert::Infallible {
        let (shared, shard) = (self.shared.clone(), self.shard);
        let mut resumed = JoinSet::new();
        resumed.spawn(wanted(shared.clone(), shard));
        resumed.spawn(pairings(shared, shard));
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let room = self.holder.count() < MOST_HELD;
            tokio::select! {
                Some(wanted) = resumed.join_next() => self.resume(wanted.unwrap_or_default()),
                Some(ended) = self.running.join_next_with_id() => self.on_ended(ended),
                _ = sweep.tick() => self.end_idle(),
                batch = self.receiving.next(), if room => {
                    for command in batch {
                        self.take_in(command);
                    }
                }
            }
        }
    }

    fn resume(&mut self, wanted: Vec<Addressee>) {
        let spread = SPREAD * u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        if !wanted.is_empty() {
            tracing::info!(shard = %self.shard, sessions = wanted.len(), "resuming");
        }
        for addressee in wanted {
            self.tell(&addressee, Message::Resume(jitter(spread)));
        }
    }

    fn take_in(&mut self, received: ReceivedCommand) {
        let held = self.holder.hold(received.receipt);
        match received.command {
            Some(command) => match command.addressee() {
                Some(addressee) => self.tell(&addressee, Message::Command(held, command)),
                None => held.done(),
            },
            None => {
                tracing::error!(shard = %self.shard, "a command that nobody understands was deleted");
                held.done();
            }
        }
    }

    fn tell(&mut self, addressee: &Addressee, message: Message) {
        let handle = match self.actors.get_mut(addressee) {
            Some(handle) => handle,
            None => self.start(addressee),
        };
        match &mut handle.backlog {
            Some(backlog) => backlog.push(message),
            None => {
                // An actor that has just ended drops it: a command comes again.
                let _ = handle.inbox.send(message);
            }
        }
    }

    fn start(&mut self, addressee: &Addressee) -> &mut Handle {
        let (inbox, messages) = mpsc::unbounded_channel();
        let idle = Arc::new(AtomicBool::new(false));
        let (shared, fence) = (self.shared.clone(), self.fence.clone());
        let task = match addressee {
            Addressee::Number(number) => {
                let actor = Actor::new(shared, fence, number.clone(), self.shard, self.epoch, idle.clone());
                self.running.spawn(actor.run(messages))
            }
            Addressee::Pairing(pairing) => {
                self.running.spawn(Room::new(shared, fence, *pairing, self.shard, self.epoch).run(messages))
            }
        };
        self.addressees.insert(task.id(), addressee.clone());
        self.actors.entry(addressee.clone()).insert_entry(Handle { inbox, idle, backlog: None }).into_mut()
    }

    fn on_ended(&mut self, ended: Result<(tokio::task::Id, ()), JoinError>) {
        let (id, broken) = match ended {
            Ok((id, ())) => (id, false),
            Err(error) => (error.id(), error.is_panic()),
        };
        let Some(addressee) = self.addressees.remove(&id) else { return };
        let handle = self.actors.remove(&addressee);
        if broken {
            match &addressee {
                Addressee::Number(number) => {
                    tracing::error!(number = number.masked(), "an actor broke; starting it again");
                }
                Addressee::Pairing(pairing) => {
                    tracing::error!(%pairing, "the room of a pairing broke; starting it again");
                }
            }
            self.tell(&addressee, Message::Resume(BROKEN));
        }
        for message in handle.and_then(|handle| handle.backlog).unwrap_or_default() {
            self.tell(&addressee, message);
        }
    }

    fn end_idle(&mut self) {
        for handle in self.actors.values_mut() {
            if handle.backlog.is_none() && handle.idle.load(Ordering::Acquire) {
                handle.backlog = Some(Vec::new());
                let _ = handle.inbox.send(Message::Stop(Instant::now()));
            }
        }
    }

    async fn end(mut self, by: Instant) {
        for handle in self.actors.values() {
            let _ = handle.inbox.send(Message::Stop(by));
        }
        let ended = async { while self.running.join_next().await.is_some() {} };
        let ended = timeout_at(by + MARGIN, ended);
        if tokio::join!(ended, self.receiving.leave(self.epoch)).0.is_err() {
            tracing::warn!(shard = %self.shard, left = self.running.len(), "actors did not end in time");
            self.running.shutdown().await;
        }
        self.actors.clear();
        self.holder.close().await;
    }
}

/// The numbers of a shard that need a session.
async fn wanted(shared: Arc<Shared>, shard: Shard) -> Vec<Addressee> {
    let mut backoff = Backoff::of_store();
    loop {
        match shared.links.of_shard(shard).await {
            Ok(numbers) => return numbers.into_iter().map(Addressee::Number).collect(),
            Err(error) => tracing::warn!(%shard, %error, "the numbers of a shard could not be read"),
        }
        sleep(backoff.wait()).await;
    }
}

/// The pairings of a shard that are not over.
async fn pairings(shared: Arc<Shared>, shard: Shard) -> Vec<Addressee> {
    let mut backoff = Backoff::of_store();
    loop {
        match shared.pairings.of_shard(shard).await {
            Ok(pairings) => return pairings.into_iter().map(Addressee::Pairing).collect(),
            Err(error) => tracing::warn!(%shard, %error, "the pairings of a shard could not be read"),
        }
        sleep(backoff.wait()).await;
    }
}
