//! The function in its process, over ports in memory, through the gate.

mod access;
mod account;
mod failures;
mod golden;
mod lists;
mod pairing;
mod phone;
mod sends;

use crate::routes::{App, router};
use account::number;
use axum::Router;
use carteiro_core::ids::{PairingId, UserId};
use carteiro_core::lease::Epoch;
use carteiro_core::number::{Desired, LinkReport, LinkState, NumberChange, OwnedNumber, PairingMethod, Role};
use carteiro_core::plan::{PlanName, Plans};
use carteiro_core::ports::{Accounts, Clock, Links, NamedSessions, Numbers};
use carteiro_core::session::SessionName;
use carteiro_core::shard::{Shard, ShardCount};
use carteiro_core::testing::*;
use carteiro_core::token::ApiToken;
use carteiro_core::usecase::{
    AcceptPorts, AcceptSend, Ask, AskPorts, KeepMedia, Sessions, SetReceiver, V1Sessions,
};
use carteiro_core::user::User;
use carteiro_http::testing::{Call, Reply, open_gate, wide_gate};
use carteiro_http::{Authenticator, Gate, KeyRing};
use jiff::tz::TimeZone;
use phone::Phone;
use std::sync::Arc;

const PLANS: &str = r#"{"basico":{"media_types":["text"],"workers":1,"default":true},
    "premium":{"media_types":["text","image","document","audio"],"workers":9}}"#;
const KEY: &str = r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef0123456789abcdef"}"#;
/// The session that the first tenant has, as its path begins.
const LOJA: &str = "/Minha%20Loja";

/// The function with two tenants, of which the first has a session that is connected.
struct World {
    router: Router,
    authenticator: Arc<Authenticator>,
    names: Arc<MemoryNamedSessions>,
    pairings: Arc<MemoryPairings>,
    webhooks: Arc<MemoryWebhooks>,
    links: Arc<MemoryLinks>,
    chats: Arc<MemoryChats>,
    sends: Arc<MemorySends>,
    objects: Arc<MemoryObjects>,
    clock: Arc<ManualClock>,
    phone: Arc<Phone>,
}

/// The API token of a tenant.
fn token(seed: u8) -> String {
    ApiToken::from_random([seed; 32]).reveal().to_owned()
}

fn tenant_of(seed: u8, plan: &str) -> User {
    let token = ApiToken::from_random([seed; 32]);
    User { plan: PlanName::from_stored(plan.into()), ..tenant(seed, Some(&token)) }
}

impl World {
    async fn new() -> Self {
        Self::behind(wide_gate).await
    }

    /// The same, with the sessions of that tenant open.
    async fn new_open(tenant: UserId) -> Self {
        Self::behind(|authenticator| open_gate(authenticator, tenant)).await
    }

    async fn behind(gate: impl FnOnce(Arc<Authenticator>) -> Arc<Gate>) -> Self {
        let clock: Arc<ManualClock> = Arc::default();
        let accounts: Arc<MemoryAccounts> = Arc::default();
        for user in [tenant_of(1, "premium"), tenant_of(2, "basico")] {
            accounts.create(&user).await.unwrap();
        }
        let numbers: Arc<MemoryNumbers> = Arc::default();
        let (names, links, chats): (Arc<MemoryNamedSessions>, Arc<MemoryLinks>, Arc<MemoryChats>) =
            Default::default();
        let (sends, objects): (Arc<MemorySends>, Arc<MemoryObjects>) = Default::default();
        let (pairings, webhooks): (Arc<MemoryPairings>, Arc<MemoryWebhooks>) = Default::default();
        let phone = Arc::new(Phone::new(clock.clone()));
        let random = Arc::new(SeededRandom::default());
        let plans = Arc::new(Plans::from_json(PLANS).unwrap());
        let keys = Arc::new(KeyRing::load(Arc::new(MemorySecret::new(KEY)), clock.clone()).await.unwrap());
        let authenticator = Arc::new(Authenticator::new(accounts.clone(), clock.clone(), keys.clone()));
        let ask = Ask::new(AskPorts {
            shards: phone.shards.clone(),
            answers: phone.answers.clone(),
            clock: clock.clone(),
            sleeper: phone.clone(),
            random: random.clone(),
        });
        let accept = AcceptPorts {
            sends: sends.clone(),
            queue: Arc::new(MemorySendQueue::default()),
            numbers: numbers.clone(),
            objects: objects.clone(),
            usage: Arc::new(MemoryUsage::default()),
            alarms: Arc::new(MemoryAlarms::default()),
            wakes: Arc::new(MemoryWakes::default()),
        };
        let keep = KeepMedia {
            reader: chats.clone(),
            writer: chats.clone(),
            accounts,
            plans: plans.clone(),
            copier: Arc::new(FakeCopier::default()),
            clock: clock.clone(),
        };
        let app = App {
            names: names.clone(),
            links: links.clone(),
            chats: chats.clone(),
            pairing: V1Sessions {
                named: names.clone(),
                pairings: pairings.clone(),
                sessions: Sessions {
                    numbers: numbers.clone(),
                    links: links.clone(),
                    commands: phone.shards.clone(),
                    clock: clock.clone(),
                    random: random.clone(),
                },
                plans: plans.clone(),
                shards: ShardCount::new(16).unwrap(),
                sleeper: phone.clone(),
            },
            receivers: SetReceiver {
                receivers: webhooks.clone(),
                clock: clock.clone(),
                random: random.clone(),
            },
            ask,
            accept: AcceptSend::new(accept, plans, TimeZone::UTC, clock.clone(), random),
            keep,
            files: objects.clone(),
            keys,
        };
        let router = router(app, gate(authenticator.clone())).unwrap();
        let world = Self {
            router,
            authenticator,
            names,
            pairings,
            webhooks,
            links,
            chats,
            sends,
            objects,
            clock,
            phone,
        };
        account::write(&world.chats).await;
        world.pair(&numbers, "Minha Loja").await;
        world
    }

    /// Pairs a session of the first tenant with the account's number.
    async fn pair(&self, numbers: &MemoryNumbers, name: &str) {
        let (user, now, shard) = (tenant_of(1, "premium").id, self.clock.now(), Shard::from_stored(3));
        let name: SessionName = name.parse().unwrap();
        let worker = OwnedNumber { phone: number(), role: Role::Worker };
        numbers.apply(user, &[NumberChange::Add(worker, shard)], 9).await.unwrap();
        let pairing = PairingId::from_random([5; 16]);
        self.names.open(user, &name, now).await.unwrap();
        assert!(self.names.set_pairing(user, &name, None, pairing).await.unwrap());
        assert!(self.names.set_number(user, &name, pairing, &number()).await.unwrap());
        let wanted = Desired::Connected(PairingMethod::Qr);
        self.links.want(&number(), user, shard, wanted, now).await.unwrap();
        self.report(LinkState::Connected, Some(Some("5511999990000:7@s.whatsapp.net".into())));
    }

    /// The session task reports the number's state.
    fn report(&self, state: LinkState, jid: Option<Option<String>>) {
        let report = LinkReport { state, reason: None, qr: None, code: None, jid };
        self.links.report_now(&number(), Epoch::FIRST, &report, self.clock.now()).unwrap();
    }

    /// A call as the first tenant.
    async fn call(&self, call: Call) -> Reply {
        call.header("token", &token(1)).send(&self.router).await
    }

    /// A route of the first tenant's session.
    async fn get(&self, rest: &str) -> Reply {
        self.call(Call::new("GET", &format!("{LOJA}/{rest}"))).await
    }
}
