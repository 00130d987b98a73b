//! What accounts show of themselves: pictures, about texts, business names, presence, chat states.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wacore::types::events::Event;
use whatsapp_rust::Jid;
use whatsapp_rust::http::{HttpClient as _, HttpRequest};

use crate::admin::{DEADLINE, Sim};
use crate::client::{Client, trusting};

const ANA: &str = "5511999990001";
const BIA: &str = "5521988880002";
const CAIO: &str = "5531977770003";

/// Ana's client and a contact that has written to her.
async fn ana_and_caio() -> (Sim, Client) {
    let sim = Sim::start().await;
    sim.contact(CAIO).await;
    let ana = Client::paired(&sim, ANA).await;
    sim.send_as(CAIO, ANA, "oi").await;
    ana.text("oi").await;
    (sim, ana)
}

/// The bytes behind an address of the media server, and what they are said to be.
async fn fetched(sim: &Sim, url: &str) -> Vec<u8> {
    let answer = trusting(sim.handle.media_ca()).execute(HttpRequest::get(url)).await.unwrap();
    assert_eq!(answer.status_code, 200);
    answer.body.to_vec()
}

async fn delete(sim: &Sim, path: &str) {
    assert_eq!(sim.call(reqwest::Method::DELETE, path, None).await.0, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_in_two_sizes_until_it_is_hidden_or_gone() {
    let (sim, ana) = ana_and_caio().await;
    let client = ana.inner();
    let caio = Jid::pn(CAIO);
    let shown = async |preview| client.contacts().get_profile_picture(&caio, preview).await.unwrap();
    assert!(shown(true).await.is_none());
    let path = format!("/admin/accounts/{CAIO}/picture");
    let picture = json!({"image": STANDARD.encode(b"grande"), "preview": STANDARD.encode(b"pequena")});
    let id = sim.post(&path, picture).await["id"].as_str().unwrap().to_owned();
    ana.event("the new picture", |event| match event {
        Event::PictureUpdate(update) => {
            (update.jid.user == CAIO && update.picture_id.as_deref() == Some(&id)).then_some(())
        }
        _ => None,
    })
    .await;
    for (preview, bytes) in [(true, b"pequena".as_slice()), (false, b"grande")] {
        let picture = shown(preview).await.unwrap();
        assert_eq!(picture.id, id);
        assert_eq!(fetched(&sim, &picture.url).await, bytes);
    }
    let info = client.contacts().get_user_info(std::slice::from_ref(&caio)).await.unwrap();
    assert_eq!(info[&caio].picture_id.as_deref(), Some(id.as_str()));

    let profile = format!("/admin/accounts/{CAIO}/profile");
    sim.post(&profile, json!({"picture_hidden": true})).await;
    assert!(shown(true).await.is_none());
    assert_eq!(
        client.contacts().get_user_info(std::slice::from_ref(&caio)).await.unwrap()[&caio].picture_id,
        None
    );
    sim.post(&profile, json!({"picture_hidden": false})).await;
    assert!(shown(true).await.is_some());
    delete(&sim, &path).await;
    ana.event("its removal", |event| match event {
        Event::PictureUpdate(update) => update.removed.then_some(()),
        _ => None,
    })
    .await;
    assert!(shown(true).await.is_none());

    // A group's picture is its members' only.
    let group =
        sim.post("/admin/groups", json!({"subject": "Obra", "creator": CAIO, "members": [ANA]})).await;
    let address = group["id"].as_str().unwrap();
    sim.post(&format!("/admin/groups/{address}/picture"), json!({"image": STANDARD.encode(b"obra")})).await;
    let of_group: Jid = address.parse().unwrap();
    let picture = client.contacts().get_profile_picture(&of_group, false).await.unwrap().unwrap();
    assert_eq!(fetched(&sim, &picture.url).await, b"obra");
    sim.post(&format!("/admin/groups/{address}"), json!({"remove": [ANA]})).await;
    assert!(client.contacts().get_profile_picture(&of_group, false).await.unwrap().is_none());
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn about_texts_and_business_names_are_told_to_who_asks() {
    let (sim, ana) = ana_and_caio().await;
    let client = ana.inner();
    let caio = Jid::pn(CAIO);
    let about = async || {
        client.contacts().get_user_info(std::slice::from_ref(&caio)).await.unwrap().remove(&caio).unwrap()
    };
    let plain = about().await;
    assert!(plain.status.is_none() && !plain.is_business);
    let profile = format!("/admin/accounts/{CAIO}/profile");
    sim.post(&profile, json!({"about": "Só recado 📵", "business": "Padaria do Caio"})).await;
    ana.event("the new about text", |event| match event {
        Event::UserAboutUpdate(update) => (update.status == "Só recado 📵").then_some(()),
        _ => None,
    })
    .await;
    let told = about().await;
    assert_eq!(told.status.as_deref(), Some("Só recado 📵"));
    assert!(told.is_business);
    assert_eq!(told.verified_name.unwrap().name.as_deref(), Some("Padaria do Caio"));
    let found = client.contacts().is_on_whatsapp(std::slice::from_ref(&caio)).await.unwrap();
    assert!(found[0].is_business);
    sim.post(&profile, json!({"about_hidden": true, "business": ""})).await;
    let hidden = about().await;
    assert_eq!(hidden.status.unwrap_or_default(), "");
    assert!(!hidden.is_business);

    // What a client sets is seen by another.
    client.profile().set_status_text("Na obra").await.unwrap();
    let bia = Client::paired(&sim, BIA).await;
    let seen = bia.inner().contacts().get_user_info(&[Jid::pn(ANA)]).await.unwrap();
    assert_eq!(seen[&Jid::pn(ANA)].status.as_deref(), Some("Na obra"));
    ana.stop().await;
    bia.stop().await;
}

/// Whether somebody is there and when it was last, as the client heard it so far.
fn presences(client: &Client) -> Vec<(bool, Option<i64>)> {
    client.all(|event| match event {
        Event::Presence(update) => Some((!update.unavailable, update.last_seen.map(|last| last.timestamp()))),
        _ => None,
    })
}

/// What it heard at this place, once it has.
async fn told_in(client: &Client, place: usize) -> (bool, Option<i64>) {
    let deadline = std::time::Instant::now() + DEADLINE;
    loop {
        if let Some(told) = presences(client).get(place) {
            return *told;
        }
        assert!(std::time::Instant::now() < deadline, "the presence never came");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_is_heard_by_who_asked_for_it_and_is_there() {
    let (sim, ana) = ana_and_caio().await;
    let client = ana.inner();
    let path = format!("/admin/accounts/{CAIO}/presence");
    client.presence().set_available().await.unwrap();
    sim.until(&format!("/admin/accounts/{ANA}/presence"), |told| {
        told["available"].as_bool().filter(|is| *is)
    })
    .await;
    sim.post(&path, json!({"available": true})).await;
    assert_eq!(presences(&ana), [], "nobody asked");
    sim.post(&path, json!({"available": false, "last_seen": 1_700_000_000})).await;
    client.presence().subscribe(Jid::pn(CAIO)).await.unwrap();
    assert_eq!(told_in(&ana, 0).await, (false, Some(1_700_000_000)));
    sim.post(&path, json!({"available": true})).await;
    assert_eq!(told_in(&ana, 1).await, (true, None));
    sim.post(&format!("/admin/accounts/{CAIO}/profile"), json!({"last_seen_hidden": true})).await;
    sim.post(&path, json!({"available": false})).await;
    assert_eq!(told_in(&ana, 2).await, (false, None));

    // Who is away hears nothing, and is told when it is back.
    client.presence().set_unavailable().await.unwrap();
    sim.until(&format!("/admin/accounts/{ANA}/presence"), |told| {
        told["available"].as_bool().filter(|is| !*is)
    })
    .await;
    sim.post(&path, json!({"available": true})).await;
    client.presence().set_available().await.unwrap();
    assert_eq!(told_in(&ana, 3).await, (true, None));
    assert_eq!(presences(&ana).len(), 4);
    ana.stop().await;
    let gone: Value = sim
        .until(&format!("/admin/accounts/{ANA}/presence"), |told| {
            (told["available"] == false).then(|| told.clone())
        })
        .await;
    assert!(gone["last_seen"].as_u64().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_is_told_both_ways_and_in_groups() {
    let (sim, ana) = ana_and_caio().await;
    let client = ana.inner();
    let group =
        sim.post("/admin/groups", json!({"subject": "Obra", "creator": CAIO, "members": [ANA]})).await;
    let group = group["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/accounts/{CAIO}/chat-states");
    client.presence().set_available().await.unwrap();
    sim.until(&format!("/admin/accounts/{ANA}/presence"), |told| {
        told["available"].as_bool().filter(|is| *is)
    })
    .await;
    let caio = sim.get("/admin/accounts").await["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|account| account["number"] == CAIO)
        .unwrap()["lid"]
        .clone();
    let heard: std::sync::Arc<std::sync::Mutex<Vec<Value>>> = std::sync::Arc::default();
    let record = heard.clone();
    client
        .register_chatstate_handler(std::sync::Arc::new(move |event| {
            let participant = event.participant.as_ref().map(|jid| jid.to_string());
            let told = json!([event.chat.to_string(), participant, event.state.as_str()]);
            record.lock().unwrap().push(told);
        }))
        .await;
    let group_address = group.clone();
    for (to, state, expected) in [
        (ANA, "composing", json!([caio, null, "typing"])),
        (ANA, "recording", json!([caio, null, "recording_audio"])),
        (ANA, "paused", json!([caio, null, "idle"])),
        (group.as_str(), "composing", json!([group_address, caio, "typing"])),
    ] {
        sim.post(&path, json!({"to": to, "state": state})).await;
        let deadline = std::time::Instant::now() + DEADLINE;
        while heard.lock().unwrap().last() != Some(&expected) {
            assert!(std::time::Instant::now() < deadline, "{expected} {:?}", heard.lock().unwrap());
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    client.chatstate().send_composing(&Jid::pn(CAIO)).await.unwrap();
    client.chatstate().send_paused(&group.parse().unwrap()).await.unwrap();
    let states = sim
        .until(&path, |told| {
            let states = told["chat_states"].as_array()?;
            (states.len() == 2).then(|| states.clone())
        })
        .await;
    assert_eq!((&states[0]["from"], &states[0]["state"]), (&json!(ANA), &json!("composing")));
    assert_eq!((&states[1]["group"], &states[1]["state"]), (&json!(group), &json!("paused")));
    ana.stop().await;
}
