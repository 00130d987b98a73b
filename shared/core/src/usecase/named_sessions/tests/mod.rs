//! The rules of V1's sessions.

mod authenticating;
mod logging_out;

use super::*;
use crate::command::ShardCommand;
use crate::error::Code;
use crate::lease::Epoch;
use crate::number::{Desired, LinkReport, NumberChange, OwnedNumber, PairingMethod, Role};
use crate::phone::Phone;
use crate::ports::{Clock, Links, Numbers};
use crate::session::PairingReport;
use crate::shard::Shard;
use crate::testing::*;
use crate::usecase::patience::Patience;
use crate::user::User;
use jiff::SignedDuration;

struct World {
    numbers: Arc<MemoryNumbers>,
    links: Arc<MemoryLinks>,
    named: Arc<MemoryNamedSessions>,
    pairings: Arc<MemoryPairings>,
    commands: Arc<MemoryShardSender>,
    clock: Arc<ManualClock>,
    sleeper: Arc<SleepLog>,
    v1: V1Sessions,
}

fn world() -> World {
    let (numbers, links) = (Arc::<MemoryNumbers>::default(), Arc::<MemoryLinks>::default());
    let (named, pairings) = (Arc::<MemoryNamedSessions>::default(), Arc::<MemoryPairings>::default());
    let (commands, clock) = (Arc::<MemoryShardSender>::default(), Arc::<ManualClock>::default());
    let sleeper = Arc::new(SleepLog::new(clock.clone()));
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: links.clone(),
        commands: commands.clone(),
        clock: clock.clone(),
        random: Arc::<SeededRandom>::default(),
    };
    let plans = r#"{"basico":{"media_types":["text"],"workers":2,"default":true}}"#;
    let v1 = V1Sessions {
        named: named.clone(),
        pairings: pairings.clone(),
        sessions,
        plans: Arc::new(Plans::from_json(plans).unwrap()),
        shards: ShardCount::new(16).unwrap(),
        sleeper: sleeper.clone(),
    };
    World { numbers, links, named, pairings, commands, clock, sleeper, v1 }
}

fn ana() -> User {
    tenant(1, None)
}

fn name() -> SessionName {
    "Recepção nº 1".parse().unwrap()
}

fn phone() -> Phone {
    "5511988887777".parse().unwrap()
}

fn shard() -> Shard {
    Shard::from_stored(3)
}

impl World {
    async fn authenticate(&self) -> Result<Authentication, Code> {
        self.v1.authenticate(&ana(), &name()).await.map_err(|problem| problem.code())
    }

    fn pairing(&self) -> Pairing {
        let id = self.named.peek(ana().id, &name()).unwrap().pairing.unwrap();
        self.pairings.peek(id).unwrap()
    }

    /// Plans what the session task reports of the session's pairing for the sleep of that index.
    fn will_report(&self, sleep: usize, state: PairingState, qr: bool) {
        let (named, pairings, clock) = (self.named.clone(), self.pairings.clone(), self.clock.clone());
        self.sleeper.during(sleep, move || {
            let id = named.peek(ana().id, &name()).unwrap().pairing.unwrap();
            let expires_at = clock.now() + SignedDuration::from_secs(20);
            let qr = qr.then(|| Qr { code: "2@qr".to_owned().into(), expires_at });
            pairings.report_now(id, Epoch::FIRST, &PairingReport { state, qr }, clock.now()).unwrap();
        });
    }

    fn reports(&self, state: PairingState) {
        let report = PairingReport { state, qr: None };
        self.pairings.report_now(self.pairing().id, Epoch::FIRST, &report, self.clock.now()).unwrap();
    }

    fn link_reports(&self, state: LinkState, device: bool) {
        let jid = device.then(|| Some("5511988887777@s.whatsapp.net".to_owned()));
        let report = LinkReport { state, reason: None, qr: None, code: None, jid };
        self.links.report_now(&phone(), Epoch::FIRST, &report, self.clock.now()).unwrap();
    }

    /// A session that was paired, whose number's link is in that state.
    async fn paired(&self, state: LinkState) {
        let (user, at) = (ana().id, self.clock.now());
        self.will_report(0, PairingState::Waiting, true);
        self.authenticate().await.unwrap();
        let worker = OwnedNumber { phone: phone(), role: Role::Worker };
        self.numbers.apply(user, &[NumberChange::Add(worker, shard())], 2).await.unwrap();
        let wanted = Desired::Connected(PairingMethod::Qr);
        self.links.want(&phone(), user, shard(), wanted, at).await.unwrap();
        self.link_reports(state, true);
        assert!(self.named.set_number(user, &name(), self.pairing().id, &phone()).await.unwrap());
        self.reports(PairingState::Paired(phone()));
    }

    fn commands(&self) -> Vec<ShardCommand> {
        self.commands.pushed().into_iter().map(|pushed| pushed.command).collect()
    }
}
