//! The contract of [`PrivacyOperations`](carteiro_core::ports::PrivacyOperations).

use crate::ports::Ports;
use crate::samples::{at, phone, user_id};
use carteiro_core::privacy::{
    About, Names, PrivacyFailure, PrivacyKind, PrivacyOperation, PrivacyScope, PrivacyState,
};

crate::contract! { in memory too:
    an_operation_reads_back_as_it_was_made,
    a_second_of_the_same_id_is_not_made,
    everything_that_changes_is_kept_and_its_end_names_nobody,
    of_two_who_save_the_same_one_does,
}

fn operation(kind: PrivacyKind, about: About) -> PrivacyOperation {
    PrivacyOperation::new(user_id(), kind, about, at(0))
}

async fn an_operation_reads_back_as_it_was_made(ports: &Ports) {
    for kind in [PrivacyKind::Export, PrivacyKind::Erase] {
        for about in [About::Tenant, About::Person(phone(7))] {
            let made = operation(kind, about);
            assert_eq!(ports.privacy.find(made.id).await, Ok(None));
            assert_eq!(ports.privacy.create(&made).await, Ok(None));
            assert_eq!(ports.privacy.find(made.id).await, Ok(Some(made)));
        }
    }
}

async fn a_second_of_the_same_id_is_not_made(ports: &Ports) {
    let first = operation(PrivacyKind::Erase, About::Tenant);
    ports.privacy.create(&first).await.unwrap();
    assert_eq!(ports.privacy.create(&first).await, Ok(None), "the same again is the first, said twice");
    let second = PrivacyOperation { attempts: 7, ..first.clone() };
    assert_eq!(ports.privacy.create(&second).await, Ok(Some(first.clone())));
    assert_eq!(ports.privacy.find(first.id).await, Ok(Some(first)));
}

async fn everything_that_changes_is_kept_and_its_end_names_nobody(ports: &Ports) {
    let mut changing = operation(PrivacyKind::Erase, About::Person(phone(7)));
    ports.privacy.create(&changing).await.unwrap();
    let mut names = Names::of(&phone(7));
    names.learn(&"7712345678901@lid".parse().unwrap());
    let user = changing.user.unwrap();
    let work = changing.work.as_mut().unwrap();
    work.scope = Some(PrivacyScope {
        user,
        workers: vec![phone(1)],
        numbers: vec![phone(1), phone(2)],
        person: Some(names),
    });
    work.cursor = Some("{\"stage\":\"sends\"}".into());
    work.upload = Some("2~abc/def".into());
    work.parts = vec!["\"etag\"".into()];
    work.restarts = 2;
    changing.state = PrivacyState::Processing;
    changing.busy_until = Some(at(9));
    changing.attempts = 3;
    changing.count("sends", 1_000_000);
    assert_eq!(ports.privacy.save(&mut changing).await, Ok(true));
    assert_eq!((changing.revision, ports.privacy.find(changing.id).await), (1, Ok(Some(changing.clone()))));
    for state in [
        PrivacyState::Failed(PrivacyFailure::GaveUp),
        PrivacyState::Failed(PrivacyFailure::NotRemoved),
        PrivacyState::Failed(PrivacyFailure::TooLarge),
        PrivacyState::Ready,
    ] {
        changing.end(state, at(99));
        changing.user = changing.user.filter(|_| state != PrivacyState::Ready);
        assert_eq!(ports.privacy.save(&mut changing).await, Ok(true));
        let found = ports.privacy.find(changing.id).await.unwrap().unwrap();
        assert_eq!((&found, &found.work), (&changing, &None));
    }
}

async fn of_two_who_save_the_same_one_does(ports: &Ports) {
    let mut one = operation(PrivacyKind::Export, About::Tenant);
    ports.privacy.create(&one).await.unwrap();
    let mut other = PrivacyOperation { attempts: 3, ..one.clone() };
    assert_eq!(ports.privacy.save(&mut one).await, Ok(true));
    assert_eq!((ports.privacy.save(&mut other).await, other.revision), (Ok(false), 0));
    assert_eq!(ports.privacy.find(one.id).await, Ok(Some(one)));
    let mut unknown = operation(PrivacyKind::Export, About::Tenant);
    assert_eq!(ports.privacy.save(&mut unknown).await, Ok(false), "what was never made cannot be saved");
}
