//! Stored tenants and their tokens.

use super::by_hand;
use crate::ports::Ports;
use crate::samples::{at, phone};
use carteiro_core::ids::{TokenId, UserId};
use carteiro_core::mail::{MailReturned, WhyReturned};
use carteiro_core::password::PasswordHash;
use carteiro_core::plan::PlanName;
use carteiro_core::ports::AccountChange;
use carteiro_core::scope::{Grant, Scope, Scopes};
use carteiro_core::token::{ApiKey, ApiToken};
use carteiro_core::user::User;

super::stored! {
    tenant_with_everything: whole_is_written, whole_is_read;
    tenant_by_phone: bare_is_written, bare_is_read;
    tenant_before_the_list: by_hand, unlisted_is_read;
    tenants_whose_mail_came_back: returned_is_written, returned_is_read;
    tokens: tokens_are_written, tokens_are_read;
}

pub(super) fn whole() -> User {
    User {
        id: UserId::from_random([0x11; 16]),
        login: Some("ana".parse().unwrap()),
        email: Some("ana@exemplo.com.br".parse().unwrap()),
        phone: Some(phone(1)),
        password: Some(PasswordHash::from_stored("$argon2id$exemplo".into())),
        plan: PlanName::from_stored("premium".into()),
        time_zone: Some("America/Manaus".parse().unwrap()),
        retention: Some(30.try_into().unwrap()),
        token: Some(ApiToken::from_random([0x12; 32]).hash()),
        mail_returned: None,
        created_at: at(0),
    }
}

/// One that registered itself by SMS.
pub(super) fn bare() -> User {
    User {
        login: None,
        email: None,
        password: None,
        time_zone: None,
        retention: None,
        token: None,
        plan: PlanName::from_stored("basico".into()),
        ..whole()
    }
}

async fn whole_is_written(ports: &Ports) {
    ports.accounts.create(&whole()).await.unwrap();
}

async fn whole_is_read(ports: &Ports) {
    let ana = whole();
    assert_eq!(ports.accounts.find(ana.id).await, Ok(Some(ana.clone())));
    assert_eq!(ana.identities().len(), 3);
    for identity in ana.identities() {
        assert_eq!(ports.accounts.find_by_identity(&identity).await, Ok(Some(ana.clone())), "{identity:?}");
    }
    assert_eq!(ports.accounts.page(None, 10).await.unwrap().users, std::slice::from_ref(&ana));
    // The token that it was registered with, which has no scopes of its own.
    let first = ApiKey::of_registration(&ana).unwrap();
    assert_eq!(ports.api_keys.list(ana.id).await, Ok(vec![first]));
    let borne = ports.accounts.find_by_token(ana.token.as_ref().unwrap()).await;
    assert_eq!(borne, Ok(Some((ana.clone(), Grant::full()))));
    ports.accounts.remove(&ana).await.unwrap();
    assert_eq!(ports.accounts.page(None, 10).await.unwrap().users, []);
}

async fn bare_is_written(ports: &Ports) {
    ports.accounts.create(&bare()).await.unwrap();
}

async fn bare_is_read(ports: &Ports) {
    assert_eq!(ports.accounts.find(bare().id).await, Ok(Some(bare())));
    assert_eq!(ports.accounts.find_by_identity(&bare().identities()[0]).await, Ok(Some(bare())));
    assert_eq!(ports.api_keys.list(bare().id).await, Ok(vec![]));
}

async fn unlisted_is_read(ports: &Ports) {
    assert_eq!(ports.accounts.find(bare().id).await, Ok(Some(bare())));
    assert_eq!(ports.accounts.page(None, 10).await.unwrap().users, []);
    let plan = PlanName::from_stored("premium".into());
    let change = AccountChange { plan: Some(plan.clone()), ..AccountChange::default() };
    let changed = User { plan, ..bare() };
    assert_eq!(ports.accounts.change(bare().id, &change).await, Ok(Some(changed.clone())));
    assert_eq!(ports.accounts.page(None, 10).await.unwrap().users, [changed]);
}

fn returned() -> Vec<User> {
    let reasons = [WhyReturned::Bounce, WhyReturned::Complaint];
    let tenant = |(seed, why): (u8, WhyReturned)| User {
        id: UserId::from_random([seed; 16]),
        login: Some(format!("volta-{seed}").parse().unwrap()),
        phone: None,
        mail_returned: Some(MailReturned { why, at: at(60) }),
        ..bare()
    };
    (1..).zip(reasons).map(tenant).collect()
}

async fn returned_is_written(ports: &Ports) {
    for tenant in returned() {
        ports.accounts.create(&tenant).await.unwrap();
    }
}

async fn returned_is_read(ports: &Ports) {
    for tenant in returned() {
        assert_eq!(ports.accounts.find(tenant.id).await, Ok(Some(tenant)));
    }
}

/// A token for ever with each scope, and one without a name that ends.
fn keys() -> Vec<ApiKey> {
    let key = |seed: u8, scopes: &[Scope]| {
        let token = ApiToken::from_random([seed; 32]);
        ApiKey {
            id: TokenId::from_random([seed; 16]),
            user: bare().id,
            name: None,
            prefix: token.prefix(),
            hash: token.hash(),
            scopes: Scopes::new(scopes.iter().copied()).unwrap(),
            created_at: at(i64::from(seed)),
            expires_at: None,
        }
    };
    vec![
        ApiKey { name: Some("relatórios".parse().unwrap()), ..key(0x21, &[Scope::Read]) },
        ApiKey {
            name: Some("loja".parse().unwrap()),
            ..key(0x22, &[Scope::Send, Scope::Read, Scope::Manage])
        },
        ApiKey { expires_at: Some(at(86_400)), ..key(0x23, &[Scope::Send]) },
    ]
}

async fn tokens_are_written(ports: &Ports) {
    let keys = keys();
    ports.accounts.create_with_key(&bare(), &keys[0]).await.unwrap();
    for key in &keys[1..] {
        ports.api_keys.add(key, at(0)).await.unwrap();
    }
}

async fn tokens_are_read(ports: &Ports) {
    assert_eq!(ports.api_keys.list(bare().id).await, Ok(keys()));
    for key in keys() {
        let borne = ports.accounts.find_by_token(&key.hash).await;
        let grant = Grant { scopes: key.scopes, expires_at: key.expires_at };
        assert_eq!(borne, Ok(Some((bare(), grant))));
    }
    assert_eq!(ports.api_keys.revoke(bare().id, keys()[0].id).await, Ok(true));
    assert_eq!(ports.accounts.find_by_token(&keys()[0].hash).await, Ok(None));
}
