//! What a number can come to, as the API shows it: paired by a code, restricted, banned for a time, asked for a passkey; and
//! what comes after the acknowledgement of a send.

use crate::files::Files;
use crate::samples;
use crate::tenant::Tenant;
use crate::until::until;
use crate::world::World;
use serde_json::{Value, json};

const WORKER: &str = "5511988880101";
const CONTACT: &str = "5511977770101";
const STRANGER: &str = "5511977770102";

async fn add(tenant: &Tenant<'_>, number: &str) {
    let answer = tenant.call("POST", "/v2/numbers/add", &json!({"number": number, "role": "worker"})).await;
    assert!(answer.status < 300, "{}", answer.text());
}

/// Asks for a pairing code until there is one.
async fn code(tenant: &Tenant<'_>, number: &str) -> String {
    until("there is a code", async || {
        let answer = tenant.get(&format!("/v2/numbers/connect?number={number}&method=code")).await;
        assert!(answer.status < 300, "{}", answer.text());
        let description = answer.json()["description"].clone();
        assert!(description["qr"].is_null(), "a code was asked for, not a QR");
        description["pairing_code"].as_str().map(str::to_owned)
    })
    .await
}

#[tokio::test]
async fn a_number_is_paired_by_a_code() {
    let world = World::start().await;
    let tenant = world.tenant("zelia@exemplo.com.br", "5511999990101").await;
    let contact = world.contact(CONTACT).await;
    world.contact(WORKER).await;
    add(&tenant, WORKER).await;
    let code = code(&tenant, WORKER).await;
    assert_eq!((code.len(), code.chars().nth(4)), (9, Some('-')), "as the phone shows it");
    assert_eq!(
        tenant.get(&format!("/v2/numbers/status?number={WORKER}")).await.json()["description"]["state"],
        "pairing"
    );
    let url = format!("{}/admin/mock-phone/enter-code", world.admin_url().unwrap());
    let enter = async |code: &str| {
        world.http.json("POST", &url, &[], &json!({"number": WORKER, "code": code})).await.unwrap()
    };
    assert_eq!(enter("ABCD-2345").await.status, 400, "a wrong code links nothing");
    assert_eq!(enter(&code).await.status, 200);
    tenant.connected(WORKER).await;
    let send = tenant.send(WORKER, CONTACT, "pareado por código").await;
    tenant.status(&send, "entregue").await;
    assert_eq!(contact.texts(1).await, ["pareado por código"]);
    for (name, log) in world.all_logs() {
        assert!(!log.contains(&code) && !log.contains(&code.replace('-', "")), "the code is in {name}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_restricted_number_says_so_and_still_writes_to_whom_it_knows() {
    let world = World::start().await;
    let tenant = world.tenant("ada@exemplo.com.br", "5511999990102").await;
    let contact = world.contact(CONTACT).await;
    world.contact(STRANGER).await;
    tenant.pair(WORKER).await;
    let first = tenant.send(WORKER, CONTACT, "antes").await;
    tenant.status(&first, "entregue").await;
    world.contact_with(json!({"number": WORKER, "restricted": true})).await;
    let refused = tenant.send(WORKER, STRANGER, "conversa nova").await;
    assert_eq!(tenant.status(&refused, "falha").await["error_code"], "WHATSAPP_463");
    let state = tenant.state(WORKER, "restricted").await;
    assert_eq!(state["status"], "conectado");
    assert!(state["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{state}");
    let known = tenant.send(WORKER, CONTACT, "depois").await;
    tenant.status(&known, "entregue").await;
    assert_eq!(contact.texts(2).await, ["antes", "depois"]);
    // WhatsApp lets it begin chats again.
    world.contact_with(json!({"number": WORKER, "restricted": false})).await;
    let again = tenant.send(WORKER, STRANGER, "agora sim").await;
    tenant.status(&again, "entregue").await;
    tenant.connected(WORKER).await;
    world.stop().await;
}

#[tokio::test]
async fn a_ban_and_a_passkey_are_shown() {
    let world = World::start().await;
    let tenant = world.tenant("bento@exemplo.com.br", "5511999990103").await;
    tenant.pair(WORKER).await;
    world.fault(json!({"kind": "temporary_ban", "number": WORKER, "code": 101, "expire_s": 3600})).await;
    let banned = tenant.state(WORKER, "banned").await;
    assert_eq!(banned["status"], "desconectado");
    assert!(banned["reason"].is_string(), "{banned}");

    world.contact_with(json!({"number": STRANGER, "passkey": true})).await;
    add(&tenant, STRANGER).await;
    tenant.scan(STRANGER).await;
    let asked = tenant.state(STRANGER, "passkey_asked").await;
    assert!(asked["reason"].as_str().is_some_and(|reason| reason.contains("passkey")), "{asked}");
    world.stop().await;
}

#[tokio::test]
async fn what_whatsapp_said_of_a_recipient_is_not_asked_again() {
    let world = World::start().await;
    let tenant = world.tenant("caua@exemplo.com.br", "5511999990104").await;
    let contact = world
        .contact_with(
            json!({"number": "553188887777", "auto_receipts": "delivered", "ninth_digit": "resolve"}),
        )
        .await;
    tenant.pair(WORKER).await;
    let asked = async || {
        let stats = world.admin("GET", "/admin/stats", None).await;
        stats["stats"]["usync"]["contacts"]["5531988887777"].as_u64().unwrap_or_default()
    };
    let first = tenant.send(WORKER, "5531988887777", "um").await;
    let resolved = tenant.status(&first, "entregue").await["resolved_to"].clone();
    let before = asked().await;
    assert!(before >= 1);
    for text in ["dois", "três"] {
        let send = tenant.send(WORKER, "5531988887777", text).await;
        assert_eq!(tenant.status(&send, "entregue").await["resolved_to"], resolved);
    }
    assert_eq!(asked().await, before, "the answer was remembered");
    assert_eq!(contact.texts(3).await, ["um", "dois", "três"]);
    world.stop().await;
}

#[tokio::test]
async fn receipts_never_move_a_status_back() {
    let files = Files::start().await;
    let world = World::start_with(&files).await;
    let tenant = world.tenant("duda@exemplo.com.br", "5511999990105").await;
    let contact = world.contact_with(json!({"number": CONTACT, "auto_receipts": "none"})).await;
    tenant.pair(WORKER).await;
    let receipts = async |id: &Value, kinds: Value| {
        let path = format!("/admin/accounts/{CONTACT}/receipts");
        world.admin("POST", &path, Some(&json!({"ids": [id], "kinds": kinds}))).await;
    };
    let send = tenant.send(WORKER, CONTACT, "lida antes de entregue").await;
    tenant.status(&send, "enviado").await;
    let message = contact.arrived(1).await[0]["id"].clone();
    receipts(&message, json!(["read"])).await;
    tenant.status(&send, "lido").await;
    receipts(&message, json!(["delivered", "delivered", "read"])).await;
    // A later send whose receipt comes after those: then they have been heard too.
    let url = files.serve("/fala.wav", "audio/wav", samples::wav(1));
    let body = json!({"from_number": WORKER, "to_number": CONTACT, "media_type": "audio", "media_url": url});
    let note = tenant.call("POST", "/v2/sends", &body).await.json()["description"]["send_id"]
        .as_str()
        .unwrap()
        .to_owned();
    tenant.status(&note, "enviado").await;
    contact.arrived(2).await;
    world.admin("POST", &format!("/admin/accounts/{CONTACT}/play"), None).await;
    tenant.status(&note, "lido").await;
    assert_eq!(tenant.look(&send).await["status"], "lido");
    world.stop().await;
}
