//! Personal data: what may be asked for, and by whom.

use super::{World, ana, world};
use carteiro_core::privacy::About;
use carteiro_http::testing::{Call, Reply};
use serde_json::{Value, json};

impl World {
    async fn token(&self) -> String {
        let made = self.register(ana()).await;
        made.body["description"]["token"].as_str().unwrap().to_owned()
    }

    async fn erase(&self, token: &str, body: Value) -> Reply {
        Call::new("POST", "/v2/privacy/erase").header("token", token).json(body).send(&self.router).await
    }

    async fn get(&self, token: &str, path: &str) -> Reply {
        Call::new("GET", path).header("token", token).send(&self.router).await
    }
}

#[tokio::test]
async fn what_is_asked_for_is_under_way_and_can_be_asked_after() {
    let w = world().await;
    let token = w.token().await;
    for (reply, kind, number) in [
        (w.erase(&token, json!({"number": "+55 11 98888-7777"})).await, "erase", json!("5511•••••••77")),
        (w.get(&token, "/v2/privacy/export?number=5511988887777").await, "export", json!("5511•••••••77")),
        (w.get(&token, "/v2/privacy/export").await, "export", Value::Null),
    ] {
        let asked = &reply.body["description"];
        assert_eq!(
            (reply.status, &asked["kind"], &asked["number"]),
            (202, &json!(kind), &number),
            "{}",
            reply.text
        );
        assert_eq!(asked["status"], "na fila");
        let found = w.get(&token, asked["status_url"].as_str().unwrap()).await;
        assert_eq!((found.status, &found.body["description"]["operation_id"]), (200, &asked["operation_id"]));
    }
    assert_eq!((w.store.take().len(), w.store.all().len()), (3, 3));
    for unknown in ["x", "00000000-0000-4000-8000-000000000000"] {
        let reply = w.get(&token, &format!("/v2/privacy/operations/{unknown}")).await;
        assert_eq!((reply.status, reply.code()), (404, "PRIVACY_NOT_FOUND"));
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_is_begun() {
    let w = world().await;
    let token = w.token().await;
    w.personal.workers.lock().unwrap().push("5511911112222".parse().unwrap());
    for (body, status, code) in [
        (json!({}), 400, "MISSING_PARAMETER"),
        (json!({"all": false}), 400, "MISSING_PARAMETER"),
        (json!({"all": true}), 400, "MISSING_PARAMETER"),
        (json!({"all": true, "login": "usuario"}), 400, "MISSING_PARAMETER"),
        (json!({"all": true, "login": "usuario", "password": "senha124"}), 422, "REMOVAL_REFUSED"),
        (json!({"all": true, "number": "5511988887777"}), 422, "INVALID_PARAMETER"),
        (json!({"number": "123"}), 422, "INVALID_PHONE"),
        (json!({"number": "5511911112222"}), 409, "OWN_NUMBER"),
    ] {
        let reply = w.erase(&token, body.clone()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{body}");
    }
    assert_eq!(w.get(&token, "/v2/privacy/export?number=1").await.code(), "INVALID_PHONE");
    assert_eq!(w.get("cart_0", "/v2/privacy/export").await.status, 401);
    assert!(w.store.all().is_empty());
    assert_eq!(w.accounts.count(), 1);
}

#[tokio::test]
async fn all_is_the_account_too() {
    for remove in [false, true] {
        let w = world().await;
        let token = w.token().await;
        let body = json!({"all": true, "login": "usuario", "password": "senha123"});
        let reply = match remove {
            true => w.post("remove", Some(("token", &token)), body).await,
            false => w.erase(&token, body).await,
        };
        assert_eq!(reply.status, if remove { 200 } else { 202 }, "{}", reply.text);
        assert_eq!(reply.body["description"]["kind"], "erase");
        assert_eq!(w.accounts.count(), 0);
        let operation = w.store.all().remove(0);
        assert_eq!(operation.work.unwrap().about, About::Tenant);
        assert_eq!(w.get(&token, "/v2/privacy/export").await.status, 401);
    }
}
