//! API tokens, as a client sees them.

use super::{World, ana, world};
use carteiro_core::ports::MAX_API_KEYS;
use carteiro_http::testing::{Call, Reply};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

impl World {
    /// The token of a tenant that was registered just now.
    async fn registered(&self) -> String {
        let made = self.register(ana()).await;
        made.body["description"]["token"].as_str().unwrap().to_owned()
    }

    async fn tokens(&self, token: &str, method: &str, path: &str, body: Value) -> Reply {
        let call = Call::new(method, &format!("/v2/tokens{path}")).header("token", token).json(body);
        call.send(&self.router).await
    }

    async fn made(&self, token: &str, body: Value) -> (String, String) {
        secret_and_id(&self.tokens(token, "POST", "", body).await)
    }

    async fn list(&self, token: &str) -> Vec<Value> {
        let reply = self.tokens(token, "GET", "", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body["description"].as_array().unwrap().clone()
    }

    async fn status(&self, token: &str) -> u64 {
        self.tokens(token, "GET", "", json!({})).await.status
    }
}

fn secret_and_id(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, 201, "{}", reply.text);
    let text = |name: &str| reply.body["description"][name].as_str().unwrap().to_owned();
    (text("token"), text("token_id"))
}

#[tokio::test]
async fn the_first_token_is_on_the_list_and_no_token_is() {
    let w = world().await;
    let first = w.registered().await;
    let (second, id) = w.made(&first, json!({"name": " Loja ", "scopes": ["read", "manage"]})).await;
    let list = w.list(&first).await;
    assert_eq!(list.len(), 2);
    let all: Vec<&Value> = list.iter().map(|key| &key["scopes"]).collect();
    assert!(all.contains(&&json!(["send", "read", "manage"])), "{all:?}");
    let listed = list.iter().find(|key| key["token_id"] == id).unwrap();
    assert_eq!((&listed["name"], &listed["scopes"]), (&json!("Loja"), &json!(["read", "manage"])));
    assert_eq!((&listed["expires_at"], &listed["prefix"]), (&Value::Null, &json!(second[..13])));
    let told = Value::from(list).to_string();
    assert!(!told.contains(&first[13..]) && !told.contains(&second[13..]));
}

#[tokio::test]
async fn a_token_gives_no_more_than_its_bearer_has() {
    let w = world().await;
    let full = w.registered().await;
    let (manage, _) = w.made(&full, json!({"scopes": ["manage"]})).await;
    let refused = w.tokens(&manage, "POST", "", json!({"scopes": ["send"]})).await;
    assert_eq!((refused.status, refused.code()), (403, "SCOPE_FORBIDS"));
    assert!(refused.body["description"].as_str().unwrap().contains("send"), "{}", refused.text);
    let inherits = w.tokens(&manage, "POST", "", json!({})).await;
    assert_eq!(inherits.body["description"]["scopes"], json!(["manage"]), "{}", inherits.text);
    let (read, _) = w.made(&full, json!({"scopes": ["read"]})).await;
    let reply = w.tokens(&read, "GET", "", json!({})).await;
    assert_eq!((reply.status, reply.code()), (403, "SCOPE_FORBIDS"), "tokens are for who manages");

    let full_id =
        w.list(&full).await.into_iter().find(|key| full.starts_with(key["prefix"].as_str().unwrap()));
    let path = format!("/{}/rotate", full_id.unwrap()["token_id"].as_str().unwrap());
    let refused = w.tokens(&manage, "POST", &path, json!({})).await;
    assert_eq!((refused.status, refused.code()), (403, "SCOPE_FORBIDS"), "it would be handed over");
}

#[tokio::test]
async fn a_token_ends_at_its_time() {
    let w = world().await;
    let full = w.registered().await;
    let (short, _) = w.made(&full, json!({"expires_in_days": 1})).await;
    let made = w.tokens(&full, "POST", "", json!({"expires_at": "2023-11-16T00:00:00-03:00"})).await;
    assert_eq!(made.body["description"]["expires_at"], "2023-11-16T03:00:00Z", "{}", made.text);
    assert_eq!(w.status(&short).await, 200);
    w.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(w.status(&short).await, 401);
    assert_eq!(w.list(&full).await.len(), 2);
}

#[tokio::test]
async fn a_rotated_token_overlaps_with_the_old_one() {
    let w = world().await;
    let full = w.registered().await;
    let (old, id) = w.made(&full, json!({"name": "loja"})).await;
    let reply = w.tokens(&full, "POST", &format!("/{id}/rotate"), json!({})).await;
    let (new, new_id) = secret_and_id(&reply);
    let description = &reply.body["description"];
    assert_eq!((&description["replaces"], &description["name"]), (&json!(id), &json!("loja")));
    assert_eq!(description["old_expires_at"], "2023-11-15T22:13:20Z", "a day from now");
    assert_eq!((w.status(&old).await, w.status(&new).await), (200, 200));
    w.clock.advance(SignedDuration::from_hours(24));
    assert_eq!((w.status(&old).await, w.status(&new).await), (401, 200));

    let own = w.tokens(&new, "POST", &format!("/{new_id}/rotate"), json!({"overlap_seconds": 0})).await;
    let (newest, _) = secret_and_id(&own);
    assert_eq!(own.body["description"]["old_expires_at"], Value::Null);
    assert_eq!((w.status(&new).await, w.status(&newest).await), (401, 200));
}

#[tokio::test]
async fn a_revoked_token_stops() {
    let w = world().await;
    let full = w.registered().await;
    let (leaked, id) = w.made(&full, json!({})).await;
    assert_eq!(w.status(&leaked).await, 200);
    let gone = w.tokens(&full, "DELETE", &format!("/{id}"), json!({})).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!(w.status(&leaked).await, 401);
    for path in [id.as_str(), "x", "00000000-0000-4000-8000-000000000000"] {
        let reply = w.tokens(&full, "DELETE", &format!("/{path}"), json!({})).await;
        assert_eq!((reply.status, reply.code()), (404, "TOKEN_NOT_FOUND"), "{path}");
        let reply = w.tokens(&full, "POST", &format!("/{path}/rotate"), json!({})).await;
        assert_eq!((reply.status, reply.code()), (404, "TOKEN_NOT_FOUND"), "{path}");
    }
}

#[tokio::test]
async fn each_refusal_names_what_is_wrong_and_makes_nothing() {
    let w = world().await;
    let full = w.registered().await;
    for (body, code) in [
        (json!({"name": ""}), "INVALID_PARAMETER"),
        (json!({"name": "x".repeat(61)}), "INVALID_PARAMETER"),
        (json!({"name": 7}), "INVALID_PARAMETER"),
        (json!({"scopes": "read"}), "INVALID_PARAMETER"),
        (json!({"scopes": []}), "INVALID_SCOPE"),
        (json!({"scopes": ["admin"]}), "INVALID_SCOPE"),
        (json!({"scopes": [1]}), "INVALID_SCOPE"),
        (json!({"expires_in_days": 0}), "INVALID_PARAMETER"),
        (json!({"expires_in_days": 1.5}), "INVALID_PARAMETER"),
        (json!({"expires_in_days": 3651}), "INVALID_PARAMETER"),
        (json!({"expires_at": "amanhã"}), "INVALID_PARAMETER"),
        (json!({"expires_at": "2020-01-01T00:00:00Z"}), "INVALID_PARAMETER"),
        (json!({"expires_at": "2023-12-01T00:00:00Z", "expires_in_days": 3}), "INVALID_PARAMETER"),
    ] {
        let reply = w.tokens(&full, "POST", "", body.clone()).await;
        assert_eq!((reply.status, reply.code()), (422, code), "{body}");
    }
    let id = w.list(&full).await[0]["token_id"].as_str().unwrap().to_owned();
    for overlap in [json!(-1), json!(604_801), json!("60"), json!(1.5)] {
        let body = json!({"overlap_seconds": overlap});
        let reply = w.tokens(&full, "POST", &format!("/{id}/rotate"), body).await;
        assert_eq!((reply.status, reply.code()), (422, "INVALID_PARAMETER"), "{overlap}");
    }
    assert_eq!(w.list(&full).await.len(), 1);
    for _ in 1..MAX_API_KEYS {
        w.made(&full, json!({})).await;
    }
    let reply = w.tokens(&full, "POST", "", json!({})).await;
    assert_eq!((reply.status, reply.code()), (409, "TOO_MANY_TOKENS"));
    assert!(reply.body["description"].as_str().unwrap().contains("20"), "{}", reply.text);
}

#[tokio::test]
async fn an_outage_is_503_and_nobodys_credential() {
    let w = world().await;
    let full = w.registered().await;
    assert_eq!(w.status(&full).await, 200);
    w.accounts.switch.fail();
    for (method, path) in [("GET", ""), ("POST", "")] {
        let reply = w.tokens(&full, method, path, json!({})).await;
        assert_eq!((reply.status, reply.code()), (503, "UNAVAILABLE"), "{method}");
    }
}

proptest! {
    #[test]
    fn no_body_is_a_5xx(
        scopes in prop::collection::vec(prop_oneof![".{0,6}", Just("read".to_owned())], 0..3),
        name in prop_oneof![".{0,70}".prop_map(Value::from), any::<f64>().prop_map(Value::from)],
        days in prop_oneof![any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from)],
        until in ".{0,24}",
        id in "[a-f0-9-]{0,36}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let w = world().await;
            let token = carteiro_core::token::ApiToken::from_random([1; 32]);
            let tenant = carteiro_core::testing::tenant(1, Some(&token));
            carteiro_core::ports::Accounts::create(&*w.accounts, &tenant).await.unwrap();
            let body = json!({"name": name, "scopes": scopes, "expires_in_days": days, "expires_at": until,
                "overlap_seconds": days});
            for (method, path) in
                [("POST", String::new()), ("POST", format!("/{id}/rotate")), ("DELETE", format!("/{id}"))]
            {
                let reply = w.tokens(token.reveal(), method, &path, body.clone()).await;
                prop_assert!(reply.status < 500, "{}", reply.text);
            }
            Ok(())
        })?;
    }
}
