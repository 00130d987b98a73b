//! Groups that the number is in, comes into and goes out of.

use crate::desk::{CONTACT, Desk, NUMBER, Running};
use crate::updates::at;
use carteiro_core::chat::{Address, Group, Rank, Update};
use serde_json::{Value, json};

const THIRD: &str = "5531977770003";

async fn create(desk: &Desk, members: Value) -> Address {
    desk.post("/admin/accounts", json!({"number": THIRD, "name": "Rui"})).await;
    let group = json!({"subject": "Obra", "creator": CONTACT, "members": members});
    desk.post("/admin/groups", group).await["id"].as_str().unwrap().parse().unwrap()
}

async fn change(desk: &Desk, group: &Address, what: Value) {
    desk.post(&format!("/admin/groups/{group}"), what).await;
}

/// The group once it is as wanted.
async fn group(running: &mut Running, what: &str, wanted: impl Fn(&Group) -> bool) -> Group {
    running
        .update(what, |update| match update {
            Update::Group(group) if wanted(&group) => Some(group),
            _ => None,
        })
        .await
}

fn member<'a>(group: &'a Group, number: &str) -> Option<&'a Rank> {
    group.participants.iter().find(|one| *one.person.address() == at(number)).map(|one| &one.rank)
}

#[tokio::test]
async fn the_groups_of_a_new_device_come_with_its_history() {
    let desk = Desk::new().await;
    let address = create(&desk, json!([NUMBER, THIRD])).await;
    desk.write(CONTACT, &address.to_string(), json!({"text": "bem-vindos"})).await;
    let mut running = desk.pair().await;
    let found = group(&mut running, "group", |group| group.address == address).await;
    assert_eq!(found.subject, "Obra");
    assert_eq!(found.owner.as_ref().unwrap().address(), &at(CONTACT));
    assert_eq!(member(&found, CONTACT), Some(&Rank::SuperAdmin));
    assert_eq!((member(&found, NUMBER), member(&found, THIRD)), (Some(&Rank::Member), Some(&Rank::Member)));
    assert!(found.participants.iter().all(|one| one.person.lid().is_some()));
}

#[tokio::test]
async fn a_group_changes_as_it_is_changed_and_ends_when_one_is_taken_out() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let address = create(&desk, json!([NUMBER])).await;
    group(&mut running, "group that one was added to", |group| group.address == address).await;
    change(&desk, &address, json!({"subject": "Obra 2"})).await;
    group(&mut running, "subject", |group| group.subject == "Obra 2").await;
    change(&desk, &address, json!({"add": [THIRD]})).await;
    group(&mut running, "member", |group| member(group, THIRD).is_some()).await;
    change(&desk, &address, json!({"promote": [THIRD], "announce": true})).await;
    let changed = |group: &Group| group.announce && member(group, THIRD) == Some(&Rank::Admin);
    group(&mut running, "administrator", changed).await;
    change(&desk, &address, json!({"remove": [NUMBER]})).await;
    let left = running.update("end of the group", |update| match update {
        Update::GroupLeft(group) => Some(group),
        _ => None,
    });
    assert_eq!(left.await, address);
}

#[tokio::test]
async fn messages_of_a_group_name_their_author() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let address = create(&desk, json!([NUMBER])).await;
    group(&mut running, "group", |group| group.address == address).await;
    let id = desk.write(CONTACT, &address.to_string(), json!({"text": "bom dia"})).await;
    let message = running.message().await;
    assert_eq!((&message.key.chat, message.key.id.as_str()), (&address, id.as_str()));
    assert_eq!((message.key.participant.as_ref(), &message.with), (Some(&at(CONTACT)), &None));
    assert_eq!(message.author.address(), &at(CONTACT));
}
