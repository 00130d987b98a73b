//! The contract of [`Accounts`](carteiro_core::ports::Accounts).

use crate::ports::Ports;
use crate::samples::{at, user, user_id};
use carteiro_core::identity::Identity;
use carteiro_core::mail::{MailReturned, WhyReturned};
use carteiro_core::ports::{AccountChange, CreateError, UserPage};
use carteiro_core::user::User;
use std::sync::Arc;

crate::contract! { in memory too:
    a_tenant_is_found_by_all_that_names_it,
    a_bare_tenant_reads_back,
    a_taken_identity_creates_nothing,
    of_many_who_want_one_identity_one_gets_it,
    a_removed_tenant_is_found_by_nothing_and_its_identities_are_free,
    removing_again_leaves_the_identities_next_owner_alone,
    tenants_are_paged_in_the_order_of_their_ids,
    a_change_keeps_what_it_does_not_name,
    who_is_not_there_is_not_changed,
    mail_that_came_back_is_noted_until_it_arrives_again,
    mail_to_an_address_of_before_is_not_noted,
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
    let bare = User {
        login: None,
        phone: None,
        password: None,
        token: None,
        time_zone: None,
        retention: None,
        ..user("caio")
    };
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

async fn tenants_are_paged_in_the_order_of_their_ids(ports: &Ports) {
    let nobody = ports.accounts.page(None, 10).await;
    assert_eq!(nobody, Ok(UserPage::default()));
    let mut tenants: Vec<User> = (0..7).map(|n| user(&format!("login{n}"))).collect();
    for tenant in &tenants {
        ports.accounts.create(tenant).await.unwrap();
    }
    tenants.sort_by_key(|tenant| tenant.id);
    let mut seen = Vec::new();
    let mut after = None;
    for (wanted, more) in [(3, true), (3, true), (1, false)] {
        let page = ports.accounts.page(after, 3).await.unwrap();
        assert_eq!((page.users.len(), page.next.is_some()), (wanted, more));
        seen.extend(page.users);
        after = page.next;
    }
    assert_eq!(seen, tenants);
    assert_eq!(ports.accounts.page(None, 7).await.unwrap().next, None, "no page follows that is empty");
    ports.accounts.remove(&tenants[0]).await.unwrap();
    let left = ports.accounts.page(None, 100).await.unwrap();
    assert_eq!(left, UserPage { users: tenants[1..].to_vec(), next: None });
    let past = ports.accounts.page(Some(tenants[6].id), 3).await;
    assert_eq!(past, Ok(UserPage::default()));
}

async fn a_change_keeps_what_it_does_not_name(ports: &Ports) {
    let ana = user("ana");
    ports.accounts.create(&ana).await.unwrap();
    let plan = AccountChange {
        plan: Some(carteiro_core::plan::PlanName::from_stored("premium".into())),
        ..AccountChange::default()
    };
    let changed = User { plan: plan.plan.clone().unwrap(), ..ana.clone() };
    assert_eq!(ports.accounts.change(ana.id, &plan).await, Ok(Some(changed.clone())));
    let zone =
        AccountChange { time_zone: Some("America/Recife".parse().unwrap()), ..AccountChange::default() };
    let changed = User { time_zone: zone.time_zone.clone(), ..changed };
    assert_eq!(ports.accounts.change(ana.id, &zone).await, Ok(Some(changed.clone())));
    let fewer = AccountChange { retention: Some(7.try_into().unwrap()), ..AccountChange::default() };
    let changed = User { retention: fewer.retention, ..changed };
    assert_eq!(ports.accounts.change(ana.id, &fewer).await, Ok(Some(changed.clone())));
    assert_eq!(ports.accounts.change(ana.id, &AccountChange::default()).await, Ok(Some(changed.clone())));
    assert_eq!(ports.accounts.find(ana.id).await, Ok(Some(changed)));
}

async fn who_is_not_there_is_not_changed(ports: &Ports) {
    let nobody = user_id();
    for zone in [None, Some("America/Recife".parse().unwrap())] {
        let change = AccountChange { time_zone: zone, ..AccountChange::default() };
        assert_eq!(ports.accounts.change(nobody, &change).await, Ok(None));
    }
    assert_eq!(ports.accounts.page(None, 10).await, Ok(UserPage::default()));
}

async fn mail_that_came_back_is_noted_until_it_arrives_again(ports: &Ports) {
    let ana = user("ana");
    ports.accounts.create(&ana).await.unwrap();
    let email = ana.email.clone().unwrap();
    let noted = async || ports.accounts.find(ana.id).await.unwrap().unwrap().mail_returned;
    let bounce = MailReturned { why: WhyReturned::Bounce, at: at(60) };
    let complaint = MailReturned { why: WhyReturned::Complaint, at: at(120) };
    for _ in 0..2 {
        ports.accounts.note_mail(ana.id, &email, Some(bounce)).await.unwrap();
        assert_eq!(noted().await, Some(bounce));
    }
    ports.accounts.note_mail(ana.id, &email, Some(complaint)).await.unwrap();
    ports.accounts.note_mail(ana.id, &email, Some(bounce)).await.unwrap();
    assert_eq!(noted().await, Some(complaint), "the latest stays, in whatever order they come");
    for _ in 0..2 {
        ports.accounts.note_mail(ana.id, &email, None).await.unwrap();
        assert_eq!(ports.accounts.find(ana.id).await.unwrap().as_ref(), Some(&ana), "nothing else changed");
    }
}

async fn mail_to_an_address_of_before_is_not_noted(ports: &Ports) {
    let (ana, nobody) = (user("ana"), user_id());
    ports.accounts.create(&ana).await.unwrap();
    let returned = Some(MailReturned { why: WhyReturned::Bounce, at: at(60) });
    let another = "outra@exemplo.com.br".parse().unwrap();
    ports.accounts.note_mail(ana.id, &another, returned).await.unwrap();
    assert_eq!(ports.accounts.find(ana.id).await.unwrap().as_ref(), Some(&ana));
    ports.accounts.note_mail(nobody, &another, returned).await.unwrap();
    assert_eq!(ports.accounts.find(nobody).await, Ok(None), "nobody is made of it");
}
