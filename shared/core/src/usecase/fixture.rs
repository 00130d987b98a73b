//! A tenant with a worker, and ports in memory: what the tests of the use cases of sends begin with.

use super::{
    AcceptPorts, AcceptSend, Accepted, CancelSend, Dispatch, DispatchPorts, Release, SendRequest, Sweep,
    SweepPorts,
};
use crate::error::Problem;
use crate::ids::{IdempotencyKey, UserId};
use crate::number::{NumberChange, OwnedNumber, Role};
use crate::phone::Phone;
use crate::plan::{PlanName, Plans};
use crate::ports::{Accounts, Clock, Numbers};
use crate::shard::Shard;
use crate::testing::{
    FakePreparer, ManualClock, MemoryAccounts, MemoryAlarms, MemoryNumbers, MemoryObjects,
    MemoryPreparations, MemorySendQueue, MemorySends, MemoryShardSender, MemoryUsage, MemoryWakes,
    SeededRandom,
};
use crate::user::User;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

const PLANS: &str = r#"{"basico":{"media_types":["text"],"workers":9,"default":true},
    "premium":{"media_types":["text","image"],"workers":9},
    "rapido":{"media_types":["text","image"],"workers":9,"pace":{"per_minute":600,"burst":5,"jitter_ms":0}},
    "trio":{"media_types":["text","document"],"workers":9,"sends_per_day":3},
    "curto":{"media_types":["text","image"],"workers":9,"backlog":3},"mudo":{"media_types":[],"workers":9},
    "breve":{"media_types":["text"],"workers":9,"retention_days":7}}"#;

pub(crate) struct World {
    pub(crate) sends: Arc<MemorySends>,
    pub(crate) queue: Arc<MemorySendQueue>,
    pub(crate) shards: Arc<MemoryShardSender>,
    pub(crate) numbers: Arc<MemoryNumbers>,
    pub(crate) accounts: Arc<MemoryAccounts>,
    pub(crate) objects: Arc<MemoryObjects>,
    pub(crate) usage: Arc<MemoryUsage>,
    pub(crate) alarms: Arc<MemoryAlarms>,
    pub(crate) wakes: Arc<MemoryWakes>,
    pub(crate) preparations: Arc<MemoryPreparations>,
    pub(crate) preparer: Arc<FakePreparer>,
    pub(crate) clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    pub(crate) plans: Arc<Plans>,
    pub(crate) tenant: User,
}

pub(crate) fn worker() -> Phone {
    "5511988887777".parse().unwrap()
}

pub(crate) fn shard() -> Shard {
    Shard::from_stored(7)
}

/// A tenant of that plan; `seed` makes its id.
pub(crate) fn tenant(seed: u8, plan: &str) -> User {
    User {
        id: UserId::from_random([seed; 16]),
        login: None,
        email: None,
        mail_returned: None,
        phone: None,
        password: None,
        plan: PlanName::from_stored(plan.into()),
        time_zone: None,
        retention: None,
        token: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// The body of a request to send this text.
pub(crate) fn body(content: &str) -> Value {
    json!({ "from_number": "5511988887777", "to_number": "5511966665555", "media_type": "text", "content": content })
}

/// The body of a request to send the image of an address.
pub(crate) fn image(url: &str) -> Value {
    json!({ "from_number": "5511988887777", "to_number": "5511966665555", "media_type": "image", "media_url": url })
}

pub(crate) fn request(body: &Value) -> SendRequest {
    SendRequest::parse(body.as_object().unwrap()).unwrap()
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    text.parse().unwrap()
}

impl World {
    /// A tenant of the plan `premium`, whose worker lives on a shard.
    pub(crate) async fn new() -> Self {
        let world = Self {
            sends: Arc::default(),
            queue: Arc::default(),
            shards: Arc::default(),
            numbers: Arc::default(),
            accounts: Arc::default(),
            objects: Arc::default(),
            usage: Arc::default(),
            alarms: Arc::default(),
            wakes: Arc::default(),
            preparations: Arc::default(),
            preparer: Arc::default(),
            clock: Arc::default(),
            random: Arc::default(),
            plans: Arc::new(Plans::from_json(PLANS).unwrap()),
            tenant: tenant(1, "premium"),
        };
        world.accounts.create(&world.tenant).await.unwrap();
        world.change(NumberChange::Add(OwnedNumber { phone: worker(), role: Role::Worker }, shard())).await;
        world
    }

    pub(crate) async fn change(&self, change: NumberChange) {
        self.numbers.apply(self.tenant.id, &[change], 9).await.unwrap();
    }

    pub(crate) async fn remove_worker(&self) {
        self.change(NumberChange::Remove(OwnedNumber { phone: worker(), role: Role::Worker })).await;
    }

    pub(crate) fn accept_ports(&self) -> AcceptPorts {
        AcceptPorts {
            sends: self.sends.clone(),
            queue: self.queue.clone(),
            numbers: self.numbers.clone(),
            objects: self.objects.clone(),
            usage: self.usage.clone(),
            alarms: self.alarms.clone(),
            wakes: self.wakes.clone(),
        }
    }

    pub(crate) fn accept_send(&self) -> AcceptSend {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        AcceptSend::new(
            self.accept_ports(),
            self.plans.clone(),
            zone,
            self.clock.clone(),
            self.random.clone(),
        )
    }

    pub(crate) async fn accept(&self, content: &str, under: Option<&str>) -> Result<Accepted, Problem> {
        let key = under.map(key);
        self.accept_send().accept(&self.tenant, request(&body(content)), key.as_ref()).await
    }

    pub(crate) fn cancel_send(&self) -> CancelSend {
        CancelSend::new(self.sends.clone(), self.clock.clone())
    }

    /// Accepts what a body asks for.
    pub(crate) async fn accept_body(&self, body: &Value, under: Option<&str>) -> Result<Accepted, Problem> {
        let key = under.map(key);
        self.accept_send().accept(&self.tenant, request(body), key.as_ref()).await
    }

    pub(crate) fn dispatch(&self) -> Dispatch {
        let ports = DispatchPorts {
            sends: self.sends.clone(),
            accounts: self.accounts.clone(),
            numbers: self.numbers.clone(),
            shards: self.shards.clone(),
            preparations: self.preparations.clone(),
            preparer: self.preparer.clone(),
        };
        Dispatch::new(ports, self.plans.clone(), self.clock.clone())
    }

    pub(crate) fn sweep(&self) -> Sweep {
        let ports = SweepPorts {
            sends: self.sends.clone(),
            queue: self.queue.clone(),
            alarms: self.alarms.clone(),
            wakes: self.wakes.clone(),
        };
        Sweep::new(ports, self.clock.clone())
    }

    pub(crate) fn release(&self) -> Release {
        let (sends, queue, wakes) = (self.sends.clone(), self.queue.clone(), self.wakes.clone());
        Release::new(sends, queue, wakes, self.clock.clone())
    }

    pub(crate) fn in_a_minute(&self) -> Timestamp {
        self.clock.now() + SignedDuration::from_secs(60)
    }
}
