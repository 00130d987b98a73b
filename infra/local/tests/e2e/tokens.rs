//! API tokens: scopes, rotation, revocation; and the key that JWTs are signed with.

use crate::aws;
use crate::until::until;
use crate::world::World;
use serde_json::{Value, json};

const WORKER: &str = "5511988880061";
const CONTACT: &str = "5511977770061";

async fn with(world: &World, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let answer = world.call(method, path, &[("token", token)], body).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_until_it_is_revoked() {
    let world = World::start().await;
    let tenant = world.tenant("rosa@exemplo.com.br", "5511999990061").await;
    let made = tenant.call("POST", "/v2/tokens", &json!({"name": "relatórios", "scopes": ["read"]})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json()["description"].clone();
    let (token, id) = (made["token"].as_str().unwrap(), made["token_id"].as_str().unwrap());

    assert_eq!(with(&world, token, "GET", "/v2/numbers", None).await.0, 200);
    let body = json!({"from_number": WORKER, "to_number": CONTACT, "media_type": "text", "content": "não"});
    let (status, refused) = with(&world, token, "POST", "/v2/sends", Some(&body)).await;
    assert_eq!((status, refused["code"].as_str()), (403, Some("SCOPE_FORBIDS")), "{refused}");
    assert!(refused["description"].as_str().unwrap().contains("send"), "{refused}");

    let list = tenant.get("/v2/tokens").await.json()["description"].clone();
    let listed = list.as_array().unwrap().iter().find(|one| one["token_id"] == id).unwrap().clone();
    assert!(token.starts_with(listed["prefix"].as_str().unwrap()));
    assert!(!list.to_string().contains(token) && !list.to_string().contains(&tenant.token));

    let gone = tenant.call("DELETE", &format!("/v2/tokens/{id}"), &json!({})).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    until("the revoked token stops", async || {
        (with(&world, token, "GET", "/v2/numbers", None).await.0 == 401).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test]
async fn a_rotated_token_leaves_the_old_one_for_a_while() {
    let world = World::start().await;
    let tenant = world.tenant("sara@exemplo.com.br", "5511999990062").await;
    let list = tenant.get("/v2/tokens").await.json()["description"].clone();
    let id = list[0]["token_id"].as_str().unwrap().to_owned();
    let rotated =
        tenant.call("POST", &format!("/v2/tokens/{id}/rotate"), &json!({"overlap_seconds": 600})).await;
    assert!(rotated.status < 300, "{}", rotated.text());
    let new = rotated.json()["description"]["token"].as_str().unwrap().to_owned();
    assert_ne!(new, tenant.token);
    for token in [&new, &tenant.token] {
        assert_eq!(with(&world, token, "GET", "/v2/numbers", None).await.0, 200);
    }
    let id = rotated.json()["description"]["token_id"].as_str().unwrap().to_owned();
    let body = json!({"overlap_seconds": 0});
    let again = with(&world, &new, "POST", &format!("/v2/tokens/{id}/rotate"), Some(&body)).await;
    assert!(again.0 < 300, "{}", again.1);
    until("the rotated token stops", async || {
        (with(&world, &new, "GET", "/v2/numbers", None).await.0 == 401).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test]
async fn a_new_signing_key_logs_nobody_out() {
    let world = World::start().await;
    world.tenant("tania@exemplo.com.br", "5511999990063").await;
    let login = json!({"login": "tania@exemplo.com.br", "password": "senha-secreta-1"});
    let log_in = async || {
        let answer = world.call("POST", "/v2/users/login", &[], Some(&login)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["token"].as_str().unwrap().to_owned()
    };
    let before = log_in().await;
    aws::rotate_jwt_key(&world).await;
    // What is issued from now on is good too, whichever key signs it: the new one does only when every instance has it.
    let after = log_in().await;
    for jwt in [&before, &after] {
        let answer =
            world.call("GET", "/v2/numbers", &[("authorization", &format!("Bearer {jwt}"))], None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    world.stop().await;
}
