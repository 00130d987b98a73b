//! Sends, from the request to the recipient.

use crate::world::World;
use serde_json::{Value, json};

const WORKER: &str = "5511988880001";
const OTHER: &str = "5511988880002";
const CONTACT: &str = "5511977770001";

#[tokio::test]
async fn a_text_goes_the_whole_way() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("ana@exemplo.com.br", "5511999990001").await;
    tenant.pair(WORKER).await;

    let send = tenant.send(WORKER, CONTACT, "Olá, mundo! 👋").await;
    assert_eq!(contact.texts(1).await, ["Olá, mundo! 👋"]);
    let delivered = tenant.status(&send, "entregue").await;
    assert!(
        delivered["date_time_send"].is_string() && delivered["date_time_delivered"].is_string(),
        "{delivered}"
    );

    contact.read().await;
    tenant.status(&send, "lido").await;

    let report = tenant.report(WORKER).await;
    assert_eq!(report.len(), 1, "{report:?}");
    for (name, value) in [
        ("send_id", send.as_str()),
        ("from_number", WORKER),
        ("to_number", CONTACT),
        ("message", "Olá, mundo! 👋"),
        ("message_type", "text"),
        ("status", "lido"),
    ] {
        assert_eq!(report[0][name], value, "{name} in {}", report[0]);
    }
    world.stop().await;
}

#[tokio::test]
async fn an_idempotency_key_sends_once() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("bia@exemplo.com.br", "5511999990002").await;
    tenant.pair(WORKER).await;
    let ask = async |text: &str| {
        let body =
            json!({"from_number": WORKER, "to_number": CONTACT, "media_type": "text", "content": text});
        let headers = [("token", tenant.token.as_str()), ("Idempotency-Key", "pedido-1")];
        world.call("POST", "/v2/sends", &headers, Some(&body)).await
    };

    let first = ask("um").await;
    assert_eq!(first.status, 201, "{}", first.text());
    tenant.status(first.json()["description"]["send_id"].as_str().unwrap(), "entregue").await;
    let again = ask("um").await;
    assert_eq!((again.status, again.json()), (201, first.json()), "the first answer is replayed");
    let other = ask("dois").await;
    assert_eq!((other.status, other.json()["code"].as_str()), (422, Some("IDEMPOTENCY_MISMATCH")));

    // A later send shows that nothing of the repeated ones is still on its way.
    tenant.send(WORKER, CONTACT, "três").await;
    assert_eq!(contact.texts(2).await, ["um", "três"]);
    assert_eq!(tenant.report(WORKER).await.len(), 2);
    world.stop().await;
}

#[tokio::test]
async fn a_recipient_that_is_not_on_whatsapp_fails() {
    let world = World::start().await;
    let tenant = world.tenant("caio@exemplo.com.br", "5511999990003").await;
    tenant.pair(WORKER).await;
    let send = tenant.send(WORKER, "5511900000000", "alguém?").await;
    let failed = tenant.status(&send, "falha").await;
    assert_eq!(failed["error_code"], "NOT_ON_WHATSAPP", "{failed}");
    assert_eq!(tenant.report(WORKER).await[0]["error_code"], "NOT_ON_WHATSAPP");
    world.stop().await;
}

#[tokio::test]
async fn the_ninth_digit_finds_the_right_person() {
    let world = World::start().await;
    let short = world.contact("553188887777").await;
    let long = world.contact("5511966665555").await;
    let tenant = world.tenant("davi@exemplo.com.br", "5511999990004").await;
    tenant.pair(WORKER).await;
    // Asked with and without the ninth digit, known to WhatsApp without and with it.
    for (number, text) in [
        ("5531988887777", "curto, com o nono dígito"),
        ("553188887777", "curto, sem"),
        ("5511966665555", "longo, com o nono dígito"),
        ("551166665555", "longo, sem"),
    ] {
        let send = tenant.send(WORKER, number, text).await;
        let sent = tenant.status(&send, "entregue").await;
        assert_eq!(sent["to_number"], number, "what was asked for stays");
        assert!(sent["resolved_to"].is_string(), "{sent}");
    }
    assert_eq!(short.texts(2).await, ["curto, com o nono dígito", "curto, sem"]);
    assert_eq!(long.texts(2).await, ["longo, com o nono dígito", "longo, sem"]);
    world.stop().await;
}

#[tokio::test]
async fn a_nack_becomes_a_failure_with_its_code() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("eva@exemplo.com.br", "5511999990005").await;
    tenant.pair(WORKER).await;
    world.fault(json!({"kind": "nack", "number": WORKER, "code": 463, "times": 1})).await;
    let refused = tenant.send(WORKER, CONTACT, "recusada").await;
    assert_eq!(tenant.status(&refused, "falha").await["error_code"], "WHATSAPP_463");
    let sent = tenant.send(WORKER, CONTACT, "aceita").await;
    tenant.status(&sent, "entregue").await;
    assert_eq!(contact.texts(1).await, ["aceita"]);
    world.stop().await;
}

#[tokio::test]
async fn a_number_that_is_not_connected_sends_on_connect() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("fabio@exemplo.com.br", "5511999990006").await;
    let add = tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    assert!(add.status < 300, "{}", add.text());

    let mut sends = Vec::new();
    for text in ["um", "dois", "três"] {
        sends.push(tenant.send(WORKER, CONTACT, text).await);
    }
    for send in &sends {
        let waiting = crate::until::until("the send says why it waits", async || {
            let send = tenant.look(send).await;
            send["waiting"].is_string().then_some(send)
        });
        let waiting = waiting.await;
        assert_eq!(
            (waiting["status"].as_str(), waiting["waiting"].as_str()),
            (Some("na fila"), Some("NUMBER_NOT_CONNECTED"))
        );
    }
    // One that waits can be taken back.
    let cancelled = tenant.call("DELETE", &format!("/v2/sends/{}", sends[1]), &json!({})).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text());

    world.contact(WORKER).await;
    tenant.scan(WORKER).await;
    tenant.status(&sends[2], "entregue").await;
    assert_eq!(contact.texts(2).await, ["um", "três"]);
    assert_eq!(tenant.look(&sends[1]).await["status"], "cancelado");
    let too_late = tenant.call("DELETE", &format!("/v2/sends/{}", sends[0]), &json!({})).await;
    assert_eq!((too_late.status, too_late.json()["code"].as_str()), (409, Some("SEND_NOT_CANCELLABLE")));
    world.stop().await;
}

#[tokio::test]
async fn a_tenant_cannot_use_anothers_number() {
    let world = World::start().await;
    world.contact(CONTACT).await;
    let (ana, bob) = (
        world.tenant("gabi@exemplo.com.br", "5511999990007").await,
        world.tenant("bob@exemplo.com.br", "5511999990008").await,
    );
    ana.pair(WORKER).await;
    let send = ana.send(WORKER, CONTACT, "meu").await;

    let code = |answer: &carteiro_local::Answer| {
        (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(code(&bob.ask(WORKER, CONTACT, "roubado").await), (403, "NOT_YOUR_WORKER".into()));
    assert_eq!(
        code(&bob.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await),
        (409, "WORKER_TAKEN".into())
    );
    for path in
        [format!("/v2/numbers/connect?number={WORKER}"), format!("/v2/numbers/status?number={WORKER}")]
    {
        assert_eq!(bob.get(&path).await.status, 403, "{path}");
    }
    assert_eq!(bob.get(&format!("/v2/sends/{send}")).await.status, 404);
    assert_eq!(bob.call("DELETE", &format!("/v2/sends/{send}"), &Value::Null).await.status, 404);
    assert_eq!(bob.report(WORKER).await, Vec::<Value>::new());
    assert_eq!(ana.ask(OTHER, CONTACT, "de ninguém").await.status, 403);
    world.stop().await;
}
