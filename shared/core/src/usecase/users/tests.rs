//! The rules of accounts.

mod log_in;

use super::*;
use crate::error::Code;
use crate::ids::UserId;
use crate::number::{Desired, NumberChange, OwnedNumber, PairingMethod, Role};
use crate::password::Password;
use crate::plan::Plans;
use crate::ports::{Accounts, Clock, Links, NamedSessions, Numbers, Pairings, Receivers};
use crate::session::{Pairing, PairingState};
use crate::shard::Shard;
use crate::testing::*;
use crate::usecase::numbers::Sessions;
use crate::usecase::{AskPrivacy, SetReceiver, Trail, WantedReceiver};
use crate::webhook::{ReceiverScope, ReceiverUrl, WebhookFormat};
use jiff::Timestamp;
use std::sync::Arc;

struct World {
    accounts: Arc<MemoryAccounts>,
    numbers: Arc<MemoryNumbers>,
    links: Arc<MemoryLinks>,
    named: Arc<MemoryNamedSessions>,
    pairings: Arc<MemoryPairings>,
    webhooks: Arc<MemoryWebhooks>,
    privacy: Arc<MemoryPrivacy>,
    commands: Arc<MemoryShardSender>,
    trail: Arc<MemoryAudit>,
    rates: Arc<MemoryRates>,
    clock: Arc<ManualClock>,
    register: RegisterUser,
    remove: RemoveUser,
}

fn world() -> World {
    let (accounts, numbers) = (Arc::<MemoryAccounts>::default(), Arc::<MemoryNumbers>::default());
    let (links, commands) = (Arc::<MemoryLinks>::default(), Arc::<MemoryShardSender>::default());
    let (named, pairings) = (Arc::<MemoryNamedSessions>::default(), Arc::<MemoryPairings>::default());
    let (webhooks, trail) = (Arc::<MemoryWebhooks>::default(), Arc::<MemoryAudit>::default());
    let privacy = Arc::<MemoryPrivacy>::default();
    let (clock, random) = (Arc::<ManualClock>::default(), Arc::<SeededRandom>::default());
    let plans = r#"{"basico":{"media_types":["text"],"workers":1,"default":true}}"#;
    let register = RegisterUser {
        accounts: accounts.clone(),
        clock: clock.clone(),
        random: random.clone(),
        plans: Arc::new(Plans::from_json(plans).unwrap()),
        trail: Trail { store: trail.clone(), clock: clock.clone(), random: random.clone() },
    };
    let sessions = Sessions {
        numbers: numbers.clone(),
        links: links.clone(),
        commands: commands.clone(),
        clock: clock.clone(),
        random,
    };
    let rates = Arc::<MemoryRates>::default();
    let log_in = LogIn { accounts: accounts.clone(), rates: rates.clone(), clock: clock.clone() };
    let remove = RemoveUser {
        accounts: accounts.clone(),
        log_in,
        numbers: numbers.clone(),
        sessions,
        named: named.clone(),
        pairings: pairings.clone(),
        receivers: webhooks.clone(),
        privacy: Arc::new(AskPrivacy {
            operations: privacy.clone(),
            queue: privacy.clone(),
            personal: Arc::<MemoryPersonalData>::default(),
            clock: clock.clone(),
        }),
        clock: clock.clone(),
    };
    World {
        accounts,
        numbers,
        links,
        named,
        pairings,
        webhooks,
        privacy,
        commands,
        trail,
        rates,
        clock,
        register,
        remove,
    }
}

fn password(text: &str) -> Option<Password> {
    Some(Password::parse(text.into()).unwrap())
}

fn registration(login: &str, number: &str) -> Registration {
    Registration {
        login: login.parse().unwrap(),
        number: number.parse().unwrap(),
        password: password("senha123"),
        plan: "basico".into(),
    }
}

impl World {
    async fn made(&self, login: &str, number: &str) -> Registered {
        self.register.register(registration(login, number)).await.unwrap()
    }

    async fn refusal(&self, login: &str, number: &str) -> Code {
        self.register.register(registration(login, number)).await.unwrap_err().code()
    }

    async fn log_in(&self, login: &str, password: Option<Password>) -> Result<UserId, Code> {
        let user = self.remove.log_in.by_password(login.parse().ok(), password).await;
        user.map(|user| user.id).map_err(|problem| problem.code())
    }
}

#[tokio::test]
async fn an_account_is_in_the_trail_before_it_is_made() {
    let w = world();
    w.trail.switch.fail();
    assert_eq!(w.refusal("ana", "5511988887777").await, Code::Unavailable);
    assert_eq!(w.accounts.count(), 0, "what cannot be written is not done");
    w.trail.switch.recover();
    let made = w.made("ana", "5511988887777").await;
    assert_eq!(w.trail.told(), ["user.register plan=basico"]);
    assert_eq!(w.trail.all()[0].user, made.user.id);
    let unknown = Registration { plan: "ouro".into(), ..registration("bia", "5511988887778") };
    assert!(w.register.register(unknown).await.is_err());
    assert_eq!(w.trail.all().len(), 1);
}

#[tokio::test]
async fn an_account_is_found_by_all_that_it_has() {
    let w = world();
    let made = w.made("Ana@exemplo.com", "5511988887777").await;
    assert_eq!(made.user.identities().len(), 3);
    let (by_token, _) = w.accounts.find_by_token(&made.token.hash()).await.unwrap().unwrap();
    assert_eq!(by_token.id, made.user.id);
    assert_eq!(w.log_in("ANA@exemplo.com", password("senha123")).await, Ok(made.user.id));
    for (login, given) in [
        ("ana@exemplo.com", password("senha124")),
        ("ana@exemplo.com", None),
        ("bia", password("senha123")),
        ("", password("senha123")),
    ] {
        assert_eq!(w.log_in(login, given).await, Err(Code::WrongCredentials), "{login}");
    }
}

#[tokio::test]
async fn what_is_taken_is_refused_and_nothing_is_made() {
    let w = world();
    w.made("ana@exemplo.com", "5511988887777").await;
    assert_eq!(w.refusal("ana@exemplo.com", "5511988887778").await, Code::LoginTaken);
    assert_eq!(w.refusal("bia", "5511988887777").await, Code::PhoneTaken);
    let unknown = Registration { plan: "ouro".into(), ..registration("bia", "5511988887778") };
    assert_eq!(w.register.register(unknown).await.unwrap_err().code(), Code::UnknownPlan);
    assert_eq!(w.accounts.count(), 1);
}

#[tokio::test]
async fn removing_takes_numbers_and_sessions_along_and_can_be_repeated() {
    let w = world();
    let (ana, bia) = (w.made("ana", "5511988887777").await.user, w.made("bia", "5511988887778").await.user);
    let worker = OwnedNumber { phone: "5511977776666".parse().unwrap(), role: Role::Worker };
    let shard = Shard::from_stored(3);
    w.numbers.apply(ana.id, &[NumberChange::Add(worker.clone(), shard)], 1).await.unwrap();
    let at = Timestamp::UNIX_EPOCH;
    w.links.want(&worker.phone, ana.id, shard, Desired::Connected(PairingMethod::Qr), at).await.unwrap();

    let remove = async |tenant, login: &str, given| {
        let removed = w.remove.remove(tenant, login.parse().ok(), given).await;
        removed.map(drop).map_err(|problem| problem.code())
    };
    assert_eq!(remove(&ana, "ana", password("senha124")).await, Err(Code::RemovalRefused));
    assert_eq!(remove(&bia, "ana", password("senha123")).await, Err(Code::RemovalRefused), "another's token");
    w.commands.switch.fail();
    assert_eq!(remove(&ana, "ana", password("senha123")).await, Err(Code::Unavailable));
    assert_eq!(w.accounts.count(), 2);
    assert_eq!(w.privacy.all().len(), 1, "the erasure is there before anything is removed");
    w.commands.switch.recover();
    assert_eq!(remove(&ana, "ana", password("senha123")).await, Ok(()));
    assert_eq!(w.links.peek(&worker.phone).unwrap().desired, Desired::Removed);
    assert_eq!(w.commands.pushed()[0].shard, shard);
    assert_eq!(w.numbers.claim(&worker.phone).await.unwrap(), None);
    assert_eq!(w.accounts.find(ana.id).await.unwrap(), None);
    assert_eq!(w.accounts.count(), 1);
    assert_eq!(w.privacy.all()[0].user, Some(ana.id));
}

#[tokio::test]
async fn an_account_without_a_password_is_removed_right_after_a_login_by_code() {
    let w = world();
    let bare = |login: &str, number| Registration { password: None, ..registration(login, number) };
    let ana = w.register.register(bare("ana@exemplo.com", "5511988887777")).await.unwrap().user;
    let now = w.clock.now();
    let remove = async |tenant: &crate::user::User, named: &str, at| {
        let removed = w.remove.remove_without_password(tenant, named, at).await;
        removed.map(drop).map_err(|problem| problem.code())
    };
    let long_ago = now - REMOVAL_WINDOW - jiff::SignedDuration::from_secs(1);
    for (named, at) in [
        ("ana@exemplo.com", None),
        ("ana@exemplo.com", Some(long_ago)),
        ("bia@exemplo.com", Some(now)),
        ("", Some(now)),
        ("5511988887778", Some(now)),
    ] {
        assert_eq!(remove(&ana, named, at).await, Err(Code::RemovalRefused), "{named}");
    }
    let bia = w.made("bia", "5511988887770").await.user;
    assert_eq!(remove(&bia, "bia", Some(now)).await, Err(Code::RemovalRefused), "it has a password");
    assert_eq!(w.accounts.count(), 2);
    assert_eq!(remove(&ana, "+55 11 98888-7777", Some(now - REMOVAL_WINDOW)).await, Ok(()));
    assert_eq!(w.accounts.find(ana.id).await.unwrap(), None);
    for named in ["Caio@exemplo.com", "5511988887779"] {
        let caio = w.register.register(bare("caio@exemplo.com", "5511988887779")).await.unwrap().user;
        assert_eq!(remove(&caio, named, Some(now)).await, Ok(()), "{named}");
    }
}

#[tokio::test]
async fn removing_takes_webhooks_along() {
    let w = world();
    let (ana, bia) = (w.made("ana", "5511999999999").await, w.made("bia", "5511988888888").await);
    let set = SetReceiver {
        receivers: w.webhooks.clone(),
        clock: w.clock.clone(),
        random: Arc::<SeededRandom>::default(),
    };
    for (user, scope) in [
        (ana.user.id, ReceiverScope::Tenant),
        (ana.user.id, ReceiverScope::Session("Loja 1".parse().unwrap())),
        (bia.user.id, ReceiverScope::Tenant),
    ] {
        let url = ReceiverUrl::parse("https://exemplo.com/").unwrap();
        let wanted = WantedReceiver { url, format: WebhookFormat::Json, kinds: None };
        set.set(user, scope, wanted).await.unwrap();
    }
    w.webhooks.switch.fail();
    let login = || (Some("ana".parse().unwrap()), password("senha123"));
    let (name, secret) = login();
    let refused = w.remove.remove(&ana.user, name, secret).await.err().unwrap();
    assert_eq!(refused.code(), Code::Unavailable, "the account stays until they are gone");
    w.webhooks.switch.recover();
    let (name, secret) = login();
    assert!(w.remove.remove(&ana.user, name, secret).await.is_ok());
    assert!(w.webhooks.of_user(ana.user.id).await.unwrap().is_empty());
    assert_eq!(w.webhooks.of_user(bia.user.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn removing_takes_sessions_of_v1_and_their_pairings_along() {
    let w = world();
    let ana = w.made("ana", "5511988887777").await.user;
    let (name, at) = ("Recepção".parse().unwrap(), w.clock.now());
    let id = crate::ids::PairingId::from_random([1; 16]);
    let shard = Shard::from_stored(5);
    w.named.open(ana.id, &name, at).await.unwrap();
    w.named.set_pairing(ana.id, &name, None, id).await.unwrap();
    let pairing = Pairing {
        id,
        user: ana.id,
        session: name.clone(),
        shard,
        max_workers: 1,
        wanted: true,
        state: PairingState::Waiting,
        since: at,
        qr: None,
    };
    w.pairings.create(&pairing).await.unwrap();
    assert!(w.remove.remove(&ana, "ana".parse().ok(), password("senha123")).await.is_ok());
    assert!(!w.pairings.peek(id).unwrap().wanted);
    assert_eq!(w.commands.pushed()[0].shard, shard);
    assert!(w.named.list(ana.id).await.unwrap().is_empty());
}
