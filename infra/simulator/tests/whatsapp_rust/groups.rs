//! Groups: what they are, who writes in them, how they are joined and left.

use carteiro_simulator::Config;
use serde_json::{Value, json};
use wacore::types::events::Event;
use wacore::types::presence::ReceiptType;
use waproto::whatsapp as wa;
use whatsapp_rust::features::PreviousDescription;
use whatsapp_rust::{GroupCreateOptions, GroupDescription, GroupParticipantOptions, GroupSubject, Jid};

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const BIA: &str = "5521988880002";
const CAIO: &str = "5531977770003";
const DUDA: &str = "5541966660004";

/// A group of Caio's with Ana's and Bia's phones, and Ana's client.
async fn group_with_ana(more: Value) -> (Sim, Client, String) {
    let sim = Sim::start().await;
    for (number, name) in [(BIA, "Bia"), (CAIO, "Caio"), (DUDA, "Duda")] {
        sim.post("/admin/accounts", json!({"number": number, "name": name})).await;
    }
    let ana = Client::paired(&sim, ANA).await;
    let mut group = json!({"subject": "Obra da Rua 7", "creator": CAIO, "members": [ANA, BIA]});
    group.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = sim.post("/admin/groups", group).await;
    let address = made["id"].as_str().unwrap().to_owned();
    (sim, ana, address)
}

fn jid(address: &str) -> Jid {
    address.parse().unwrap()
}

/// The group's change of a kind, as the client heard of it.
async fn change(client: &Client, group: &str, tag: &str) -> wacore::types::events::GroupUpdate {
    client
        .event(tag, |event| match event {
            Event::GroupUpdate(update)
                if update.group_jid.to_string() == group && update.action.tag_name() == tag =>
            {
                Some(update.clone())
            }
            _ => None,
        })
        .await
}

/// The text with its group and its author, once it is there.
async fn text_in(client: &Client, text: &str) -> (String, Jid, Jid) {
    use whatsapp_rust::prelude::MessageExt;
    client
        .event("the text", |event| match event {
            Event::Messages(batch) => batch.messages.iter().find_map(|message| {
                let source = &message.info.source;
                (message.message.text_content() == Some(text))
                    .then(|| (message.info.id.clone(), source.chat.clone(), source.sender.clone()))
            }),
            _ => None,
        })
        .await
}

async fn write(client: &Client, group: &str, text: &str) -> String {
    let message = wa::Message { conversation: Some(text.to_owned()), ..Default::default() };
    client.inner().send_message(jid(group), message).await.unwrap().message_id
}

async fn lid(sim: &Sim, number: &str) -> String {
    let accounts = sim.get("/admin/accounts").await;
    let accounts = accounts["accounts"].as_array().unwrap();
    let account = accounts.iter().find(|account| account["number"] == number).unwrap();
    account["lid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_told_what_its_groups_are() {
    let more = json!({"description": "Só avisos.", "announce": true, "locked": true, "admins": [BIA]});
    let (sim, ana, group) = group_with_ana(more).await;
    change(&ana, &group, "create").await;
    let info = ana.inner().groups().get_metadata(&jid(&group)).await.unwrap();
    assert_eq!((info.subject.as_str(), info.description.as_deref()), ("Obra da Rua 7", Some("Só avisos.")));
    assert!(info.is_announcement && info.is_locked);
    assert_eq!(info.creator.unwrap().to_string(), lid(&sim, CAIO).await);
    let mut members: Vec<(String, bool)> = Vec::new();
    for member in &info.participants {
        assert!(member.jid.is_lid(), "addressed by LID");
        members.push((member.phone_number.as_ref().unwrap().user.to_string(), member.is_admin()));
    }
    members.sort();
    let expected = [(ANA, false), (BIA, true), (CAIO, true)].map(|(number, is)| (number.to_owned(), is));
    assert_eq!(members, expected);

    let other =
        sim.post("/admin/groups", json!({"subject": "Sem a Ana", "creator": CAIO, "members": [BIA]})).await;
    let all = ana.inner().groups().get_participating().await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[&jid(&group)].participants.len(), 3);
    let refused = ana.inner().groups().get_metadata(&jid(other["id"].as_str().unwrap())).await.unwrap_err();
    assert!(format!("{refused:?}").contains("403"), "{refused:?}");
    let unknown = ana.inner().groups().get_metadata(&jid("120363000000000001@g.us")).await.unwrap_err();
    assert!(format!("{unknown:?}").contains("404"), "{unknown:?}");
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_in_a_group_is_read_by_all_of_it() {
    for addressing in ["lid", "pn"] {
        let (sim, ana, group) = group_with_ana(json!({"addressing": addressing})).await;
        let bia = Client::paired(&sim, BIA).await;
        // The second finds the keys there.
        for text in ["chegou o cimento", "dez sacos"] {
            let id = sim.send_as(CAIO, &group, text).await;
            for client in [&ana, &bia] {
                let (got, chat, author) = text_in(client, text).await;
                assert_eq!((got.as_str(), chat.to_string()), (id.as_str(), group.clone()), "{addressing}");
                assert_eq!(author.is_lid(), addressing == "lid");
            }
            // Both of Ana's and Bia's devices, their phones too.
            let path = format!("/admin/accounts/{CAIO}/sent");
            sim.until(&path, |answer| {
                let messages = answer["messages"].as_array()?;
                let sent = messages.iter().find(|message| message["id"] == id.as_str())?;
                (sent["receipts"]["delivered"].as_u64()? >= 4).then_some(())
            })
            .await;
        }

        for text in ["confere", "vou buscar"] {
            let id = write(&ana, &group, text).await;
            assert_eq!(ana.ack(&id).await, None, "{addressing}");
            for number in [BIA, CAIO] {
                let path = format!("/admin/accounts/{number}/messages");
                let message = sim
                    .until(&path, |answer| {
                        let messages = answer["messages"].as_array()?;
                        messages.iter().find(|message| message["id"] == id.as_str()).cloned()
                    })
                    .await;
                assert_eq!((&message["text"], &message["from"]), (&json!(text), &json!(ANA)));
                assert_eq!((&message["group"], &message["undecryptable"]), (&json!(group), &json!(0)));
            }
            assert_eq!(text_in(&bia, text).await.0, id);
            ana.receipt(&id, ReceiptType::Delivered).await;
        }
        ana.stop().await;
        bia.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_say_which_member_they_are_of() {
    let (sim, ana, group) = group_with_ana(json!({})).await;
    let id = write(&ana, &group, "quem vem?").await;
    for number in [BIA, CAIO] {
        sim.until(&format!("/admin/accounts/{number}/messages"), |answer| {
            (!answer["messages"].as_array()?.is_empty()).then_some(())
        })
        .await;
        sim.post(&format!("/admin/accounts/{number}/read"), json!({})).await;
        let reader = lid(&sim, number).await;
        ana.event("the read receipt", |event| match event {
            Event::Receipt(receipt) if receipt.r#type == ReceiptType::Read => {
                let source = &receipt.source;
                let is = receipt.message_ids.contains(&id)
                    && source.chat.to_string() == group
                    && source.sender.to_non_ad().to_string() == reader;
                is.then_some(())
            }
            _ => None,
        })
        .await;
    }
    // Each of them is confirmed by itself.
    sim.device_until(ANA, |device| device["queued"] == 0).await;

    let id = sim.send_as(CAIO, &group, "todos").await;
    let (_, chat, author) = text_in(&ana, "todos").await;
    ana.inner().mark_as_read(&chat, Some(&author), &[id.as_str()]).await.unwrap();
    sim.until(&format!("/admin/accounts/{CAIO}/sent"), |answer| {
        (answer["messages"][0]["receipts"]["read"].as_u64()? >= 1).then_some(())
    })
    .await;
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_message_that_cannot_be_read_is_asked_for_again() {
    let (sim, ana, group) = group_with_ana(json!({})).await;
    let body = json!({"to": group, "text": "de novo", "readable": "later"});
    let id = sim.post(&format!("/admin/accounts/{CAIO}/messages"), body).await["id"].clone();
    assert_eq!(json!(text_in(&ana, "de novo").await.0), id);

    sim.fault(json!({"kind": "garble", "number": ANA, "times": 1})).await;
    let id = write(&ana, &group, "e este").await;
    for number in [BIA, CAIO] {
        let message = sim
            .until(&format!("/admin/accounts/{number}/messages"), |answer| {
                let messages = answer["messages"].as_array()?;
                messages.iter().find(|one| one["id"] == id.as_str() && one["text"] == "e este").cloned()
            })
            .await;
        assert!(message["undecryptable"].as_u64() >= Some(1));
    }
    ana.stop().await;
}

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
async fn a_new_companion_of_a_member_reads_what_follows() {
    let (sim, ana, group) = group_with_ana(json!({})).await;
    write(&ana, &group, "antes").await;
    sim.send_as(CAIO, &group, "antes também").await;
    sim.messages(BIA, 2).await;
    let bia = Client::paired(&sim, BIA).await;
    // Ana hears of it, since they share a group.
    ana.event("the new device", |event| matches!(event, Event::DeviceListUpdate(_)).then_some(())).await;
    let id = write(&ana, &group, "depois").await;
    assert_eq!(text_in(&bia, "depois").await.0, id);
    let id = sim.send_as(CAIO, &group, "depois também").await;
    assert_eq!(text_in(&bia, "depois também").await.0, id);
    ana.stop().await;
    bia.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_their_keys_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { state: Some(directory.path().join("state.json")), ..Config::default() };
    let sim = Sim::with(config.clone()).await;
    sim.contact(CAIO).await;
    let ana = Client::paired(&sim, ANA).await;
    let group =
        sim.post("/admin/groups", json!({"subject": "Obra", "creator": CAIO, "members": [ANA]})).await;
    let address = group["id"].as_str().unwrap().to_owned();
    sim.send_as(CAIO, &address, "antes").await;
    text_in(&ana, "antes").await;
    write(&ana, &address, "antes dela").await;
    sim.messages(CAIO, 1).await;
    let backend = ana.stop().await;
    sim.handle.shutdown().await.unwrap();

    let sim = Sim::with(config).await;
    assert_eq!(sim.get(&format!("/admin/groups/{address}")).await, group);
    let ana = Client::start(&sim, backend, "Test").await;
    ana.connected().await;
    // Nobody has to tell a key again, nor to ask for one.
    sim.send_as(CAIO, &address, "depois").await;
    text_in(&ana, "depois").await;
    write(&ana, &address, "depois dela").await;
    assert_eq!(sim.messages(CAIO, 2).await[1]["undecryptable"], 0);
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
