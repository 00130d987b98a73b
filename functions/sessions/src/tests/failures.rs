//! What is answered when something is wrong.

use super::account::{ANA, address};
use super::{LOJA, World};
use carteiro_core::chat::Person;
use carteiro_core::number::LinkState;
use carteiro_core::query::{Answer, Query, QueryFailure, Validation};
use carteiro_http::testing::Call;
use serde_json::json;

#[tokio::test]
async fn unknown_routes_are_text_below_a_session_and_json_below_our_own_paths() {
    let world = World::new().await;
    for path in ["/Loja/nada", "/api/Loja/nada", "/v1/Loja/nada", "/api/v1/Loja/nada", "/%76%32/me"] {
        let reply = world.call(Call::new("GET", path)).await;
        assert_eq!((reply.status, reply.text.as_str()), (404, "Rota não encontrada."), "{path}");
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(reply.header("x-error-code"), "ROUTE_NOT_FOUND");
    }
    for path in ["/v2/nada", "/api/v2/nada", "/docs/x/y", "/v2/me", "/api/v2/conversas"] {
        let reply = world.call(Call::new("GET", path)).await;
        assert_eq!((reply.status, reply.code()), (404, "ROUTE_NOT_FOUND"), "{path}");
    }
    let reply = world.call(Call::new("GET", "/v2/uploads")).await;
    assert_eq!((reply.status, reply.code(), reply.header("allow")), (405, "METHOD_NOT_ALLOWED", "POST"));
}

#[tokio::test]
async fn other_methods_are_405() {
    let world = World::new().await;
    for (method, route, allow) in
        [("POST", "conversas", "GET"), ("GET", "desfile", "POST"), ("DELETE", "me", "GET")]
    {
        let reply = world.call(Call::new(method, &format!("{LOJA}/{route}"))).await;
        assert_eq!((reply.status, reply.header("allow")), (405, allow), "{method} {route}");
    }
}

#[tokio::test]
async fn who_only_looks_does_nothing() {
    let world = World::new().await;
    let reply = world.call(Call::new("HEAD", &format!("{LOJA}/enviarmsg?numero={ANA}&msg=oi"))).await;
    assert_eq!(reply.status, 405);
    assert!(world.sends.all().is_empty());
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_a_failure() {
    let world = World::new().await;
    world.chats.switch.fail();
    let reply = world.get("conversas").await;
    assert_eq!((reply.status, &reply.body), (500, &json!({"message": "Algo deu errado!"})));
    assert_eq!(reply.header("x-error-code"), "UNAVAILABLE");
    world.chats.switch.recover();
    world.names.switch.fail();
    assert_eq!(world.get("conversas").await.status, 500);
}

#[tokio::test]
async fn a_session_that_does_not_answer_is_a_failure_and_one_that_is_not_connected_is_told() {
    let world = World::new().await;
    let path = format!("chatonline?numero={ANA}");
    let reply = world.get(&path).await;
    assert_eq!((reply.status, &reply.body), (500, &json!({"message": "Algo deu errado!"})));
    world.phone.answers(|_| Some(Answer::Failed { why: QueryFailure::NotConnected }));
    world.clock.advance(jiff::SignedDuration::from_secs(60));
    let reply = world.get(&path).await;
    assert_eq!((reply.status, &reply.body), (200, &json!({"message": "Esta sessão não está verificada."})));
    world.phone.answers(|_| Some(Answer::Done));
    world.clock.advance(jiff::SignedDuration::from_secs(60));
    assert_eq!(world.get(&path).await.status, 500, "an answer to another question");
}

#[tokio::test]
async fn reads_answer_while_the_session_is_offline_and_after_it_was_logged_out() {
    let world = World::new().await;
    let online = world.get("conversas").await.text;
    for (state, jid) in [
        (LinkState::Offline, None),
        (LinkState::Reconnecting, None),
        (LinkState::Replaced, None),
        (LinkState::LoggedOut, Some(None)),
    ] {
        world.report(state, jid);
        assert_eq!(world.get("conversas").await.text, online, "{state:?}");
        assert_eq!(world.get(&format!("mensagens?numero={ANA}")).await.status, 200);
        assert_eq!(world.get("me").await.body["connected"], json!(false));
        assert_eq!(world.get(&format!("carregarmaismensagens?numero={ANA}")).await.status, 200);
    }
    assert!(world.phone.asked().is_empty(), "nobody is asked who cannot answer");
}

#[tokio::test]
async fn whose_messages_are_read_counts_as_seen() {
    let world = World::new().await;
    world.get(&format!("mensagens?numero={ANA}")).await;
    let ana = super::account::ana().address().clone();
    assert_eq!(world.phone.asked(), [Query::MarkRead { chat: ana }]);
    // The group has nothing unread, since the number wrote last; and a queue that fails is no failure.
    world.get("mensagensgroup?numero=120363000000000001").await;
    assert_eq!(world.phone.asked().len(), 1);
    world.phone.shards.switch.fail();
    assert_eq!(world.get(&format!("mensagens?numero={ANA}")).await.status, 200);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_told() {
    let world = World::new().await;
    let post = |body: serde_json::Value| Call::new("POST", &format!("{LOJA}/desfile")).json(body);
    let reply = world.call(post(json!({}))).await;
    assert_eq!(reply.body, json!({"success": false, "message": "Post incompleto, necessita revisão!"}));
    let reply = world.call(post(json!({"id": "x"}))).await;
    assert_eq!((reply.status, &reply.body["message"]), (400, &json!("Requisição mal formada")));
    for id in [format!("false_{ANA}@c.us_A10"), format!("false_{ANA}@c.us_NADA")] {
        let reply = world.call(post(json!({"id": id}))).await;
        assert_eq!((reply.status, reply.header("x-error-code")), (404, "UPLOAD_NOT_FOUND"), "{}", reply.text);
    }
}

#[tokio::test]
async fn whoever_has_no_chat_is_asked_about_by_the_form_that_whatsapp_knows() {
    let world = World::new().await;
    world.phone.answers(|query| {
        Some(match query {
            Query::Validate { numbers } => Answer::Validated {
                numbers: vec![Validation {
                    asked: numbers[0].clone(),
                    person: Some(Person::from(address("553177665544"))),
                    business: false,
                }],
            },
            Query::About { who } => Answer::About { text: Some(who.user().to_owned()) },
            _ => Answer::Done,
        })
    });
    let reply = world.get("status?numero=5531977665544").await;
    assert_eq!(reply.body, json!({"id": "553177665544@c.us", "status": "553177665544"}));
}
