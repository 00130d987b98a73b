//! The first version of the API, from the first QR to the log-out.

use crate::named::Named;
use crate::until::until;
use crate::world::World;
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::{Value, json};

const NUMBER: &str = "5511988880081";
const CONTACT: &str = "5511977770081";

fn c_us(number: &str) -> String {
    format!("{number}@c.us")
}

#[tokio::test]
async fn a_session_is_paired_sends_receives_and_leaves() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    world.contact(NUMBER).await;
    let tenant = world.tenant("vera@exemplo.com.br", "5511999990081").await;
    let session = Named::new(&world, &tenant, "Recepção nº 1");
    assert_eq!(session.read("conversas", &[]).await["message"], "Esta sessão não está verificada.");
    session.begin().await;
    let shown = session.read("qrcode", &[("base64", "true")]).await;
    assert!(shown["qrcode"].as_str().unwrap().starts_with("data:image/png;base64,"), "{shown}");
    session.scan(NUMBER).await;
    session.connected().await;
    assert_eq!(session.read("autenticacao", &[]).await["message"], "Autenticado");
    assert_eq!(session.read("qrcode", &[]).await["message"], "Sessão autenticada");
    assert_eq!(tenant.get("/sessions").await.json(), json!({"sessions": ["Recepção nº 1"]}));
    assert_eq!(session.read("me", &[]).await["wid"]["_serialized"], c_us(NUMBER));
    session.event("qrcode", |qr| qr["qrCodeB64"].as_str().is_some_and(|qr| qr.starts_with("data:"))).await;
    session.event("statusMudou", |status| status["message"] == "CONNECTED").await;
    session.event("ativandoSincronizacao", |me| me["wid"]["_serialized"] == c_us(NUMBER)).await;

    // The same worker as V2's.
    let numbers = tenant.get("/v2/numbers").await.json();
    assert_eq!(numbers["description"]["workers"], json!([NUMBER]));
    let sent = session.read("enviarmsg", &[("numero", CONTACT), ("msg", "linha 1<br>linha 2")]).await;
    assert_eq!((&sent["fromMe"], &sent["body"]), (&json!(true), &json!("linha 1\nlinha 2")), "{sent}");
    assert_eq!(contact.texts(1).await, ["linha 1\nlinha 2"]);
    assert_eq!(contact.messages().await[0]["id"], sent["id"].as_str().unwrap().rsplit('_').next().unwrap());
    contact.read().await;
    session.event("atualizarMensagem", |message| message["id"] == sent["id"] && message["ack"] == 3).await;
    let report = tenant.report(NUMBER).await;
    assert_eq!(report.len(), 1);
    // How far it came is stored with the send apart from what is told.
    tenant.status(report[0]["send_id"].as_str().unwrap(), "lido").await;

    world
        .admin(
            "POST",
            &format!("/admin/accounts/{CONTACT}/messages"),
            Some(&json!({"to": NUMBER, "text": "bom dia"})),
        )
        .await;
    let heard = session.event("recebendoMensagem", |message| message["body"] == "bom dia").await;
    assert_eq!((&heard["from"], &heard["type"]), (&json!(c_us(CONTACT)), &json!("chat")), "{heard}");
    let chats = session.read("conversas", &[]).await;
    let chat = &chats.as_array().unwrap()[0];
    assert_eq!(
        (&chat["id"]["_serialized"], &chat["unreadCount"]),
        (&json!(c_us(CONTACT)), &json!(1)),
        "{chat}"
    );
    let messages = session.read("mensagens", &[("numero", CONTACT)]).await;
    let bodies: Vec<&Value> = messages.as_array().unwrap().iter().map(|message| &message["body"]).collect();
    assert_eq!(bodies, ["linha 1\nlinha 2", "bom dia"]);
    until("the chat is seen", async || {
        let chats = session.read("conversas", &[]).await;
        (chats[0]["unreadCount"] == 0).then_some(())
    })
    .await;

    assert_eq!(session.read("sair", &[]).await, json!({"retorno": "Saiu com Sucesso"}));
    session.event("AlterarStatusNumero", |event| event["message"] == "deletado").await;
    assert_eq!(session.read("me", &[]).await["message"], "Esta sessão não está verificada.");
    world.stop().await;
}

#[tokio::test]
async fn nobody_else_reaches_a_session() {
    let world = World::start().await;
    world.contact(NUMBER).await;
    let owner = world.tenant("ana@exemplo.com.br", "5511999990082").await;
    let other = world.tenant("bia@exemplo.com.br", "5511999990083").await;
    let session = Named::new(&world, &owner, "balcão");
    session.pair(NUMBER).await;
    for path in [session.path("me", &[]), format!("/api/v1{}", session.path("me", &[]))] {
        let path = path.as_str();
        let anonymous = world.call("GET", path, &[], None).await;
        assert_eq!(
            (anonymous.status, anonymous.json()),
            (401, json!({"message": "Token não correspondente"}))
        );
        let stranger = other.get(path).await;
        assert_eq!(
            stranger.json(),
            json!({"message": "Esta sessão não está verificada."}),
            "as if it were not"
        );
        let asked = world.call("GET", &format!("{path}?token={}", owner.token), &[], None).await;
        assert_eq!(asked.json()["connected"], true, "{}", asked.text());
    }
    let name = Named::new(&world, &other, "balcão");
    let unknown = name.read("conexao", &[]).await;
    assert_eq!(unknown["message"], "Esta sessão não está verificada.");
    // The number belongs to the first: another's pairing with it is undone.
    name.begin().await;
    name.scan(NUMBER).await;
    name.event("statusMudou", |status| status["message"] == "notLogged").await;
    session.connected().await;
    let outside = world.call("GET", "/balc%C3%A3o/nada", &[("token", &owner.token)], None).await;
    assert_eq!(outside.status, 404);
    world.stop().await;
}

#[tokio::test]
async fn an_image_that_came_is_kept_and_opened() {
    let world = World::start().await;
    world.contact(CONTACT).await;
    world.contact(NUMBER).await;
    let tenant = world.tenant("caio@exemplo.com.br", "5511999990084").await;
    let session = Named::new(&world, &tenant, "fotos");
    session.pair(NUMBER).await;
    let photo = crate::samples::png();
    let media =
        json!({"type": "image", "mime": "image/png", "caption": "a foto", "base64": BASE64.encode(&photo)});
    let message = json!({"to": NUMBER, "media": media});
    world.admin("POST", &format!("/admin/accounts/{CONTACT}/messages"), Some(&message)).await;
    let heard = session.event("recebendoMensagem", |message| message["type"] == "image").await;
    assert_eq!((&heard["caption"], &heard["isMedia"]), (&json!("a foto"), &json!(true)), "{heard}");
    let opened = session.post("desfile", &heard).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    let opened = opened.json();
    assert_eq!(
        (&opened["mimetype"], &opened["size"]),
        (&json!("image/png"), &json!(photo.len())),
        "{opened}"
    );
    let file = world.http.get(opened["url"].as_str().unwrap()).await.unwrap();
    assert_eq!((file.status, file.body == photo), (200, true));
    world.stop().await;
}
