//! What only WhatsApp knows, asked through a session of the first version.

use crate::contact::Contact;
use crate::named::Named;
use crate::until::until;
use crate::world::World;
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const NUMBER: &str = "5511988880085";
const CONTACT: &str = "5511977770085";
/// Hides what can be hidden.
const SHY: &str = "5511977770086";
/// On WhatsApp without the ninth digit.
const OLD: &str = "553188776655";

async fn of(world: &World, contact: &str, what: &str, body: Value) {
    world.admin("POST", &format!("/admin/accounts/{contact}/{what}"), Some(&body)).await;
}

#[tokio::test]
async fn people_are_looked_up() {
    let world = World::start().await;
    world.contact(CONTACT).await;
    world.contact(SHY).await;
    world.contact_with(json!({"number": OLD, "ninth_digit": "resolve"})).await;
    world.contact(NUMBER).await;
    // Without a name its devices would not say that they are there, and so be told of nobody else.
    of(&world, NUMBER, "app-state", json!({"push_name": "Loja"})).await;
    of(&world, CONTACT, "profile", json!({"about": "Disponível 😀", "business": "Padaria Real"})).await;
    of(&world, SHY, "profile", json!({"about": "segredo", "about_hidden": true, "picture_hidden": true}))
        .await;
    let picture = json!({"image": BASE64.encode(crate::samples::png())});
    of(&world, CONTACT, "picture", picture.clone()).await;
    of(&world, SHY, "picture", picture).await;
    let tenant = world.tenant("dora@exemplo.com.br", "5511999990085").await;
    let session = Named::new(&world, &tenant, "consultas");
    session.pair(NUMBER).await;
    let read = async |route: &str, numero: &str| session.read(route, &[("numero", numero)]).await;

    let known = read("novocontatovalidar", CONTACT).await;
    assert_eq!((&known["status"], &known["numberExists"]), (&json!(200), &json!(true)), "{known}");
    assert_eq!(known["id"]["_serialized"], format!("{CONTACT}@c.us"));
    assert_eq!(known["isBusiness"], true, "{known}");
    let absent = read("novocontatovalidar", "5511900000000").await;
    assert_eq!((&absent["status"], &absent["numberExists"]), (&json!(404), &json!(false)), "{absent}");
    // However it is written, it is found by the form that WhatsApp has.
    for form in ["5531988776655", "+55 (31) 98877-6655", OLD] {
        let found = read("novocontatovalidar", form).await;
        assert_eq!(found["id"]["_serialized"], format!("{OLD}@c.us"), "{form}: {found}");
    }

    assert_eq!(read("chatonline", CONTACT).await, json!(false));
    of(&world, CONTACT, "presence", json!({"available": true})).await;
    // Who asks the same within some seconds is answered the same.
    until("the contact is online", async || (read("chatonline", CONTACT).await == true).then_some(())).await;

    let about = read("status", CONTACT).await;
    assert_eq!(about["status"], "Disponível 😀", "{about}");
    assert_eq!(read("status", SHY).await["status"], Value::Null);

    let picture = read("foto", CONTACT).await;
    assert!(picture["eurl"].as_str().is_some_and(|url| url.starts_with("https://")), "{picture}");
    assert!(picture["tag"].is_string() && picture["imgFull"] == picture["eurl"], "{picture}");
    let hidden = read("foto", SHY).await;
    assert_eq!((&hidden["eurl"], &hidden["img"]), (&Value::Null, &Value::Null), "{hidden}");
    assert_eq!(hidden["id"]["user"], SHY);

    let malformed = session.get("status", &[("numero", "12")]).await;
    assert_eq!(
        (malformed.status, malformed.json()["message"].as_str()),
        (400, Some("Requisição mal formada"))
    );
    let incomplete = session.get("foto", &[]).await;
    assert_eq!(
        (incomplete.status, incomplete.json()["message"].as_str()),
        (400, Some("Request incompleto, necessita revisão!"))
    );
    world.stop().await;
}

/// The receipts of a kind that came for a message which the contact wrote.
async fn receipts(world: &World, contact: &Contact<'_>, id: &str, kind: &str) -> u64 {
    let sent = world.admin("GET", &format!("/admin/accounts/{}/sent", contact.number), None).await;
    let ours = sent["messages"].as_array().unwrap().iter().find(|message| message["id"] == id).cloned();
    ours.and_then(|message| message["receipts"][kind].as_u64()).unwrap_or(0)
}

#[tokio::test]
async fn chats_are_marked_and_more_of_them_comes_from_the_phone() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    world.contact(NUMBER).await;
    // Of yesterday: what is older than a tenant's retention is not stored.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - 24 * 60 * 60;
    let messages: Vec<Value> =
        (0..120).map(|nth| json!({"text": format!("antiga {nth}"), "at": since + nth})).collect();
    let seed = json!({"chats": [{"with": CONTACT, "name": "Caio", "messages": messages}], "limit": 20});
    of(&world, NUMBER, "history", seed).await;
    let tenant = world.tenant("edu@exemplo.com.br", "5511999990086").await;
    tenant.pair(NUMBER).await;
    // The number goes by its digits, without a webhook.
    let session = Named::new(&world, &tenant, NUMBER);
    let count = async |route: &str| {
        let messages = session.read(route, &[("numero", CONTACT)]).await;
        messages.as_array().unwrap_or_else(|| panic!("{messages}")).len()
    };
    until("the history is there", async || (count("todasmensagens").await == 20).then_some(())).await;
    for (what, all) in [("a page more", 70), ("all there is", 120), ("and no more", 120)] {
        // The phone is waited for some seconds only: what it brings after that is there all the same.
        assert!(count("carregarmaismensagens").await <= all, "{what}");
        until(what, async || (count("todasmensagens").await == all).then_some(())).await;
    }
    assert_eq!(count("carregarmaismensagens").await, 120);
    let all = session.read("todasmensagens", &[("numero", CONTACT)]).await;
    let bodies: Vec<&str> = all.as_array().unwrap().iter().map(|m| m["body"].as_str().unwrap()).collect();
    let expected: Vec<String> = (0..120).map(|nth| format!("antiga {nth}")).collect();
    assert_eq!(bodies, expected, "each once, in order");

    let id = contact.write(NUMBER, json!({"text": "viu?"})).await;
    until("it is there", async || (count("todasmensagens").await == 121).then_some(())).await;
    assert_eq!(receipts(&world, &contact, &id, "read").await, 0);
    assert_eq!(session.read("visualizar", &[("numero", CONTACT)]).await, json!("ok"));
    until("the contact sees that it was read", async || {
        (receipts(&world, &contact, &id, "read").await > 0).then_some(())
    })
    .await;
    let unread = async || session.read("conversas", &[]).await[0]["unreadCount"].as_i64();
    until("the chat is read", async || (unread().await == Some(0)).then_some(())).await;
    assert_eq!(session.read("conversasnlidas", &[]).await, json!([]));

    let marked = session.read("marcarnlido", &[("numero", CONTACT)]).await;
    assert_eq!((&marked["unreadCount"], &marked["id"]["user"]), (&json!(-1), &json!(CONTACT)), "{marked}");
    until("the phone shows it too", async || {
        let state = world.admin("GET", &format!("/admin/accounts/{NUMBER}/app-state"), None).await;
        let chats = state["chats"].as_array().unwrap().clone();
        chats.iter().any(|chat| chat["with"] == CONTACT && chat["marked_unread"] == true).then_some(())
    })
    .await;
    until("the chat is unread", async || (unread().await == Some(-1)).then_some(())).await;
    let unread = session.read("conversasnlidas", &[]).await;
    assert_eq!(unread.as_array().map(Vec::len), Some(1), "{unread}");
    world.stop().await;
}
