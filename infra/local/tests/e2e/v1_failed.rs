//! A session of the first version is told of sends that fail before its connection has them.

use crate::named::Named;
use crate::tenant::Tenant;
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const NUMBER: &str = "5511988880094";
const CONTACT: &str = "5511977770094";

/// Asks for a send with these fields, waits until it has failed, and answers its error's code.
async fn failed(tenant: &Tenant<'_>, fields: Value) -> String {
    let mut body = json!({"from_number": NUMBER, "to_number": CONTACT});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let answer = tenant.call("POST", "/v2/sends", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["description"]["send_id"].as_str().unwrap().to_owned();
    tenant.status(&id, "falha").await["error_code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_cannot_be_fetched_and_what_expires_is_told_as_failed() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    world.contact(NUMBER).await;
    let tenant = world.tenant("maju@exemplo.com.br", "5511999990094").await;
    let session = Named::new(&world, &tenant, "falhas");
    session.pair(NUMBER).await;
    let to_contact = json!(format!("{CONTACT}@c.us"));

    let image = json!({"media_type": "image", "media_url": "https://127.0.0.1/a.png", "caption": "a foto"});
    assert_eq!(failed(&tenant, image).await, "MEDIA_FORBIDDEN_ADDRESS");
    let told = session.event("atualizarMensagem", |message| message["type"] == "image").await;
    assert_eq!(
        (&told["ack"], &told["to"], &told["fromMe"]),
        (&json!(-1), &to_contact, &json!(true)),
        "{told}"
    );
    let chats = session.read("conversascommsgs", &[]).await;
    assert_eq!(
        (chats.as_array().map(Vec::len), &chats[0]["msgs"][0]["ack"]),
        (Some(1), &json!(-1)),
        "{chats}"
    );

    world.fault(json!({"kind": "refuse_login", "number": NUMBER, "code": 503})).await;
    world.fault(json!({"kind": "drop_stream", "number": NUMBER})).await;
    session.state("TIMEOUT").await;
    let soon = Timestamp::now() + SignedDuration::from_secs(15);
    let text = json!({"media_type": "text", "content": "só agora", "expires_at": soon.to_string()});
    assert_eq!(failed(&tenant, text).await, "SEND_EXPIRED");
    let told = session.event("atualizarMensagem", |message| message["body"] == "só agora").await;
    assert_eq!((&told["ack"], &told["to"]), (&json!(-1), &to_contact), "{told}");
    let messages = session.read("todasmensagens", &[("numero", CONTACT)]).await;
    let acks: Vec<&Value> = messages.as_array().unwrap().iter().map(|message| &message["ack"]).collect();
    assert_eq!(acks, [-1, -1], "{messages}");
    assert!(contact.messages().await.is_empty(), "neither went out");
    world.stop().await;
}
