//! The contract of [`Accounts`](carteiro_core::ports::Accounts).

use crate::ports::Ports;
use crate::samples::{at, user, user_id};
use carteiro_core::identity::Identity;
use carteiro_core::ports::CreateError;
use carteiro_core::user::User;
use std::sync::Arc;

crate::contract! { in memory too:
    a_tenant_is_found_by_all_that_names_it,
    a_bare_tenant_reads_back,
    a_taken_identity_creates_nothing,
    of_many_who_want_one_identity_one_gets_it,
    a_removed_tenant_is_found_by_nothing_and_its_identities_are_free,
    removing_again_leaves_the_identities_next_owner_alone,
}

async fn a_tenant_is_found_by_all_that_names_it(ports: &Ports) {
    let ana = user("ana");
    ports.accounts.create(&ana).await.unwrap();
    assert_eq!(ports.accounts.find(ana.id).await.unwrap().as_ref(), Some(&ana));
    for identity in ana.identities() {
        assert_eq!(ports.accounts.find_by_identity(&identity).await.unwrap().as_ref(), Some(&ana));
    }
    let token = ana.token.clone().unwrap();
    assert_eq!(
        ports.accounts.find_by_token(&token).await.unwrap().map(|(user, _)| user).as_ref(),
        Some(&ana)
    );

    let other = user("bia");
    assert_eq!(ports.accounts.find(other.id).await, Ok(None));
    assert_eq!(ports.accounts.find_by_token(&other.token.unwrap()).await, Ok(None));
    // A login that reads like another's e-mail address is another identity.
    let login = Identity::Login("ana@exemplo.com.br".parse().unwrap());
    assert_eq!(ports.accounts.find_by_identity(&login).await, Ok(None));
}

async fn a_bare_tenant_reads_back(ports: &Ports) {
    let bare =
        User { login: None, phone: None, password: None, token: None, time_zone: None, ..user("caio") };
    ports.accounts.create(&bare).await.unwrap();
    assert_eq!(ports.accounts.find(bare.id).await.unwrap(), Some(bare));
}

async fn a_taken_identity_creates_nothing(ports: &Ports) {
    let ana = user("ana");
    ports.accounts.create(&ana).await.unwrap();
    let takers = [
        (User { login: ana.login.clone(), ..user("bia") }, Identity::Login(ana.login.clone().unwrap())),
        (User { email: ana.email.clone(), ..user("bia") }, Identity::Email(ana.email.clone().unwrap())),
        (User { phone: ana.phone.clone(), ..user("bia") }, Identity::Phone(ana.phone.clone().unwrap())),
    ];
    for (taker, taken) in takers {
        assert_eq!(ports.accounts.create(&taker).await, Err(CreateError::Taken(taken)));
        assert_eq!(ports.accounts.find(taker.id).await, Ok(None));
        assert_eq!(ports.accounts.find_by_token(&taker.token.clone().unwrap()).await, Ok(None));
        for identity in taker.identities() {
            let owner = ports.accounts.find_by_identity(&identity).await.unwrap();
            assert!(owner.is_none_or(|owner| owner == ana), "{identity:?}");
        }
    }
}

async fn of_many_who_want_one_identity_one_gets_it(ports: &Ports) {
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let accounts = Arc::clone(&ports.accounts);
            let taker = User { email: Some("um@exemplo.com".parse().unwrap()), ..user(&format!("login{n}")) };
            tokio::spawn(async move { accounts.create(&taker).await.map(|()| taker) })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(winner) => winners.push(winner),
            Err(error) => assert!(matches!(error, CreateError::Taken(Identity::Email(_))), "{error:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    let identity = Identity::Email("um@exemplo.com".parse().unwrap());
    assert_eq!(ports.accounts.find_by_identity(&identity).await.unwrap().as_ref(), winners.first());
}

async fn a_removed_tenant_is_found_by_nothing_and_its_identities_are_free(ports: &Ports) {
    let ana = user("ana");
    ports.accounts.create(&ana).await.unwrap();
    ports.accounts.remove(&ana).await.unwrap();
    ports.accounts.remove(&ana).await.unwrap();
    assert_eq!(ports.accounts.find(ana.id).await, Ok(None));
    assert_eq!(ports.accounts.find_by_token(&ana.token.clone().unwrap()).await, Ok(None));
    let next = User { id: user_id(), created_at: at(60), ..ana.clone() };
    ports.accounts.create(&next).await.unwrap();
    assert_eq!(ports.accounts.find_by_identity(&ana.identities()[0]).await.unwrap(), Some(next));
}

async fn removing_again_leaves_the_identities_next_owner_alone(ports: &Ports) {
    let ana = user("ana");
    ports.accounts.create(&ana).await.unwrap();
    ports.accounts.remove(&ana).await.unwrap();
    let next = User { email: ana.email.clone(), ..user("bia") };
    ports.accounts.create(&next).await.unwrap();
    ports.accounts.remove(&ana).await.unwrap();
    let email = Identity::Email(ana.email.unwrap());
    assert_eq!(ports.accounts.find_by_identity(&email).await.unwrap(), Some(next));
}
