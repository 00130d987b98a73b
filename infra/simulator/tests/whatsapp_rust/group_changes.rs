//! Changes of groups: who makes them and who hears of them; how groups are joined and left.

use serde_json::json;
use wacore::types::events::Event;
use waproto::whatsapp as wa;
use whatsapp_rust::features::PreviousDescription;
use whatsapp_rust::{GroupCreateOptions, GroupDescription, GroupParticipantOptions, GroupSubject, Jid};

use crate::groups::{ANA, BIA, CAIO, DUDA, change, group_with_ana, jid, lid, write};

#[tokio::test(flavor = "multi_thread")]
async fn members_hear_of_each_change() {
    let (sim, ana, group) = group_with_ana(json!({})).await;
    let path = format!("/admin/groups/{group}");
    let caio = lid(&sim, CAIO).await;
    let duda = lid(&sim, DUDA).await;
    sim.post(&path, json!({"add": [DUDA]})).await;
    let add = change(&ana, &group, "add").await;
    assert_eq!(add.participant.unwrap().to_string(), caio);
    let added = serde_json::to_value(&add.action).unwrap();
    assert!(added.to_string().contains(duda.split('@').next().unwrap()), "{added}");

    // Who has just come reads what Ana writes, with a key that Ana has to tell.
    write(&ana, &group, "bem-vinda").await;
    assert_eq!(sim.messages(DUDA, 1).await[0]["text"], "bem-vinda");

    sim.post(&path, json!({"promote": [ANA], "subject": "Obra da Rua 9", "announce": true})).await;
    change(&ana, &group, "promote").await;
    let subject = serde_json::to_value(&change(&ana, &group, "subject").await.action).unwrap();
    assert!(subject.to_string().contains("Obra da Rua 9"), "{subject}");
    change(&ana, &group, "announcement").await;
    sim.post(&path, json!({"remove": [DUDA]})).await;
    change(&ana, &group, "remove").await;
    let id = write(&ana, &group, "só nós").await;
    assert_eq!(ana.ack(&id).await, None);
    let messages = sim
        .until(&format!("/admin/accounts/{BIA}/messages"), |answer| {
            let messages = answer["messages"].as_array()?;
            messages.iter().any(|one| one["text"] == "só nós").then(|| messages.clone())
        })
        .await;
    assert_eq!(messages.len(), 2);
    assert_eq!(sim.messages(DUDA, 1).await.len(), 1, "who is gone reads nothing more");

    sim.post(&path, json!({"remove": [ANA]})).await;
    ana.event("its own removal", |event| match event {
        Event::GroupUpdate(update) if update.action.tag_name() == "remove" => {
            (update.timestamp >= add.timestamp).then_some(())
        }
        _ => None,
    })
    .await;
    sim.until(&path, |group| (group["members"].as_array()?.len() == 2).then_some(())).await;
    assert!(ana.inner().groups().get_participating().await.unwrap().is_empty());
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_makes_and_changes_groups() {
    let (sim, ana, of_caio) = group_with_ana(json!({"locked": true})).await;
    let client = ana.inner();
    let forbidden = client.groups().set_announce(jid(&of_caio), true).await.unwrap_err();
    assert!(format!("{forbidden:?}").contains("403"), "{forbidden:?}");

    let wanted =
        GroupCreateOptions::new("Da Ana").with_participant(GroupParticipantOptions::new(Jid::pn(BIA)));
    let made = client.groups().create_group(wanted).await.unwrap();
    let group = made.metadata.id.to_string();
    let path = format!("/admin/groups/{group}");
    assert_eq!(
        sim.get(&path).await["members"],
        json!([{"number": ANA, "rank": "super_admin"}, {"number": BIA, "rank": "member"}])
    );
    let groups = client.groups();
    groups.set_subject(jid(&group), GroupSubject::new("Da Ana e da Bia").unwrap()).await.unwrap();
    let text = Some(GroupDescription::new("Só nós.").unwrap());
    groups.set_description(jid(&group), text, PreviousDescription::Absent).await.unwrap();
    groups.set_announce(jid(&group), true).await.unwrap();
    groups.set_locked(jid(&group), true).await.unwrap();
    let added =
        groups.add_participants(jid(&group), &[Jid::pn(DUDA), Jid::pn("5511900000000")]).await.unwrap();
    assert_eq!(added.iter().map(|one| one.error.as_deref()).collect::<Vec<_>>(), [None, Some("404")]);
    groups.promote_participants(jid(&group), &[Jid::pn(DUDA)]).await.unwrap();
    groups.remove_participants(jid(&group), &[Jid::pn(BIA)]).await.unwrap();
    let old = groups.get_invite_link(&jid(&group), false).await.unwrap();
    let new = groups.get_invite_link(&jid(&group), true).await.unwrap();
    let shown = sim.get(&path).await;
    assert_ne!(old, new);
    assert_eq!(shown["invite_link"], new);
    assert_eq!((&shown["subject"], &shown["description"]), (&json!("Da Ana e da Bia"), &json!("Só nós.")));
    assert_eq!((&shown["announce"], &shown["locked"]), (&json!(true), &json!(true)));
    assert_eq!(
        shown["members"],
        json!([{"number": ANA, "rank": "super_admin"}, {"number": DUDA, "rank": "admin"}])
    );
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_link_opens_its_group_until_it_is_reset() {
    let (sim, ana, group) = group_with_ana(json!({"members": [BIA], "announce": true})).await;
    let made = sim.get(&format!("/admin/groups/{group}")).await;
    let code = made["invite"].as_str().unwrap().to_owned();
    let groups = || ana.inner();
    let about = groups().groups().get_invite_info(&code).await.unwrap();
    assert_eq!((about.subject.as_str(), about.participants.len()), ("Obra da Rua 7", 2));
    let joined = groups().groups().join_with_invite_code(&code).await.unwrap();
    assert_eq!(joined.group_jid().to_string(), group);
    change(&ana, &group, "create").await;
    let again = groups().groups().join_with_invite_code(&code).await.unwrap_err();
    assert!(format!("{again:?}").contains("409"), "{again:?}");

    // Plain members get no link and, where only admins write, write nothing.
    let link = groups().groups().get_invite_link(&jid(&group), false).await.unwrap_err();
    assert!(format!("{link:?}").contains("401"), "{link:?}");
    let id = write(&ana, &group, "posso?").await;
    assert_eq!(ana.ack(&id).await.as_deref(), Some("420"));
    sim.post(&format!("/admin/groups/{group}"), json!({"promote": [ANA]})).await;
    let link = groups().groups().get_invite_link(&jid(&group), false).await.unwrap();
    assert_eq!(link, format!("https://chat.whatsapp.com/{code}"));

    groups().groups().leave(jid(&group)).await.unwrap();
    change(&ana, &group, "remove").await;
    let message = wa::Message { conversation: Some("saí".to_owned()), ..Default::default() };
    let refused = groups().send_message(jid(&group), message).await.unwrap_err();
    assert!(format!("{refused:?}").contains("403"), "{refused:?}");
    assert_eq!(groups().groups().join_with_invite_code(&code).await.unwrap().group_jid().to_string(), group);

    sim.post(&format!("/admin/groups/{group}"), json!({"remove": [ANA]})).await;
    for (code, status) in
        [(code.as_str(), "405"), ("abcdefghijklmnopqrstuv", "404"), ("não é um código", "406")]
    {
        let refused = groups().groups().join_with_invite_code(code).await.unwrap_err();
        assert!(format!("{refused:?}").contains(status), "{code}: {refused:?}");
    }
    sim.post(&format!("/admin/groups/{group}"), json!({"reset_invite": true})).await;
    let refused = groups().groups().join_with_invite_code(&code).await.unwrap_err();
    assert!(format!("{refused:?}").contains("410"), "{refused:?}");
    let full = json!({"subject": "Cheio", "creator": CAIO, "capacity": 1});
    let full = sim.post("/admin/groups", full).await;
    let refused =
        groups().groups().join_with_invite_code(full["invite"].as_str().unwrap()).await.unwrap_err();
    assert!(format!("{refused:?}").contains("419"), "{refused:?}");

    let asks = json!({"subject": "Com aprovação", "creator": CAIO, "approval": true});
    let asks = sim.post("/admin/groups", asks).await;
    let waits = groups().groups().join_with_invite_code(asks["invite"].as_str().unwrap()).await.unwrap();
    assert!(matches!(waits, whatsapp_rust::JoinGroupResult::PendingApproval(_)), "{waits:?}");
    assert!(groups().groups().get_participating().await.unwrap().is_empty());
    let path = format!("/admin/groups/{}", asks["id"].as_str().unwrap());
    assert_eq!(sim.get(&path).await["waiting"], json!([ANA]));
    sim.post(&path, json!({"add": [ANA]})).await;
    change(&ana, asks["id"].as_str().unwrap(), "create").await;
    assert_eq!(sim.get(&path).await["waiting"], json!([]));
    ana.stop().await;
}
