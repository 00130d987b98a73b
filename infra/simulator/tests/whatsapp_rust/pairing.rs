//! Pairing, login and what keeps others out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use wacore::store::InMemoryBackend;
use wacore::types::events::Event;

use crate::admin::Sim;
use crate::client::Client;

const NUMBER: &str = "5511999990001";

/// A client that is paired, and how long that took.
async fn paired(sim: &Sim) -> (Client, Duration) {
    let start = Instant::now();
    (Client::paired(sim, NUMBER).await, start.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_pairs_by_qr_and_resumes_with_one_round_trip() {
    let sim = Sim::start().await;
    let (client, mut took) = paired(&sim).await;
    // The phone shares its app-state key; without it every client waits ten seconds before it calls itself connected. A busy
    // machine may keep one waiting, too.
    for _ in 0..3 {
        if took.as_secs() >= 9 {
            let other = Sim::start().await;
            let (client, again) = paired(&other).await;
            client.stop().await;
            took = took.min(again);
        }
    }
    assert!(took.as_secs() < 9, "pairing took {took:?}");
    let device = sim.device_until(NUMBER, |device| device["pre_keys"].as_u64() >= Some(20)).await;
    assert_eq!(device["online"], true);
    assert_eq!(device["max_streams"], 1);

    let backend = client.stop().await;
    sim.device_until(NUMBER, |device| device["online"] == false).await;
    let client = Client::start(&sim, backend, "Test").await;
    client.connected().await;
    let stats = sim.get("/admin/stats").await;
    assert!(stats["stats"]["handshakes"]["IK"].as_u64() >= Some(1), "{stats}");
    assert_eq!(sim.device(NUMBER).await["max_streams"], 1);
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_number_the_push_name_picks_the_account() {
    let sim = Sim::start().await;
    sim.post("/admin/accounts", json!({"number": NUMBER, "name": "Loja"})).await;
    let mut numbers = Vec::new();
    for name in ["Loja", "Outra", "Outra"] {
        let client = Client::start(&sim, Arc::new(InMemoryBackend::new()), name).await;
        let scanned = sim.scan(&client.qr().await, None).await;
        numbers.push(scanned["number"].as_str().unwrap().to_owned());
        client.connected().await;
        client.stop().await;
    }
    assert_eq!(numbers[0], NUMBER);
    assert_ne!(numbers[1], NUMBER);
    assert_eq!(numbers[1], numbers[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qr_is_taken_once_and_nonsense_is_refused() {
    let sim = Sim::start().await;
    let client = Client::start(&sim, Arc::new(InMemoryBackend::new()), "Test").await;
    let qr = client.qr().await;
    sim.scan(&qr, Some(NUMBER)).await;
    client.connected().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/admin/mock-phone/scan-qr", sim.handle.admin_url());
    for (body, status) in [(qr.as_str(), 404), ("nonsense", 400), ("", 400)] {
        let answer = http.post(&url).body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), status, "{body}");
    }
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_stream_of_the_same_device_replaces_the_first() {
    let sim = Sim::start().await;
    let mut clients = vec![Client::paired(&sim, NUMBER).await];
    loop {
        let first = &clients[clients.len() - 1];
        let second = Client::start(&sim, first.backend.clone(), "Test").await;
        second.connected().await;
        first.event("the replacement", |event| matches!(event, Event::StreamReplaced(_)).then_some(())).await;
        let device = sim.device_until(NUMBER, |device| device["open_streams"] == 1).await;
        clients.push(second);
        if device["max_streams"] == 2 {
            break;
        }
        // One that hangs up before a busy server has looked whether it is still there was not there at the same time.
        assert!(clients.len() < 6, "{device}");
    }
    for client in clients {
        client.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_logs_out_is_gone() {
    let sim = Sim::start().await;
    let client = Client::paired(&sim, NUMBER).await;
    client.inner().logout().await;
    sim.until("/admin/devices", |answer| answer["devices"].as_array()?.is_empty().then_some(())).await;
    let backend = client.stop().await;
    drop(backend);
}
