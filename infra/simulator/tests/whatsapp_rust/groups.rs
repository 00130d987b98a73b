//! Groups: what they are, and who writes in them.

use serde_json::{Value, json};
use wacore::types::events::Event;
use wacore::types::presence::ReceiptType;
use waproto::whatsapp as wa;
use whatsapp_rust::Jid;

use crate::admin::Sim;
use crate::client::Client;

pub(crate) const ANA: &str = "5511999990001";
pub(crate) const BIA: &str = "5521988880002";
pub(crate) const CAIO: &str = "5531977770003";
pub(crate) const DUDA: &str = "5541966660004";

/// A group of Caio's with Ana's and Bia's phones, and Ana's client.
pub(crate) async fn group_with_ana(more: Value) -> (Sim, Client, String) {
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

pub(crate) fn jid(address: &str) -> Jid {
    address.parse().unwrap()
}

/// The group's change of a kind, as the client heard of it.
pub(crate) async fn change(client: &Client, group: &str, tag: &str) -> wacore::types::events::GroupUpdate {
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
pub(crate) async fn text_in(client: &Client, text: &str) -> (String, Jid, Jid) {
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

pub(crate) async fn write(client: &Client, group: &str, text: &str) -> String {
    let message = wa::Message { conversation: Some(text.to_owned()), ..Default::default() };
    client.inner().send_message(jid(group), message).await.unwrap().message_id
}

pub(crate) async fn lid(sim: &Sim, number: &str) -> String {
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
        // Both ends mean the same devices.
        assert_eq!(sim.get("/admin/stats").await["stats"]["drifted"], 0, "{addressing}");
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
        (answer["messages"][0]["receipts_of"]["read"] == json!([ANA])).then_some(())
    })
    .await;

    // What the own phone writes there is from the account itself.
    let id = sim.send_as(ANA, &group, "do celular").await;
    let from_me = ana
        .event("the phone's text", |event| match event {
            Event::Messages(batch) => {
                let message = batch.messages.iter().find(|message| message.info.id == id)?;
                Some((message.info.source.is_from_me, message.info.source.chat.to_string()))
            }
            _ => None,
        })
        .await;
    assert_eq!(from_me, (true, group));
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
async fn a_group_that_has_moved_to_lids_refuses_the_addresses_of_before() {
    let (sim, ana, group) = group_with_ana(json!({"addressing": "pn"})).await;
    let id = write(&ana, &group, "por número").await;
    assert_eq!(ana.ack(&id).await, None);
    sim.post(&format!("/admin/groups/{group}"), json!({"addressing": "lid"})).await;
    let id = write(&ana, &group, "ainda por número").await;
    assert_eq!(ana.ack(&id).await.as_deref(), Some("421"));
    let fresh = whatsapp_rust::cache::Freshness::Refresh;
    ana.inner().groups().query_info_with_freshness(&jid(&group), fresh).await.unwrap();
    let id = write(&ana, &group, "por LID").await;
    assert_eq!(ana.ack(&id).await, None);
    let texts = sim
        .until(&format!("/admin/accounts/{CAIO}/messages"), |answer| {
            let messages = answer["messages"].as_array()?;
            let texts: Vec<Value> = messages.iter().map(|message| message["text"].clone()).collect();
            texts.contains(&json!("por LID")).then_some(texts)
        })
        .await;
    assert_eq!(texts, [json!("por número"), json!("por LID")]);
    ana.stop().await;
}
