//! Who may use which session.

use super::account::NUMBER;
use super::{LOJA, World, tenant_of, token};
use carteiro_core::token::ApiToken;
use carteiro_http::testing::Call;
use serde_json::json;

/// The token that the document of V1 printed.
const PUBLISHED: &str = "4D83A1B9A15FE8C3498F998E954DB";

#[tokio::test]
async fn a_credential_stands_in_the_query_or_in_a_header() {
    let world = World::new().await;
    let path = format!("{LOJA}/me");
    let jwt = world.authenticator.issue(tenant_of(1, "premium").id).await.unwrap();
    for call in [
        Call::new("GET", &format!("{path}?token={}", token(1))),
        Call::new("GET", &format!("{path}?token={jwt}")),
        Call::new("GET", &path).header("token", &token(1)),
        Call::new("GET", &path).header("api-token", &token(1)),
        Call::new("GET", &path).header("authorization", &format!("Bearer {jwt}")),
    ] {
        let reply = call.send(&world.router).await;
        assert_eq!((reply.status, &reply.body["connected"]), (200, &json!(true)), "{}", reply.text);
    }
}

#[tokio::test]
async fn without_a_good_credential_the_token_does_not_match() {
    let world = World::new().await;
    assert!(PUBLISHED.parse::<ApiToken>().is_err(), "the published token can be no tenant's");
    for path in
        ["/rotas".to_owned(), "/sessions".to_owned(), format!("{LOJA}/me"), format!("/api/v1{LOJA}/sair")]
    {
        for query in ["".to_owned(), format!("?token={PUBLISHED}"), format!("?token={}", token(9))] {
            let reply = Call::new("GET", &format!("{path}{query}")).send(&world.router).await;
            assert_eq!((reply.status, &reply.body), (401, &json!({"message": "Token não correspondente"})));
            assert_eq!(reply.header("x-error-code"), "UNAUTHENTICATED");
            assert_eq!(reply.header("x-request-id"), "request-1");
        }
    }
}

#[tokio::test]
async fn another_tenants_session_looks_like_none() {
    let world = World::new().await;
    for route in ["me", "conversas", "todoscontatos", "enviarmsg?numero=5511988887777&msg=oi"] {
        let mut answers = Vec::new();
        for session in ["Minha%20Loja", "Nenhuma", NUMBER] {
            let call = Call::new("GET", &format!("/{session}/{route}")).header("token", &token(2));
            let reply = call.send(&world.router).await;
            answers.push((reply.status, reply.text));
        }
        let none = (200, r#"{"message":"Esta sessão não está verificada."}"#.to_owned());
        assert_eq!(answers, [none.clone(), none.clone(), none], "{route}");
    }
    assert!(world.sends.all().is_empty());
}

#[tokio::test]
async fn a_number_goes_by_its_digits_too() {
    let world = World::new().await;
    let by_name = world.get("conversas").await;
    let by_number = world.call(Call::new("GET", &format!("/{NUMBER}/conversas"))).await;
    assert_eq!(by_name.text, by_number.text);
}

#[tokio::test]
async fn the_open_tenants_sessions_need_no_credential() {
    let router = World::new_open(tenant_of(1, "premium").id).await.router;
    let reply = Call::new("GET", &format!("{LOJA}/me")).send(&router).await;
    assert_eq!((reply.status, &reply.body["connected"]), (200, &json!(true)), "{}", reply.text);
    // A credential that is shown must be good, and what lists sessions wants one.
    for path in [format!("{LOJA}/me?token={PUBLISHED}"), "/sessions".to_owned(), "/rotas".to_owned()] {
        assert_eq!(Call::new("GET", &path).send(&router).await.status, 401, "{path}");
    }
    let other = Call::new("GET", &format!("{LOJA}/me")).header("token", &token(2)).send(&router).await;
    assert_eq!(other.body, json!({"message": "Esta sessão não está verificada."}));
    let closed = World::new().await.router;
    assert_eq!(Call::new("GET", &format!("{LOJA}/me")).send(&closed).await.status, 401);
}

#[tokio::test]
async fn every_prefix_leads_to_the_same_answer() {
    let world = World::new().await;
    let plain = world.get("conversas").await;
    for prefix in ["/v1", "/api", "/api/v1"] {
        let reply = world.call(Call::new("GET", &format!("{prefix}{LOJA}/conversas"))).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, plain.text.as_str()), "{prefix}");
        let names = world.call(Call::new("GET", &format!("{prefix}/sessions"))).await;
        assert_eq!(names.body, json!({"sessions": ["Minha Loja"]}), "{prefix}");
    }
}

#[tokio::test]
async fn names_have_accents_and_spaces_in_either_form() {
    let world = World::new().await;
    for path in ["/Minha%20Loja/me", "/Minha Loja/me", "/%4dinha%20Loja/me"] {
        assert_eq!(world.call(Call::new("GET", path)).await.body["connected"], json!(true), "{path}");
    }
    for path in ["/Recep%C3%A7%C3%A3o/me", "/Recepção/me"] {
        let reply = world.call(Call::new("GET", path)).await;
        assert_eq!(reply.body, json!({"message": "Esta sessão não está verificada."}), "{path}");
    }
}
