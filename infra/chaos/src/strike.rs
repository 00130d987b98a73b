//! Lets faults happen, and ends them when their time is over.

use crate::api::Api;
use crate::fault::{Cut, Fault, REFUSAL};
use crate::lane::Lane;
use carteiro_local::{Error, FailingCalls, Rates, System, Way};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::Instant;

/// What ends a fault.
#[derive(Debug, Clone, Copy)]
enum Mend {
    Start(usize),
    Thaw(usize),
    Open(usize, Cut),
    Aws,
    Calls(usize),
}

/// The faults of a run.
pub(crate) struct Strikes<'a> {
    system: &'a System,
    api: &'a Api,
    lanes: &'a [Arc<Lane>],
    mends: Vec<(Instant, Mend)>,
    /// By how many seconds the tasks' clocks are off.
    clocks: BTreeMap<usize, i64>,
    /// How many there were of each kind.
    pub(crate) counts: BTreeMap<&'static str, u32>,
}

impl<'a> Strikes<'a> {
    pub(crate) fn new(system: &'a System, api: &'a Api, lanes: &'a [Arc<Lane>]) -> Self {
        let (clocks, counts) = (BTreeMap::new(), BTreeMap::new());
        Self { system, api, lanes, mends: Vec::new(), clocks, counts }
    }

    /// Whether a task is whole, so that something can happen to it.
    fn is_whole(&self, task: usize) -> bool {
        let hurt = |mend: &Mend| match *mend {
            Mend::Start(other) | Mend::Thaw(other) | Mend::Open(other, _) => other == task,
            Mend::Aws | Mend::Calls(_) => false,
        };
        !self.mends.iter().any(|(_, mend)| hurt(mend))
    }

    /// Lets a fault happen; `false` if it cannot, as its task is in trouble already, or would change nothing.
    pub(crate) async fn strike(&mut self, fault: Fault) -> Result<bool, Error> {
        if fault.task().is_some_and(|task| !self.is_whole(task)) {
            return Ok(false);
        }
        let fleet = self.system.fleet();
        let now = Instant::now();
        match fault {
            Fault::Kill(task, down) => {
                fleet.kill(task).await;
                self.mends.push((now + down, Mend::Start(task)));
            }
            Fault::Replace(task) => {
                fleet.stop(task).await;
                self.mends.push((now, Mend::Start(task)));
            }
            Fault::Freeze(task, spell) => {
                fleet.freeze(task);
                self.mends.push((now + spell, Mend::Thaw(task)));
            }
            Fault::Cut(task, cut, way, spell) => {
                self.set(task, cut, way)?;
                self.mends.push((now + spell, Mend::Open(task, cut)));
            }
            Fault::Clock(task, seconds) => {
                if self.clocks.insert(task, seconds).unwrap_or(0) == seconds {
                    return Ok(false);
                }
                fleet.shift_clock(task, seconds)?;
            }
            Fault::Aws(rates, spell) => {
                self.aws(rates);
                self.mends.retain(|(_, mend)| !matches!(mend, Mend::Aws));
                self.mends.push((now + spell, Mend::Aws));
            }
            Fault::Calls(task, calls, spell) => {
                fleet.let_calls_fail(task, calls)?;
                self.mends.retain(|(_, mend)| !matches!(mend, Mend::Calls(other) if *other == task));
                self.mends.push((now + spell, Mend::Calls(task)));
            }
            Fault::Drop(number, after) => {
                self.whatsapp(number, json!({"kind": "drop_stream", "after_messages": after})).await?;
            }
            Fault::Nack(number) => {
                self.whatsapp(number, json!({"kind": "nack", "code": REFUSAL, "times": 1})).await?;
            }
            Fault::Twice(number) => {
                self.whatsapp(number, json!({"kind": "duplicate", "times": 1})).await?;
            }
        }
        *self.counts.entry(fault.kind().name()).or_default() += 1;
        Ok(true)
    }

    async fn whatsapp(&self, number: usize, mut fault: serde_json::Value) -> Result<(), Error> {
        let Some(lane) = self.lanes.get(number) else { return Ok(()) };
        fault["number"] = lane.worker.as_str().into();
        self.api.admin("POST", "/admin/faults", Some(&fault)).await?;
        Ok(())
    }

    fn set(&self, task: usize, cut: Cut, way: Way) -> Result<(), Error> {
        let links = self.system.fleet().links(task)?;
        match cut {
            Cut::Dynamo => links.dynamo.set(way),
            Cut::Sqs => links.sqs.set(way),
            Cut::S3 => links.s3.set(way),
            Cut::WhatsApp => links.whatsapp.set(way),
        }
        Ok(())
    }

    fn aws(&self, rates: Rates) {
        if let Some(trouble) = self.system.trouble() {
            trouble.set(rates);
        }
    }

    /// Ends the faults whose time is over; all of them, if `all`.
    pub(crate) async fn mend(&mut self, all: bool) -> Result<(), Error> {
        let now = Instant::now();
        let (over, rest) = self.mends.drain(..).partition(|(at, _)| all || *at <= now);
        self.mends = rest;
        let over: Vec<(Instant, Mend)> = over;
        for (_, mend) in over {
            match mend {
                Mend::Start(task) => self.system.fleet().start(task).await?,
                Mend::Thaw(task) => self.system.fleet().thaw(task),
                Mend::Open(task, cut) => self.set(task, cut, Way::Open)?,
                Mend::Aws => self.aws(Rates::default()),
                Mend::Calls(task) => self.system.fleet().let_calls_fail(task, FailingCalls::default())?,
            }
        }
        if all {
            for task in 0..self.system.fleet().count() {
                self.system.fleet().shift_clock(task, 0)?;
            }
            self.api.admin("DELETE", "/admin/faults", None).await?;
        }
        Ok(())
    }
}
