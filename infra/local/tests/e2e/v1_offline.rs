//! A session of the first version while it has no connection: what is read answers, what goes out waits.

use crate::named::Named;
use crate::until::{until, until_seen};
use crate::world::World;
use serde_json::{Value, json};
use std::time::Duration;

const NUMBER: &str = "5511988880087";
const CONTACT: &str = "5511977770087";
const NOT_VERIFIED: &str = "Esta sessão não está verificada.";

/// What each route that reads answers, but for `me`, which tells the connection.
async fn all_read(session: &Named<'_>, group: &str) -> Vec<(&'static str, Value)> {
    let mut answers = Vec::new();
    for route in ["conversas", "conversascommsgs", "conversasnlidas", "todoscontatos", "grupos"] {
        answers.push((route, session.read(route, &[]).await));
    }
    for route in ["mensagens", "carregarmaismensagens", "todasmensagens"] {
        answers.push((route, session.read(route, &[("numero", CONTACT)]).await));
    }
    for route in ["mensagensgroup", "grupointegrantes"] {
        answers.push((route, session.read(route, &[("numero", group)]).await));
    }
    for (route, answer) in &answers {
        assert!(answer.is_array(), "{route}: {answer}");
    }
    answers
}

#[tokio::test]
async fn what_is_stored_answers_and_sends_wait() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    world.contact(NUMBER).await;
    let group = json!({"subject": "Obra", "creator": CONTACT, "members": [NUMBER]});
    let group = world.admin("POST", "/admin/groups", Some(&group)).await["id"].as_str().unwrap().to_owned();
    let tenant = world.tenant("fabi@exemplo.com.br", "5511999990087").await;
    let session = Named::new(&world, &tenant, "sem rede");
    session.pair(NUMBER).await;
    contact.write(NUMBER, json!({"text": "oi"})).await;
    contact.write(&group, json!({"text": "bom dia, obra"})).await;
    session.event("recebendoMensagem", |message| message["body"] == "oi").await;
    session.event("recebendoMensagem", |message| message["body"] == "bom dia, obra").await;
    // Reading marks as seen, so that the second reading is of chats that nothing changes any more.
    all_read(&session, &group).await;
    until("both chats are seen", async || {
        (session.read("conversasnlidas", &[]).await == json!([])).then_some(())
    })
    .await;
    until("the group is known", async || {
        let members = session.read("grupointegrantes", &[("numero", &group)]).await;
        (members.as_array().map(Vec::len) == Some(2)).then_some(())
    })
    .await;
    // The phone's history comes in parts: when nothing has changed for a while, all of it is there.
    let online = until_seen("nothing that is read changes any more", async || {
        let before = all_read(&session, &group).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let after = all_read(&session, &group).await;
        if after == before { Ok(after) } else { Err(after) }
    })
    .await;

    world.fault(json!({"kind": "refuse_login", "number": NUMBER, "code": 503})).await;
    world.fault(json!({"kind": "drop_stream", "number": NUMBER})).await;
    session.state("TIMEOUT").await;
    assert_eq!(all_read(&session, &group).await, online, "while the stream is down");
    assert_eq!(session.read("me", &[]).await["connected"], false);
    for (route, query) in [
        ("chatonline", [("numero", CONTACT)]),
        ("status", [("numero", CONTACT)]),
        ("novocontatovalidar", [("numero", "5511900000001")]),
        ("visualizar", [("numero", CONTACT)]),
        ("gruposair", [("numero", &group)]),
        ("grupoentrar", [("link", "AbCdEfGhIjKlMnOpQrStUv")]),
    ] {
        assert_eq!(session.read(route, &query).await["message"], NOT_VERIFIED, "{route}");
    }
    let sent = session.read("enviarmsg", &[("numero", CONTACT), ("msg", "espero")]).await;
    assert_eq!((&sent["ack"], &sent["body"]), (&json!(0), &json!("espero")), "{sent}");
    let report = tenant.report(NUMBER).await;
    assert_eq!((report.len(), &report[0]["status"]), (1, &json!("na fila")));

    // Without a session task too: the routes need none.
    world.kill_session().await;
    let killed = session.read("mensagens", &[("numero", CONTACT)]).await;
    let before = &online.iter().find(|(route, _)| *route == "mensagens").unwrap().1;
    assert_eq!(&killed, before, "while no task holds the session");
    world.admin("DELETE", "/admin/faults", None).await;
    world.start_session().await.unwrap();
    session.connected().await;
    assert_eq!(contact.texts(1).await, ["espero"]);
    session.event("atualizarMensagem", |message| message["id"] == sent["id"] && message["ack"] == 2).await;
    assert_eq!(session.read("chatonline", &[("numero", CONTACT)]).await, json!(false));
    world.stop().await;
}

#[tokio::test]
async fn a_phone_that_unlinks_takes_its_chats_along_and_the_session_pairs_anew() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    world.contact(NUMBER).await;
    let tenant = world.tenant("gabi@exemplo.com.br", "5511999990088").await;
    let session = Named::new(&world, &tenant, "deslogada");
    session.pair(NUMBER).await;
    contact.write(NUMBER, json!({"text": "antes"})).await;
    session.event("recebendoMensagem", |message| message["body"] == "antes").await;
    world.fault(json!({"kind": "logged_out", "number": NUMBER})).await;
    session.event("AlterarStatusNumero", |event| event["message"] == "deletado").await;
    session.state("UNPAIRED").await;
    assert_eq!(session.read("me", &[]).await["connected"], false);
    assert_eq!(
        session.read("mensagens", &[("numero", CONTACT)]).await,
        json!([]),
        "the device's chats went with it"
    );
    let refused = session.read("enviarmsg", &[("numero", CONTACT), ("msg", "não vai")]).await;
    assert_eq!(refused["message"], NOT_VERIFIED);

    session.pair(NUMBER).await;
    let sent = session.read("enviarmsg", &[("numero", CONTACT), ("msg", "de volta")]).await;
    assert_eq!(contact.texts(1).await, ["de volta"]);
    session.event("atualizarMensagem", |message| message["id"] == sent["id"]).await;
    // The phone still has what was written before, and tells the new device.
    until("the phone's history and what followed are there", async || {
        let messages = session.read("todasmensagens", &[("numero", CONTACT)]).await;
        let bodies: Vec<_> = messages.as_array()?.iter().map(|message| message["body"].clone()).collect();
        (bodies == [json!("antes"), json!("de volta")]).then_some(())
    })
    .await;
    world.stop().await;
}
