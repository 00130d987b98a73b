//! The session tasks of a system: any number of them, each with what tests do to one.

use crate::emulator::endpoint;
use crate::error::{Error, While};
use crate::failing_calls::FailingCalls;
use crate::http::Http;
use crate::link::{self, Links};
use crate::ports::{Ports, free_port};
use crate::process::{Part, Reaper};
use crate::session::{Place, STOP_GRACE, SessionTask};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// One task: a place that processes run at, one after the other.
#[derive(Debug, Clone)]
struct Slot {
    place: Arc<Place>,
    links: Option<Arc<Links>>,
    part: Option<Arc<Part>>,
}

/// The session tasks, by index. The first has what a system with one task has: its ports and its log.
#[derive(Debug)]
pub struct Fleet {
    task: SessionTask,
    ports: Ports,
    /// The port that links to AWS lead to.
    aws: u16,
    linked: bool,
    logs: PathBuf,
    http: Http,
    reaper: Arc<Reaper>,
    slots: Mutex<Vec<Slot>>,
}

impl Fleet {
    /// No task yet. With `linked`, each reaches what it needs by [links](Links) of its own.
    pub(crate) fn new(
        task: SessionTask,
        ports: Ports,
        aws: u16,
        linked: bool,
        logs: PathBuf,
        http: &Http,
        reaper: &Arc<Reaper>,
    ) -> Self {
        let (http, reaper) = (http.clone(), Arc::clone(reaper));
        Self { task, ports, aws, linked, logs, http, reaper, slots: Mutex::default() }
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, Vec<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, index: usize) -> Result<Slot, Error> {
        let slot = self.slots().get(index).cloned();
        slot.ok_or_else(|| Error::new(format!("there is no session task {index}")))
    }

    /// How many there are, running or not.
    pub fn count(&self) -> usize {
        self.slots().len()
    }

    /// One more task, started: its index. It is healthy then, and may own nothing yet.
    pub async fn add(&self) -> Result<usize, Error> {
        let index = self.place().await?;
        self.start(index).await?;
        Ok(index)
    }

    /// A place for one more task, which is not started: its index.
    pub async fn place(&self) -> Result<usize, Error> {
        let index = self.count();
        let simulator = self.ports.simulator;
        let links = match self.linked && self.task.simulator.is_some() {
            true => Some(link::of_task(index, self.aws, simulator).await?),
            false => None,
        };
        let name = if index == 0 { "session".to_owned() } else { format!("session-{index}") };
        let place = Place {
            health: if index == 0 { self.ports.health } else { free_port()? },
            log: self.logs.join(format!("{name}.log")),
            clock: self.linked.then(|| self.task.directory.join(format!("{name}.clock"))),
            trouble: self.linked.then(|| self.task.directory.join(format!("{name}.trouble"))),
            dynamo: links.as_ref().map(|links| endpoint(links.dynamo.address().port())),
            sqs: links.as_ref().map(|links| endpoint(links.sqs.address().port())),
            s3: links.as_ref().map(|links| endpoint(links.s3.address().port())),
            whatsapp: links.as_ref().map(|links| links.whatsapp.address()),
        };
        self.slots().push(Slot { place: Arc::new(place), links, part: None });
        Ok(index)
    }

    /// Starts a task that was killed or stopped; returns once it is healthy.
    pub async fn start(&self, index: usize) -> Result<(), Error> {
        let slot = self.slot(index)?;
        if slot.part.is_some_and(|part| part.runs()) {
            return Err(Error::new("the session task runs already"));
        }
        let part = self.task.start(&slot.place, &self.http, &self.reaper).await?;
        if let Some(slot) = self.slots().get_mut(index) {
            slot.part = Some(Arc::new(part));
        }
        Ok(())
    }

    fn part(&self, index: usize) -> Option<Arc<Part>> {
        self.slot(index).ok().and_then(|slot| slot.part)
    }

    /// Whether its process is there, frozen or not.
    pub fn runs(&self, index: usize) -> bool {
        self.part(index).is_some_and(|part| part.runs())
    }

    /// SIGKILL: it has no chance to finish anything.
    pub async fn kill(&self, index: usize) {
        if let Some(part) = self.part(index) {
            part.kill().await;
        }
    }

    /// SIGTERM, as ECS ends a task; returns when it is gone.
    pub async fn stop(&self, index: usize) {
        if let Some(part) = self.part(index) {
            part.stop(STOP_GRACE).await;
        }
    }

    /// SIGSTOP: it stands still, and its connections stay open.
    pub fn freeze(&self, index: usize) {
        if let Some(part) = self.part(index) {
            part.freeze();
        }
    }

    /// SIGCONT: it goes on as if no time had passed.
    pub fn thaw(&self, index: usize) {
        if let Some(part) = self.part(index) {
            part.thaw();
        }
    }

    /// Its ways, to be cut.
    pub fn links(&self, index: usize) -> Result<Arc<Links>, Error> {
        self.slot(index)?.links.ok_or_else(|| Error::new("this system's tasks have no links"))
    }

    /// When a task last wrote to WhatsApp over the connection that came from `peer` when it was `at`: see [`link::Link::last_written`].
    pub fn last_written(&self, peer: SocketAddr, at: u64) -> Option<u64> {
        let links: Vec<_> = self.slots().iter().filter_map(|slot| slot.links.clone()).collect();
        links.iter().find_map(|links| links.whatsapp.last_written(peer, at))
    }

    /// Moves its clock that many seconds from the machine's, at once and until it is moved again.
    pub fn shift_clock(&self, index: usize, seconds: i64) -> Result<(), Error> {
        match &self.slot(index)?.place.clock {
            Some(file) => std::fs::write(file, seconds.to_string()).or_cannot("shift a task's clock"),
            None => Err(Error::new("this system's tasks have the machine's clock")),
        }
    }

    /// From now on, so many of a hundred of its calls to AWS come to this, whatever the SDK tries.
    pub fn let_calls_fail(&self, index: usize, calls: FailingCalls) -> Result<(), Error> {
        let doing = "let a task's calls fail";
        let Some(file) = &self.slot(index)?.place.trouble else {
            return Err(Error::new("this system's tasks have no trouble of their own"));
        };
        // Whole or not at all, for whoever reads it meanwhile.
        let new = file.with_extension("new");
        std::fs::write(&new, calls.to_string()).or_cannot(doing)?;
        std::fs::rename(new, file).or_cannot(doing)
    }

    /// How many shards it says it runs; `None` when it does not answer.
    pub async fn shards(&self, index: usize) -> Option<u64> {
        let health = self.slot(index).ok()?.place.health_url();
        let asked = self.http.get(&health);
        let answer = tokio::time::timeout(std::time::Duration::from_secs(3), asked).await.ok()?.ok()?;
        answer.json()["shards"].as_u64()
    }

    /// Waits until a task that runs now ends by itself, and says which, in a line.
    pub(crate) async fn crash(&self) -> Error {
        let parts: Vec<Arc<Part>> = self.slots().iter().filter_map(|slot| slot.part.clone()).collect();
        let mut ends: JoinSet<Error> = parts
            .into_iter()
            .map(|part| async move {
                let status = part.ended().await;
                part.crash(status)
            })
            .collect();
        match ends.join_next().await {
            Some(Ok(error)) => error,
            _ => std::future::pending().await,
        }
    }

    /// Stops all of them.
    pub(crate) async fn stop_all(&self) {
        let parts: Vec<Arc<Part>> = self.slots().iter().filter_map(|slot| slot.part.clone()).collect();
        let stops = parts.into_iter().map(|part| async move {
            part.thaw();
            part.stop(STOP_GRACE).await;
        });
        let _: Vec<()> = stops.collect::<JoinSet<()>>().join_all().await;
    }
}
