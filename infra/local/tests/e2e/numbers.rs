//! Numbers: pairing, the phone's side, removal.

use crate::until::until;
use crate::world::World;
use serde_json::json;

const WORKER: &str = "5511988880011";
const CONTACT: &str = "5511977770011";

#[tokio::test]
async fn logged_out_from_the_phone_and_paired_anew() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("olga@exemplo.com.br", "5511999990020").await;
    tenant.pair(WORKER).await;
    world.fault(json!({"kind": "logged_out", "number": WORKER})).await;
    let status = tenant.state(WORKER, "logged_out").await;
    assert_eq!(status["status"], "desconectado");
    let send = tenant.send(WORKER, CONTACT, "depois").await;
    tenant.scan(WORKER).await;
    tenant.status(&send, "entregue").await;
    assert_eq!(contact.texts(1).await, ["depois"]);
    world.stop().await;
}

#[tokio::test]
async fn a_replaced_session_stays_down_until_asked() {
    let world = World::start().await;
    let tenant = world.tenant("pedro@exemplo.com.br", "5511999990021").await;
    tenant.pair(WORKER).await;
    world.fault(json!({"kind": "replaced", "number": WORKER})).await;
    tenant.state(WORKER, "replaced").await;
    let answer = tenant.get(&format!("/v2/numbers/connect?number={WORKER}")).await;
    assert!(answer.status < 300, "{}", answer.text());
    tenant.connected(WORKER).await;
    world.stop().await;
}

#[tokio::test]
async fn the_wrong_phone_is_turned_away() {
    let world = World::start().await;
    let tenant = world.tenant("quel@exemplo.com.br", "5511999990022").await;
    world.contact("5511955554444").await;
    let add = tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    assert!(add.status < 300, "{}", add.text());
    let qr = until("there is a QR", async || {
        let answer = tenant.get(&format!("/v2/numbers/connect?number={WORKER}")).await;
        answer.json()["description"]["qr"].as_str().map(str::to_owned)
    })
    .await;
    let url = format!("{}/admin/mock-phone/scan-qr?number=5511955554444", world.admin_url().unwrap());
    assert_eq!(world.http.request("POST", &url, &[], qr.into_bytes()).await.unwrap().status, 200);
    tenant.state(WORKER, "wrong_number").await;
    world.stop().await;
}

#[tokio::test]
async fn a_removed_number_logs_its_device_out() {
    let world = World::start().await;
    let tenant = world.tenant("rita@exemplo.com.br", "5511999990023").await;
    let next = world.tenant("saulo@exemplo.com.br", "5511999990024").await;
    tenant.pair(WORKER).await;
    let removed = tenant.call("DELETE", "/v2/numbers", &json!({"number": WORKER, "role": "worker"})).await;
    assert_eq!(removed.status, 200, "{}", removed.text());
    until("the device is gone at WhatsApp", async || {
        let devices = world.admin("GET", "/admin/devices", None).await.to_string();
        (!devices.contains(WORKER)).then_some(())
    })
    .await;
    // The next tenant gets the number, and nothing of the old session.
    until("the number is free", async || {
        let add = next.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
        let connect = next.get(&format!("/v2/numbers/connect?number={WORKER}")).await;
        (add.status < 300 && connect.json()["description"]["qr"].is_string()).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test]
async fn disconnected_and_connected_without_a_qr() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("tais@exemplo.com.br", "5511999990025").await;
    tenant.pair(WORKER).await;
    let answer = tenant.call("POST", "/v2/numbers/disconnect", &json!({"number": WORKER})).await;
    assert!(answer.status < 300, "{}", answer.text());
    tenant.state(WORKER, "offline").await;
    let send = tenant.send(WORKER, CONTACT, "guardada").await;
    let answer = tenant.get(&format!("/v2/numbers/connect?number={WORKER}")).await;
    assert!(answer.status < 300 && answer.json()["description"]["qr"].is_null(), "{}", answer.text());
    tenant.status(&send, "entregue").await;
    assert_eq!(contact.texts(1).await, ["guardada"]);
    world.stop().await;
}
