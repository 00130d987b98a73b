//! Groups through a session of the first version.

use crate::named::Named;
use crate::until::until;
use crate::world::World;
use serde_json::{Value, json};

const NUMBER: &str = "5511988880089";
const OWNER: &str = "5511977770089";
const OTHER: &str = "5511977770090";

fn users(members: &Value) -> Vec<String> {
    let members = members.as_array().unwrap_or_else(|| panic!("{members}"));
    let number = |member: &Value| member["pn"].as_str().unwrap_or_default().replace("@c.us", "");
    let mut users: Vec<String> = members.iter().map(number).collect();
    users.sort();
    users
}

async fn group(world: &World, body: Value) -> (String, String) {
    let group = world.admin("POST", "/admin/groups", Some(&body)).await;
    (group["id"].as_str().unwrap().to_owned(), group["invite_link"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_group_is_joined_by_its_link_used_and_left() {
    let world = World::start().await;
    let (owner, other) = (world.contact(OWNER).await, world.contact(OTHER).await);
    world.contact(NUMBER).await;
    let (id, link) = group(&world, json!({"subject": "Obra", "creator": OWNER, "members": [OTHER]})).await;
    let tenant = world.tenant("hugo@exemplo.com.br", "5511999990089").await;
    let session = Named::new(&world, &tenant, "grupos");
    session.pair(NUMBER).await;
    assert_eq!(session.read("grupos", &[]).await, json!([]));

    let joined = session.read("grupoentrar", &[("link", &link)]).await;
    assert_eq!((&joined["id"]["_serialized"], &joined["name"]), (&json!(id), &json!("Obra")), "{joined}");
    assert_eq!(joined["isGroup"], true);
    // Whoever is in it already is answered the same, by the bare code too.
    let code = link.rsplit('/').next().unwrap();
    assert_eq!(session.read("grupoentrar", &[("link", code)]).await["id"]["_serialized"], id);
    until("the group is listed", async || {
        let groups = session.read("grupos", &[]).await;
        (groups[0]["id"]["_serialized"] == id.as_str()).then_some(())
    })
    .await;
    let mut everybody = vec![NUMBER.to_owned(), OWNER.to_owned(), OTHER.to_owned()];
    everybody.sort();
    let members = async || users(&session.read("grupointegrantes", &[("numero", &id)]).await);
    until("all three are members", async || (members().await == everybody).then_some(())).await;

    // A message each way.
    owner.write(&id, json!({"text": "bem-vindos"})).await;
    let heard = session.event("recebendoMensagem", |message| message["body"] == "bem-vindos").await;
    assert_eq!((&heard["isGroupMsg"], &heard["chatId"]), (&json!(true), &json!(id)), "{heard}");
    assert_eq!(heard["sender"]["pn"], format!("{OWNER}@c.us"), "{heard}");
    let bare = id.trim_end_matches("@g.us");
    let query = [("numero", bare), ("tipo", "group"), ("msg", "obrigado")];
    let sent = session.read("enviarmsg", &query).await;
    assert_eq!((&sent["chatId"], &sent["isGroupMsg"]), (&json!(id), &json!(true)), "{sent}");
    for member in [&owner, &other] {
        let arrived = until("the member gets it", async || {
            member.messages().await.into_iter().find(|message| message["text"] == "obrigado")
        })
        .await;
        assert_eq!((&arrived["group"], &arrived["from"]), (&json!(id), &json!(NUMBER)), "{arrived}");
    }
    session.event("atualizarMensagem", |message| message["id"] == sent["id"] && message["ack"] == 2).await;
    let messages = session.read("mensagensgroup", &[("numero", bare)]).await;
    let bodies: Vec<&Value> = messages.as_array().unwrap().iter().map(|message| &message["body"]).collect();
    assert_eq!(bodies, ["bem-vindos", "obrigado"]);

    // What others change is seen.
    let change = json!({"subject": "Obra pronta", "remove": [OTHER]});
    world.admin("POST", &format!("/admin/groups/{id}"), Some(&change)).await;
    until("the new name is seen", async || {
        let groups = session.read("grupos", &[]).await;
        (groups[0]["name"] == "Obra pronta").then_some(())
    })
    .await;
    everybody.retain(|member| member != OTHER);
    until("who was removed is gone", async || (members().await == everybody).then_some(())).await;

    let left = session.read("gruposair", &[("numero", &id)]).await;
    assert_eq!(left["id"]["_serialized"], id, "{left}");
    let now = world.admin("GET", &format!("/admin/groups/{id}"), None).await;
    let still = now["members"].as_array().unwrap().iter().any(|member| member["number"] == NUMBER);
    assert!(!still, "{now}");
    until("the group is listed no more", async || {
        (session.read("grupos", &[]).await == json!([])).then_some(())
    })
    .await;
    assert_eq!(session.read("grupointegrantes", &[("numero", &id)]).await, json!([]));
    let kept = session.read("mensagensgroup", &[("numero", &id)]).await;
    assert!(kept.as_array().is_some_and(|messages| messages.len() >= 2), "what was written stays: {kept}");
    world.stop().await;
}

#[tokio::test]
async fn doors_that_do_not_open_say_so() {
    let world = World::start().await;
    world.contact(OWNER).await;
    world.contact(OTHER).await;
    world.contact(NUMBER).await;
    let (id, link) =
        group(&world, json!({"subject": "Condomínio", "creator": OWNER, "approval": true})).await;
    let (_, full) = group(&world, json!({"subject": "Cheio", "creator": OWNER, "capacity": 1})).await;
    let tenant = world.tenant("ivo@exemplo.com.br", "5511999990090").await;
    let session = Named::new(&world, &tenant, "portas");
    session.pair(NUMBER).await;
    let waits = session.read("grupoentrar", &[("link", &link)]).await;
    assert_eq!(waits["message"], "Aguardando a aprovação de um administrador do grupo.");
    assert_eq!(waits["id"]["_serialized"], id);
    assert_eq!(session.read("grupos", &[]).await, json!([]));
    world.admin("POST", &format!("/admin/groups/{id}"), Some(&json!({"add": [NUMBER]}))).await;
    until("who was let in sees the group", async || {
        let groups = session.read("grupos", &[]).await;
        (groups[0]["name"] == "Condomínio").then_some(())
    })
    .await;

    for link in [full.as_str(), "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"] {
        let refused = session.get("grupoentrar", &[("link", link)]).await;
        assert_eq!(
            (refused.status, refused.json()),
            (500, json!({"message": "Algo deu errado!"})),
            "{}",
            refused.text()
        );
    }
    let malformed = session.get("grupoentrar", &[("link", "não é um link")]).await;
    assert_eq!(malformed.status, 400, "{}", malformed.text());
    assert_eq!(session.get("grupoentrar", &[]).await.status, 400);
    world.stop().await;
}
