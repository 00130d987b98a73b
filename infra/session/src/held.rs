//! Keeps received commands invisible to others for as long as they are held, and deletes those that are done.

use crate::backoff::Backoff;
use carteiro_core::ports::ShardReceiver;
use carteiro_core::shard::Shard;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

/// How often held commands are extended.
const EVERY: Duration = Duration::from_secs(3);
/// For how long; the queues' own visibility. What a task held that died is visible again when its leases are over, and not
/// much later.
const VISIBILITY: Duration = Duration::from_secs(10);
/// How often a deletion is tried. A command that could not be deleted comes again and is found to be done.
const DELETE_TRIES: usize = 6;
/// How often commands are tried to be given back. What is not is visible again after [`VISIBILITY`].
const GIVE_BACK_TRIES: usize = 3;

enum Note {
    Hold(u64, String),
    Done(u64),
    Dropped(u64),
    Close(oneshot::Sender<()>),
}

/// A command that this task holds. Say [`Held::done`] once it is carried out for good; when it is dropped instead, it
/// becomes visible again within [`VISIBILITY`], or at once when the shard is given up in order.
#[derive(Debug)]
pub struct Held {
    number: u64,
    notes: mpsc::UnboundedSender<Note>,
    done: bool,
    count: Arc<AtomicUsize>,
}

impl Held {
    /// Deletes the command.
    pub fn done(mut self) {
        self.done = true;
        let _ = self.notes.send(Note::Done(self.number));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
        if !self.done {
            let _ = self.notes.send(Note::Dropped(self.number));
        }
    }
}

/// What a shard holds.
#[derive(Debug)]
pub struct Holder {
    notes: mpsc::UnboundedSender<Note>,
    next: u64,
    count: Arc<AtomicUsize>,
    /// Ends with the holder.
    _keeper: JoinSet<()>,
}

impl Holder {
    /// Begins to keep what `shard` receives.
    pub fn new(receiver: Arc<dyn ShardReceiver>, shard: Shard) -> Self {
        let (notes, noted) = mpsc::unbounded_channel();
        let mut keeper = JoinSet::new();
        keeper.spawn(Keeper { receiver, shard, held: BTreeMap::new(), deletions: JoinSet::new() }.run(noted));
        Self { notes, next: 0, count: Arc::default(), _keeper: keeper }
    }

    /// Holds a command that was just received.
    pub fn hold(&mut self, receipt: String) -> Held {
        let number = self.next;
        self.next += 1;
        self.count.fetch_add(1, Ordering::Relaxed);
        let _ = self.notes.send(Note::Hold(number, receipt));
        Held { number, notes: self.notes.clone(), done: false, count: self.count.clone() }
    }

    /// How many commands are held.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Deletes what is done, gives everything else back at once, and ends.
    pub async fn close(self) {
        let (closed, done) = oneshot::channel();
        if self.notes.send(Note::Close(closed)).is_ok() {
            let _ = done.await;
        }
    }
}

/// What is kept of one command.
struct Kept {
    receipt: String,
    /// When nobody wants it any more and it may become visible.
    dropped: Option<Instant>,
}

struct Keeper {
    receiver: Arc<dyn ShardReceiver>,
    shard: Shard,
    held: BTreeMap<u64, Kept>,
    deletions: JoinSet<Vec<u64>>,
}

impl Keeper {
    async fn run(mut self, mut noted: mpsc::UnboundedReceiver<Note>) {
        let mut ticks = interval_at(Instant::now() + EVERY, EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                count = noted.recv_many(&mut batch, 256) => {
                    if count == 0 {
                        return;
                    }
                    if let Some(closed) = self.take_in(batch.drain(..)) {
                        self.close().await;
                        let _ = closed.send(());
                        return;
                    }
                }
                Some(deleted) = self.deletions.join_next() => {
                    for number in deleted.unwrap_or_default() {
                        self.held.remove(&number);
                    }
                }
                _ = ticks.tick() => self.extend().await,
            }
        }
    }

    /// Notes what came together, so that what is done together is deleted in one call.
    fn take_in(&mut self, notes: impl Iterator<Item = Note>) -> Option<oneshot::Sender<()>> {
        let (mut done, mut close) = (Vec::new(), None);
        for note in notes {
            match note {
                Note::Hold(number, receipt) => {
                    drop(self.held.insert(number, Kept { receipt, dropped: None }))
                }
                Note::Done(number) => done.push(number),
                Note::Dropped(number) => {
                    if let Some(kept) = self.held.get_mut(&number) {
                        kept.dropped = Some(Instant::now());
                    }
                }
                Note::Close(closed) => close = Some(closed),
            }
        }
        if !done.is_empty() {
            let receipts =
                done.iter().filter_map(|n| self.held.get(n)).map(|kept| kept.receipt.clone()).collect();
            self.deletions.spawn(delete(self.receiver.clone(), self.shard, done, receipts));
        }
        close
    }

    async fn extend(&mut self) {
        let now = Instant::now();
        self.held.retain(|_, kept| kept.dropped.is_none_or(|at| now < at + VISIBILITY));
        let receipts: Vec<String> = self
            .held
            .values()
            .filter(|kept| kept.dropped.is_none())
            .map(|kept| kept.receipt.clone())
            .collect();
        if receipts.is_empty() {
            return;
        }
        // What could not be extended comes again and meets the send that is under way, or its end.
        if let Err(error) = self.receiver.extend(self.shard, &receipts, VISIBILITY).await {
            tracing::warn!(shard = %self.shard, %error, held = receipts.len(), "held commands could not be extended");
        }
    }

    async fn close(&mut self) {
        while let Some(deleted) = self.deletions.join_next().await {
            for number in deleted.unwrap_or_default() {
                self.held.remove(&number);
            }
        }
        let receipts = self.held.values().map(|kept| kept.receipt.clone()).collect();
        give_back(self.receiver.as_ref(), self.shard, receipts).await;
    }
}

/// Makes commands visible again, in the order in which they were received. A group's are given out again from the first one, and
/// none while an earlier one is not visible: whatever of this fails, their order stays.
pub(crate) async fn give_back(receiver: &dyn ShardReceiver, shard: Shard, receipts: Vec<String>) {
    if receipts.is_empty() {
        return;
    }
    let mut backoff = Backoff::of_store();
    for left in (0..GIVE_BACK_TRIES).rev() {
        match receiver.extend(shard, &receipts, Duration::ZERO).await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(%shard, %error, held = receipts.len(), left, "commands could not be given back");
            }
        }
        if left > 0 {
            sleep(backoff.wait()).await;
        }
    }
}

async fn delete(
    receiver: Arc<dyn ShardReceiver>,
    shard: Shard,
    numbers: Vec<u64>,
    receipts: Vec<String>,
) -> Vec<u64> {
    let mut backoff = Backoff::of_store();
    for _ in 0..DELETE_TRIES {
        match receiver.delete(shard, &receipts).await {
            Ok(()) => return numbers,
            Err(error) => tracing::warn!(%shard, %error, "commands that are done could not be deleted"),
        }
        sleep(backoff.wait()).await;
    }
    numbers
}
