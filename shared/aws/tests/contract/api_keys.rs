//! The contract of [`ApiKeys`](carteiro_core::ports::ApiKeys), and of what finds a tenant by them.

use crate::ports::Ports;
use crate::samples::{api_key, at, user};
use carteiro_core::ports::{KeyError, MAX_API_KEYS};
use carteiro_core::scope::{Grant, Scopes};
use carteiro_core::token::ApiKey;
use carteiro_core::user::User;
use std::sync::Arc;

crate::contract! { in memory too:
    a_key_reads_back_and_leads_to_its_tenant,
    a_tenant_is_made_with_its_first_key,
    a_key_of_nobody_is_not_added,
    the_limit_counts_what_is_good,
    thirty_adds_at_once_keep_the_limit,
    a_rotated_key_ends_when_it_is_told,
    a_rotation_is_all_or_nothing,
    a_revoked_key_is_gone,
    a_key_that_is_revoked_while_it_is_rotated_stays_gone,
    the_token_from_before_is_kept_like_the_others,
    a_removed_tenants_keys_are_gone,
    a_tenant_with_many_keys_is_removed_whole,
}

/// A tenant of today, whose tokens are all keys.
async fn tenant(ports: &Ports, name: &str) -> User {
    let tenant = User { token: None, ..user(name) };
    ports.accounts.create(&tenant).await.unwrap();
    tenant
}

async fn grant(ports: &Ports, key: &ApiKey) -> Option<Grant> {
    let (user, grant) = ports.accounts.find_by_token(&key.hash).await.unwrap()?;
    assert_eq!(user.id, key.user);
    Some(grant)
}

async fn a_key_reads_back_and_leads_to_its_tenant(ports: &Ports) {
    let (ana, bia) = (tenant(ports, "ana").await, tenant(ports, "bia").await);
    assert_eq!(ports.api_keys.list(ana.id).await, Ok(vec![]));
    let second = ApiKey { expires_at: Some(at(60)), ..api_key(&ana, 2) };
    let first = ApiKey { name: None, scopes: Scopes::all(), ..api_key(&ana, 1) };
    for key in [&second, &first] {
        ports.api_keys.add(key, at(2)).await.unwrap();
        assert_eq!(grant(ports, key).await, Some(key.grant()));
    }
    assert_eq!(ports.api_keys.list(ana.id).await, Ok(vec![first, second]), "oldest first");
    assert_eq!(ports.api_keys.list(bia.id).await, Ok(vec![]));
    assert_eq!(grant(ports, &api_key(&bia, 0)).await, None);
}

async fn a_tenant_is_made_with_its_first_key(ports: &Ports) {
    let ana = User { token: None, ..user("ana") };
    let key = api_key(&ana, 0);
    ports.accounts.create_with_key(&ana, &key).await.unwrap();
    assert_eq!(grant(ports, &key).await, Some(key.grant()));
    assert_eq!(ports.api_keys.list(ana.id).await, Ok(vec![key]));
    let bia = User { login: ana.login.clone(), token: None, ..user("bia") };
    let refused = api_key(&bia, 0);
    ports.accounts.create_with_key(&bia, &refused).await.unwrap_err();
    assert_eq!(ports.accounts.find_by_token(&refused.hash).await, Ok(None));
}

async fn a_key_of_nobody_is_not_added(ports: &Ports) {
    let nobody = user("ana");
    assert_eq!(ports.api_keys.add(&api_key(&nobody, 0), at(0)).await, Err(KeyError::Gone));
    assert_eq!(ports.api_keys.list(nobody.id).await, Ok(vec![]));
    let key = api_key(&nobody, 0);
    assert_eq!(ports.api_keys.rotate(key.id, at(9), &api_key(&nobody, 1), at(1)).await, Err(KeyError::Gone));
    assert_eq!(ports.api_keys.revoke(nobody.id, key.id).await, Ok(false));
}

async fn the_limit_counts_what_is_good(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    let ending = ApiKey { expires_at: Some(at(60)), ..api_key(&ana, 0) };
    ports.api_keys.add(&ending, at(0)).await.unwrap();
    for _ in 1..MAX_API_KEYS {
        ports.api_keys.add(&api_key(&ana, 0), at(0)).await.unwrap();
    }
    let one_more = api_key(&ana, 1);
    assert_eq!(ports.api_keys.add(&one_more, at(59)).await, Err(KeyError::TooMany));
    assert_eq!(grant(ports, &one_more).await, None);
    let in_its_place = api_key(&ana, 1);
    let rotated = ports.api_keys.rotate(ending.id, at(59), &in_its_place, at(1)).await;
    assert_eq!(rotated, Err(KeyError::TooMany), "both would be good");
    ports.api_keys.rotate(ending.id, at(1), &in_its_place, at(1)).await.unwrap();
    assert_eq!(ports.api_keys.add(&one_more, at(60)).await, Err(KeyError::TooMany));
    ports.api_keys.revoke(ana.id, in_its_place.id).await.unwrap();
    ports.api_keys.add(&one_more, at(60)).await.unwrap();
    assert_eq!(ports.api_keys.list(ana.id).await.unwrap().len(), MAX_API_KEYS);
}

async fn thirty_adds_at_once_keep_the_limit(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    for _ in 0..MAX_API_KEYS - 3 {
        ports.api_keys.add(&api_key(&ana, 0), at(0)).await.unwrap();
    }
    let tasks: Vec<_> = (0..30)
        .map(|_| {
            let (keys, key) = (Arc::clone(&ports.api_keys), api_key(&ana, 1));
            tokio::spawn(async move { keys.add(&key, at(1)).await })
        })
        .collect();
    let mut added = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => added += 1,
            Err(error) => assert!(matches!(error, KeyError::TooMany | KeyError::Unavailable(_)), "{error:?}"),
        }
    }
    assert!((1..=3).contains(&added), "{added} were added");
    let listed = ports.api_keys.list(ana.id).await.unwrap().len();
    assert_eq!(listed, MAX_API_KEYS - 3 + added, "what was answered is what is there");
}

async fn a_rotated_key_ends_when_it_is_told(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    let soon = ApiKey { expires_at: Some(at(30)), ..api_key(&ana, 0) };
    for (old, told, ends) in [(api_key(&ana, 0), at(60), at(60)), (soon, at(60), at(30))] {
        let new = api_key(&ana, 1);
        ports.api_keys.add(&old, at(0)).await.unwrap();
        ports.api_keys.rotate(old.id, told, &new, at(1)).await.unwrap();
        let ending = ApiKey { expires_at: Some(ends), ..old };
        assert_eq!(grant(ports, &ending).await, Some(ending.grant()));
        assert_eq!(grant(ports, &new).await, Some(new.grant()));
        let listed = ports.api_keys.list(ana.id).await.unwrap();
        assert!(listed.contains(&ending) && listed.contains(&new), "{listed:?}");

        let last = api_key(&ana, 2);
        ports.api_keys.rotate(new.id, at(2), &last, at(2)).await.unwrap();
        assert_eq!(grant(ports, &new).await, None, "it ends at once");
        assert!(!ports.api_keys.list(ana.id).await.unwrap().contains(&new));
        ports.api_keys.revoke(ana.id, last.id).await.unwrap();
    }
}

async fn a_rotation_is_all_or_nothing(ports: &Ports) {
    let (ana, bia) = (tenant(ports, "ana").await, tenant(ports, "bia").await);
    let old = api_key(&ana, 0);
    ports.api_keys.add(&old, at(0)).await.unwrap();
    let new = api_key(&bia, 1);
    let others = ports.api_keys.rotate(old.id, at(60), &new, at(1)).await;
    assert_eq!(others, Err(KeyError::Gone), "a key of another tenant");
    assert_eq!(grant(ports, &new).await, None);
    assert_eq!(grant(ports, &old).await, Some(old.grant()));
}

async fn a_revoked_key_is_gone(ports: &Ports) {
    let (ana, bia) = (tenant(ports, "ana").await, tenant(ports, "bia").await);
    let (key, other) = (api_key(&ana, 0), api_key(&ana, 1));
    ports.api_keys.add(&key, at(0)).await.unwrap();
    ports.api_keys.add(&other, at(1)).await.unwrap();
    assert_eq!(ports.api_keys.revoke(bia.id, key.id).await, Ok(false), "another tenant's");
    assert_eq!(grant(ports, &key).await, Some(key.grant()));
    assert_eq!(ports.api_keys.revoke(ana.id, key.id).await, Ok(true));
    assert_eq!(ports.api_keys.revoke(ana.id, key.id).await, Ok(false));
    assert_eq!(grant(ports, &key).await, None);
    assert_eq!(ports.api_keys.list(ana.id).await, Ok(vec![other]));
}

async fn a_key_that_is_revoked_while_it_is_rotated_stays_gone(ports: &Ports) {
    let ana = tenant(ports, "ana").await;
    for second in 0..8 {
        let (old, new) = (api_key(&ana, second), api_key(&ana, second));
        ports.api_keys.add(&old, at(second)).await.unwrap();
        let (keys, id, next) = (Arc::clone(&ports.api_keys), old.id, new.clone());
        let rotating = tokio::spawn(async move { keys.rotate(id, at(600), &next, at(second)).await });
        let revoked = ports.api_keys.revoke(ana.id, old.id).await;
        let rotated = rotating.await.unwrap();
        if revoked == Ok(true) {
            assert_eq!(grant(ports, &old).await, None, "{rotated:?}");
        }
        let listed = ports.api_keys.list(ana.id).await.unwrap();
        assert_eq!(listed.contains(&new), rotated.is_ok());
        assert_eq!(grant(ports, &new).await.is_some(), rotated.is_ok());
        ports.api_keys.revoke(ana.id, new.id).await.unwrap();
        ports.api_keys.revoke(ana.id, old.id).await.unwrap();
    }
}

async fn the_token_from_before_is_kept_like_the_others(ports: &Ports) {
    let (ana, bia) = (user("ana"), user("bia"));
    for user in [&ana, &bia] {
        ports.accounts.create(user).await.unwrap();
    }
    let listed = ports.api_keys.list(ana.id).await.unwrap();
    let [old] = listed.try_into().unwrap();
    assert_eq!((Some(&old.hash), old.grant()), (ana.token.as_ref(), Grant::full()));
    assert_eq!(grant(ports, &old).await, Some(Grant::full()));

    let new = api_key(&ana, 1);
    ports.api_keys.rotate(old.id, at(60), &new, at(1)).await.unwrap();
    let ending = ApiKey { expires_at: Some(at(60)), ..old };
    assert_eq!(ports.api_keys.list(ana.id).await, Ok(vec![ending.clone(), new]));
    assert_eq!(grant(ports, &ending).await, Some(ending.grant()));
    assert_eq!(ports.accounts.find(ana.id).await.unwrap().unwrap().token, None, "it is a key now");

    let [old] = ports.api_keys.list(bia.id).await.unwrap().try_into().unwrap();
    assert_eq!(ports.api_keys.revoke(bia.id, old.id).await, Ok(true));
    assert_eq!(grant(ports, &old).await, None);
    assert_eq!(ports.api_keys.list(bia.id).await, Ok(vec![]));
}

async fn a_removed_tenants_keys_are_gone(ports: &Ports) {
    let ana = user("ana");
    ports.accounts.create(&ana).await.unwrap();
    let key = api_key(&ana, 0);
    ports.api_keys.add(&key, at(0)).await.unwrap();
    ports.accounts.remove(&ana).await.unwrap();
    assert_eq!(grant(ports, &key).await, None);
    assert_eq!(ports.accounts.find_by_token(ana.token.as_ref().unwrap()).await, Ok(None));
    assert_eq!(ports.api_keys.list(ana.id).await, Ok(vec![]));
    assert_eq!(ports.api_keys.add(&api_key(&ana, 1), at(1)).await, Err(KeyError::Gone));
}

async fn a_tenant_with_many_keys_is_removed_whole(ports: &Ports) {
    let ana = user("ana");
    ports.accounts.create(&ana).await.unwrap();
    let mut keys = Vec::new();
    // Twice as many as may be good at once: the first half is over when the second is added.
    for second in [0, 60] {
        for n in 1..MAX_API_KEYS {
            let key = ApiKey { expires_at: Some(at(second + 30 + n as i64)), ..api_key(&ana, second) };
            ports.api_keys.add(&key, at(second)).await.unwrap();
            keys.push(key);
        }
    }
    ports.accounts.remove(&ana).await.unwrap();
    assert_eq!(ports.api_keys.list(ana.id).await, Ok(vec![]));
    for key in keys {
        assert_eq!(grant(ports, &key).await, None);
    }
}
