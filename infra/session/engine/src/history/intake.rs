//! Keeps what comes until it was read.

use super::Arrivals;
use super::reader::{Stopped, hand_over, read};
use crate::backend::{Shelved, StateBackend};
use crate::inbound::{Told, groups_of};
use bytes::Bytes;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, WeakUnboundedSender};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use wacore::types::events::LazyHistorySync;
use waproto::whatsapp::message::HistorySyncType;
use whatsapp_rust::Client;

/// After what the owner refused, or could not be had, before it is tried again.
const PAUSE: Duration = Duration::from_secs(15);
/// How often something is tried before it is left to the next session.
const TRIES: u32 = 8;

/// A blob of history, as it came.
pub(crate) struct Blob {
    shelved: Shelved,
    bytes: Bytes,
}

impl Blob {
    /// What is to be kept of an event; `None` for statuses.
    pub(crate) fn of(event: &LazyHistorySync) -> Option<Self> {
        if event.sync_type() == HistorySyncType::INITIAL_STATUS_V3 as i32 {
            return None;
        }
        let shelved = Shelved {
            name: String::new(),
            kind: event.sync_type(),
            size: event.decompressed_size() as u64,
            request: event.peer_data_request_session_id().map(str::to_owned),
        };
        Some(Self { shelved, bytes: event.compressed_bytes().clone() })
    }

    fn was_asked_for(&self) -> bool {
        self.shelved.kind == HistorySyncType::ON_DEMAND as i32
    }
}

/// Something to read.
#[derive(Clone)]
enum Work {
    /// A blob, in the state or, if it could not be stored, in memory.
    Blob(Shelved, Option<Bytes>),
    /// All groups, of which the history tells too little.
    Groups(Shelved),
}

impl Work {
    fn of(shelved: Shelved) -> Self {
        if shelved.kind == Shelved::GROUPS { Work::Groups(shelved) } else { Work::Blob(shelved, None) }
    }

    fn shelved(&self) -> &Shelved {
        let (Work::Blob(shelved, _) | Work::Groups(shelved)) = self;
        shelved
    }
}

type Reading = Pin<Box<dyn Future<Output = Result<u32, Stopped>> + Send>>;

/// Keeps what comes and reads it, as long as its session lasts. Dropping it ends it at once.
pub(crate) struct Keeper {
    task: JoinSet<()>,
    stop: oneshot::Sender<()>,
}

impl Keeper {
    pub(crate) fn start(
        client: &Arc<Client>,
        shelf: StateBackend,
        coming: UnboundedReceiver<Blob>,
        queue: WeakUnboundedSender<Told>,
        arrivals: Arrivals,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let mut task = JoinSet::new();
        task.spawn(keep_and_read(Arc::downgrade(client), Arc::new(shelf), coming, queue, arrivals, stopped));
        Self { task, stop }
    }

    /// Keeps what has come, reads no more of it, and ends, within `limit`.
    pub(crate) async fn finish(mut self, limit: Duration) {
        let _ = self.stop.send(());
        let _ = timeout(limit, self.task.join_next()).await;
    }
}

async fn keep_and_read(
    client: Weak<Client>,
    shelf: Arc<StateBackend>,
    mut coming: UnboundedReceiver<Blob>,
    queue: WeakUnboundedSender<Told>,
    arrivals: Arrivals,
    mut stopped: oneshot::Receiver<()>,
) {
    // What the store does not tell now the next session reads.
    let shelved = shelf.shelved().await.unwrap_or_default();
    let mut work: VecDeque<Work> = shelved.into_iter().map(Work::of).collect();
    let (mut reading, mut tries): (Option<Reading>, u32) = (None, 0);
    loop {
        if reading.is_none()
            && let Some(next) = work.front()
        {
            reading = Some(Box::pin(done(next.clone(), tries, client.clone(), shelf.clone(), queue.clone())));
        }
        tokio::select! {
            biased;
            blob = coming.recv() => {
                let Some(blob) = blob else { return };
                keep(blob, &shelf, &mut work, reading.is_some()).await;
            }
            // Not before everything that has come is kept.
            _ = &mut stopped => return,
            outcome = next(&mut reading) => {
                reading = None;
                let Some(read) = work.pop_front() else { continue };
                match outcome {
                    Ok(count) => {
                        tries = 0;
                        shelf.unshelve(read.shelved()).await;
                        if let Some(request) = &read.shelved().request {
                            arrivals.came(request, count);
                        }
                    }
                    Err(Stopped::Over) => return,
                    Err(Stopped::Refused) if tries < TRIES => {
                        tries += 1;
                        work.push_front(read);
                    }
                    Err(Stopped::Refused) => tries = 0,
                }
            }
        }
    }
}

async fn next(reading: &mut Option<Reading>) -> Result<u32, Stopped> {
    match reading {
        Some(reading) => reading.await,
        None => std::future::pending().await,
    }
}

async fn keep(blob: Blob, shelf: &StateBackend, work: &mut VecDeque<Work>, busy: bool) {
    if blob.was_asked_for() {
        // Somebody waits for it, so it goes before everything but what is being read.
        let at = usize::from(busy).min(work.len());
        return work.insert(at, Work::Blob(blob.shelved, Some(blob.bytes)));
    }
    let first = blob.shelved.kind == HistorySyncType::INITIAL_BOOTSTRAP as i32;
    match shelf.shelve(&blob.shelved, &blob.bytes).await {
        Ok(shelved) => work.push_back(Work::Blob(shelved, None)),
        Err(_) => work.push_back(Work::Blob(blob.shelved, Some(blob.bytes))),
    }
    if first && !work.iter().any(|work| matches!(work, Work::Groups(_))) {
        let groups = Shelved::groups();
        let groups = shelf.shelve(&groups, &[]).await.unwrap_or(groups);
        work.push_back(Work::Groups(groups));
    }
}

async fn done(
    work: Work,
    tries: u32,
    client: Weak<Client>,
    shelf: Arc<StateBackend>,
    queue: WeakUnboundedSender<Told>,
) -> Result<u32, Stopped> {
    if tries > 0 {
        sleep(PAUSE * tries.min(4)).await;
    }
    let client = client.upgrade().ok_or(Stopped::Over)?;
    match work {
        Work::Blob(shelved, held) => {
            let bytes = match held {
                Some(bytes) => Some(bytes),
                None => shelf.unread(&shelved).await.map_err(|_| Stopped::Refused)?.map(Bytes::from),
            };
            match bytes {
                Some(bytes) => read(&client, bytes, shelved.size, &queue).await,
                None => Ok(0),
            }
        }
        Work::Groups(_) => {
            for updates in groups_of(&client).await.ok_or(Stopped::Refused)? {
                hand_over(updates, &queue).await?;
            }
            Ok(0)
        }
    }
}
