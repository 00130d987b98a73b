//! A fleet under load: what every trial of it does and looks at.

use crate::tenant::Tenant;
use crate::until::{until, until_seen};
use crate::world::World;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// By when what a task that died had is another's.
pub(crate) const AFTER_CRASH: Duration = Duration::from_secs(13);
/// By when what a task that was ended in order had is another's.
pub(crate) const AFTER_SIGTERM: Duration = Duration::from_secs(3);
/// How much longer it may take where two cores run a dozen processes of unoptimised code, and other tests beside.
const SLACK: Duration = Duration::from_secs(8);

/// A number and the contact that it writes to; what was sent, and its ids.
pub(crate) struct Lane {
    pub(crate) worker: String,
    contact: String,
    sent: RefCell<Vec<(String, String)>>,
}

impl Lane {
    /// How many of its sends were accepted.
    pub(crate) fn accepted(&self) -> usize {
        self.sent.borrow().len()
    }
}

/// The text of a number's send, counted from 0.
fn text(send: usize) -> String {
    format!("mensagem {send}")
}

/// A tenant whose numbers send all the time.
pub(crate) struct Fleet<'a> {
    world: &'a World,
    tenant: Tenant<'a>,
    pub(crate) lanes: Vec<Lane>,
    over: Cell<bool>,
}

/// Milliseconds since the epoch, as the simulator has them.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

impl<'a> Fleet<'a> {
    /// So many numbers, paired.
    pub(crate) async fn of(world: &'a World, numbers: usize) -> Self {
        let tenant = world.tenant("frota@exemplo.com.br", "5511999990200").await;
        let mut fleet = Self { world, tenant, lanes: Vec::new(), over: Cell::new(false) };
        // A shard that moves while a number is paired takes its QR along, and the next owner shows another.
        fleet.spread_evenly("before the first pairing").await;
        for number in 0..numbers {
            let (worker, contact) = (format!("55119888802{number:02}"), format!("55119777702{number:02}"));
            world.contact(&contact).await;
            fleet.tenant.pair(&worker).await;
            fleet.lanes.push(Lane { worker, contact, sent: RefCell::default() });
        }
        fleet
    }

    /// Sends from every number, again and again, while `script` runs.
    pub(crate) async fn under_load<T>(&self, script: impl Future<Output = T>) -> T {
        self.over.set(false);
        let load = async {
            while !self.over.get() {
                for lane in &self.lanes {
                    self.send(lane).await;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let script = async {
            let done = script.await;
            self.over.set(true);
            done
        };
        tokio::join!(load, script).1
    }

    pub(crate) async fn send(&self, lane: &Lane) {
        let text = text(lane.accepted());
        let id = self.tenant.send(&lane.worker, &lane.contact, &text).await;
        lane.sent.borrow_mut().push((id, text));
    }

    /// Waits until all of a number's sends are delivered.
    pub(crate) async fn delivered(&self, lane: &Lane) {
        let sent = lane.sent.borrow().clone();
        for (send, _) in sent {
            self.tenant.status(&send, "entregue").await;
        }
    }

    pub(crate) fn tenant(&self) -> &Tenant<'a> {
        &self.tenant
    }

    /// The one device of a number.
    pub(crate) async fn device(&self, lane: &Lane) -> Value {
        let answer = self.world.admin("GET", "/admin/devices", None).await;
        let devices = answer["devices"].as_array().unwrap().iter();
        let own: Vec<&Value> = devices.filter(|device| device["number"] == lane.worker.as_str()).collect();
        assert_eq!(own.len(), 1, "no number was paired anew: {own:?}");
        own[0].clone()
    }

    /// Who held a number's device, one after the other: the tasks' indexes, and since when.
    pub(crate) async fn holders(&self, lane: &Lane) -> Vec<(usize, u64)> {
        let device = self.device(lane).await;
        let holders = device["holders"].as_array().unwrap().iter();
        let index = |origin: &str| origin.rsplit('.').next().unwrap().parse::<usize>().unwrap() - 1;
        holders.map(|one| (index(one["origin"].as_str().unwrap()), one["since"].as_u64().unwrap())).collect()
    }

    /// The same of each of these numbers.
    pub(crate) async fn all_holders(&self, lanes: &[&Lane]) -> Vec<Vec<(usize, u64)>> {
        let mut holders = Vec::new();
        for lane in lanes {
            holders.push(self.holders(lane).await);
        }
        holders
    }

    /// The task that a number's device is connected from.
    pub(crate) async fn owner(&self, lane: &Lane) -> usize {
        until_seen("the number is connected", async || {
            let device = self.device(lane).await;
            if device["active"] == true { Ok(()) } else { Err(device) }
        })
        .await;
        self.holders(lane).await.last().unwrap().0
    }

    /// The numbers that a task has.
    pub(crate) async fn of_task(&self, task: usize) -> Vec<&Lane> {
        let mut own = Vec::new();
        for lane in &self.lanes {
            if self.owner(lane).await == task {
                own.push(lane);
            }
        }
        own
    }

    /// Waits until each of these numbers is another task's, and has sent from there. Prints how long that took since `from`, in
    /// ms, and fails if a login or the first message took longer than `bound`, and the slack of a busy machine.
    pub(crate) async fn taken_over(
        &self,
        what: &str,
        lanes: &[&Lane],
        from: u64,
        task: usize,
        bound: Duration,
    ) {
        let (mut logins, mut messages) = (Vec::new(), Vec::new());
        for lane in lanes {
            let since = until_seen(&format!("{what}: another task has the number"), async || {
                let holders = self.holders(lane).await;
                let (owner, since) = *holders.last().unwrap();
                if owner != task && since > from { Ok(since) } else { Err(holders) }
            })
            .await;
            logins.push(since - from);
            messages.push(self.message_after(lane, since).await - from);
        }
        eprintln!("{what}: logged in after {logins:?} ms, the first message after {messages:?} ms");
        for (took, slack) in
            logins.iter().map(|at| (at, SLACK)).chain(messages.iter().map(|at| (at, 2 * SLACK)))
        {
            let most = (bound + slack).as_millis();
            assert!(u128::from(*took) <= most, "{what}: {took} ms, and it is to be {bound:?}");
        }
    }

    /// When the first message of a number came after that.
    pub(crate) async fn message_after(&self, lane: &Lane, after: u64) -> u64 {
        let path = format!("/admin/accounts/{}/messages", lane.contact);
        until("a message came", async || {
            let answer = self.world.admin("GET", &path, None).await;
            let messages = answer["messages"].as_array().unwrap().iter();
            messages.filter_map(|message| message["at"].as_u64()).find(|at| *at >= after)
        })
        .await
    }

    /// When that send of a number, counted from 0, came.
    pub(crate) async fn arrival(&self, lane: &Lane, send: usize) -> u64 {
        let (path, text) = (format!("/admin/accounts/{}/messages", lane.contact), text(send));
        until(&format!("{text} came"), async || {
            let answer = self.world.admin("GET", &path, None).await;
            let mut messages = answer["messages"].as_array().unwrap().iter();
            messages.find(|message| message["text"] == text.as_str())?["at"].as_u64()
        })
        .await
    }

    /// Waits until the tasks that run share the shards evenly, and prints how long that took.
    pub(crate) async fn spread_evenly(&self, what: &str) {
        let from = now();
        let fleet = self.world.fleet();
        let spread = until_seen(&format!("{what}: the shards are spread evenly"), async || {
            let mut shards = Vec::new();
            for task in 0..fleet.count() {
                if fleet.runs(task) {
                    shards.push(fleet.shards(task).await.unwrap_or(0));
                }
            }
            let (least, most) = (shards.iter().min().unwrap(), shards.iter().max().unwrap());
            let even = most - least <= 1 && shards.iter().sum::<u64>() == 16;
            if even { Ok(shards) } else { Err(shards) }
        })
        .await;
        eprintln!("{what}: {spread:?} after {} ms", now() - from);
    }

    /// Every message is at its recipient once and in its number's order, its send says so, and no device was ever in two
    /// hands.
    pub(crate) async fn check(&self) {
        for lane in &self.lanes {
            self.delivered(lane).await;
            let sent = lane.sent.borrow().clone();
            let path = format!("/admin/accounts/{}/messages", lane.contact);
            let messages = self.world.admin("GET", &path, None).await["messages"].clone();
            let messages = messages.as_array().unwrap();
            let texts: Vec<&str> = messages.iter().map(|one| one["text"].as_str().unwrap_or("?")).collect();
            let expected: Vec<&str> = sent.iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!(texts, expected, "{}", lane.worker);
            assert!(messages.iter().all(|message| message["undecryptable"] == 0), "{messages:?}");
            self.device(lane).await;
        }
        let stats = self.world.admin("GET", "/admin/stats", None).await["stats"].clone();
        assert_eq!(stats["overlaps"], json!([]), "no device was in two hands");
        assert_eq!(stats["reused_keys"], json!([]), "no message key was used twice");
    }

    /// No device ever had two streams at a time: who gave one up had hung up before the next logged in. It is so where nobody dies,
    /// stands still or is cut off.
    pub(crate) async fn had_one_stream_at_a_time(&self) {
        for lane in &self.lanes {
            let device = self.device(lane).await;
            assert_eq!(device["max_streams"], 1, "{device}");
        }
    }
}
