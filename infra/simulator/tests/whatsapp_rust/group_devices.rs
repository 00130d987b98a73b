//! The devices of a group's members: new ones, and the keys of all of them over a restart.

use carteiro_simulator::Config;
use serde_json::json;
use wacore::types::events::Event;

use crate::admin::{DEADLINE, Sim};
use crate::client::Client;
use crate::groups::{ANA, BIA, CAIO, group_with_ana, text_in, write};

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
async fn who_missed_a_new_device_learns_of_it_from_the_ack() {
    let (sim, ana, group) = group_with_ana(json!({})).await;
    let id = write(&ana, &group, "antes").await;
    assert_eq!(ana.ack(&id).await, None);
    sim.fault(json!({"kind": "stall", "number": ANA})).await;
    let bia = Client::paired(&sim, BIA).await;
    sim.clear_faults().await;
    let id = write(&ana, &group, "sem ela").await;
    assert_eq!(ana.ack(&id).await, None);
    assert_eq!(sim.get("/admin/stats").await["stats"]["drifted"], 1);
    // What follows is for the new device too, as soon as the client has asked which there are.
    let deadline = std::time::Instant::now() + DEADLINE;
    for attempt in 0.. {
        let id = write(&ana, &group, &format!("com ela {attempt}")).await;
        assert_eq!(ana.ack(&id).await, None);
        if sim.get("/admin/stats").await["stats"]["drifted"] == attempt + 1 {
            assert_eq!(text_in(&bia, &format!("com ela {attempt}")).await.0, id);
            break;
        }
        assert!(std::time::Instant::now() < deadline, "the client never learned of the device");
    }
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
