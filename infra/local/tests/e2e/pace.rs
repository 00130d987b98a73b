//! The pace of a number, as its tenant sets it.

use crate::until::PATIENCE;
use crate::world::World;
use serde_json::json;
use std::time::{Duration, Instant};

const WORKER: &str = "5511988880101";
const CONTACT: &str = "5521966660101";

#[tokio::test]
async fn a_number_sends_as_slowly_as_its_tenant_says() {
    let world = World::start().await;
    let tenant = world.tenant("paula@exemplo.com.br", "5511999990121").await;
    let contact = world.contact(CONTACT).await;
    tenant.pair(WORKER).await;
    let first = tenant.send(WORKER, CONTACT, "texto 0").await;
    tenant.status(&first, "entregue").await;

    let pace = json!({"number": WORKER, "per_minute": 30, "burst": 1, "jitter_ms": 0});
    let set = tenant.call("PUT", "/v2/numbers/pace", &pace).await;
    assert_eq!(
        (set.status, &set.json()["description"]["own"]["per_minute"]),
        (200, &json!(30)),
        "{}",
        set.text()
    );
    // The session reads its rules before the next message, once it was told to.
    let mut texts = vec!["texto 0".to_owned()];
    let knows = || world.all_logs().iter().any(|(_, log)| log.contains("the pace changed"));
    let deadline = Instant::now() + PATIENCE;
    while !knows() {
        assert!(Instant::now() < deadline, "the session did not hear of the pace");
        texts.push(format!("texto {}", texts.len()));
        let send = tenant.send(WORKER, CONTACT, texts.last().unwrap()).await;
        tenant.status(&send, "entregue").await;
    }
    let began = Instant::now();
    let mut last = first;
    for _ in 0..5 {
        texts.push(format!("texto {}", texts.len()));
        last = tenant.send(WORKER, CONTACT, texts.last().unwrap()).await;
    }
    tenant.status(&last, "entregue").await;
    assert!(began.elapsed() >= Duration::from_secs(7), "five at one each two seconds: {:?}", began.elapsed());
    assert_eq!(contact.texts(texts.len()).await, texts);
    world.stop().await;
}
