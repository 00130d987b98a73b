//! What the operator does with the personal data that tenants keep.

use super::{World, ana, world};
use carteiro_core::ports::PrivacyOperations;
use carteiro_core::privacy::{About, PrivacyState};
use carteiro_http::testing::{Call, OPERATOR, Reply};
use serde_json::{Value, json};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

impl World {
    async fn operator(&self, method: &str, path: &str, body: Value) -> Reply {
        let call = Call::new(method, &format!("/v2/operator{path}"));
        call.header("api-token", OPERATOR).json(body).send(&self.router).await
    }

    async fn tenant(&self) -> (String, String) {
        let made = self.register(ana()).await;
        let text = |name: &str| made.body["description"][name].as_str().unwrap().to_owned();
        (text("user_id"), text("token"))
    }
}

#[tokio::test]
async fn the_operator_exports_and_erases_for_a_tenant_and_it_is_written() {
    let w = world().await;
    let (id, token) = w.tenant().await;
    let of = |rest: &str| format!("/users/{id}/privacy/{rest}");
    for (reply, kind, number) in [
        (
            w.operator("GET", &of("export?number=5511988887777"), json!({})).await,
            "export",
            json!("5511•••••••77"),
        ),
        (w.operator("GET", &of("export"), json!({})).await, "export", Value::Null),
        (
            w.operator("POST", &of("erase"), json!({"number": "5511988887777"})).await,
            "erase",
            json!("5511•••••••77"),
        ),
    ] {
        let asked = &reply.body["description"];
        assert_eq!(
            (reply.status, &asked["kind"], &asked["number"]),
            (202, &json!(kind), &number),
            "{}",
            reply.text
        );
        let status = asked["status_url"].as_str().unwrap();
        let found = w.operator("GET", status.strip_prefix("/v2/operator").unwrap(), json!({})).await;
        assert_eq!((found.status, &found.body["description"]), (200, asked));
        // It is the tenant's too.
        let path = format!("/v2/privacy/operations/{}", asked["operation_id"].as_str().unwrap());
        assert_eq!(Call::new("GET", &path).header("token", &token).send(&w.router).await.status, 200);
    }
    let told = w.trail.told();
    let exports = [
        "privacy.export number=5511•••••••77",
        "privacy.export number=all",
        "privacy.erase number=5511•••••••77",
    ];
    assert!(told.len() == 4 && exports.iter().all(|export| told.contains(&(*export).to_owned())), "{told:?}");
    assert!(told.contains(&"user.register plan=premium".to_owned()), "{told:?}");
    assert!(w.trail.all().iter().all(|entry| entry.user.to_string() == id));
}

#[tokio::test]
async fn the_operator_removes_a_tenant_and_sees_its_erasure() {
    let w = world().await;
    let (id, token) = w.tenant().await;
    let reply = w.operator("POST", &format!("/users/{id}/privacy/erase"), json!({"all": true})).await;
    assert_eq!((reply.status, &reply.body["description"]["kind"]), (202, &json!("erase")), "{}", reply.text);
    assert_eq!(w.accounts.count(), 0);
    assert_eq!(w.store.all().remove(0).work.unwrap().about, About::Tenant);
    let status = reply.body["description"]["status_url"].as_str().unwrap();
    assert_eq!(w.operator("GET", status.strip_prefix("/v2/operator").unwrap(), json!({})).await.status, 200);
    assert!(w.trail.told().contains(&"user.remove ".to_owned()));
    let gone = Call::new("GET", "/v2/privacy/export").header("token", &token).send(&w.router).await;
    assert_eq!(gone.status, 401);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_neither_begun_nor_written() {
    let w = world().await;
    let (id, token) = w.tenant().await;
    w.personal.workers.lock().unwrap().push("5511911112222".parse().unwrap());
    for (id, body, status, code) in [
        (id.as_str(), json!({}), 400, "MISSING_PARAMETER"),
        (&id, json!({"all": false}), 400, "MISSING_PARAMETER"),
        (&id, json!({"all": true, "number": "5511988887777"}), 422, "INVALID_PARAMETER"),
        (&id, json!({"number": "123"}), 422, "INVALID_PHONE"),
        (&id, json!({"number": "5511911112222"}), 409, "OWN_NUMBER"),
        (NOBODY, json!({"number": "5511988887777"}), 404, "USER_NOT_FOUND"),
        (NOBODY, json!({"all": true}), 404, "USER_NOT_FOUND"),
        ("x", json!({"all": true}), 404, "USER_NOT_FOUND"),
    ] {
        let reply = w.operator("POST", &format!("/users/{id}/privacy/erase"), body.clone()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{id} {body}");
    }
    assert_eq!(w.operator("GET", &format!("/users/{NOBODY}/privacy/export"), json!({})).await.status, 404);
    let unknown = w.operator("GET", &format!("/privacy/operations/{NOBODY}"), json!({})).await;
    assert_eq!((unknown.status, unknown.code()), (404, "PRIVACY_NOT_FOUND"));
    // A tenant's own token opens none of it.
    for (method, rest) in [("GET", "export"), ("POST", "erase")] {
        let call =
            Call::new(method, &format!("/v2/operator/users/{id}/privacy/{rest}")).header("api-token", &token);
        let reply = call.json(json!({"all": true})).send(&w.router).await;
        assert_eq!((reply.status, reply.code()), (401, "OPERATOR_ONLY"));
    }
    assert_eq!(w.trail.told(), ["user.register plan=premium"]);
    w.trail.switch.fail();
    let export = w.operator("GET", &format!("/users/{id}/privacy/export"), json!({})).await;
    assert_eq!((export.status, export.code()), (503, "UNAVAILABLE"), "what cannot be written is not done");
    let all = w.operator("POST", &format!("/users/{id}/privacy/erase"), json!({"all": true})).await;
    assert_eq!(all.status, 503);
    assert!(w.store.all().is_empty());
    assert_eq!(w.accounts.count(), 1);
}

#[tokio::test]
async fn each_address_of_a_file_that_the_operator_is_given_is_written() {
    let w = world().await;
    let (id, _) = w.tenant().await;
    let asked = w.operator("GET", &format!("/users/{id}/privacy/export"), json!({})).await;
    let operation = asked.body["description"]["operation_id"].as_str().unwrap().to_owned();
    let path = format!("/privacy/operations/{operation}");
    assert_eq!(w.operator("GET", &path, json!({})).await.body["description"]["url"], Value::Null);
    let reads = || {
        w.trail.told().iter().filter(|told| **told == format!("privacy.read operation={operation}")).count()
    };
    assert_eq!(reads(), 0, "there is no file yet");
    let mut ready = w.store.all().remove(0);
    ready.end(PrivacyState::Ready, ready.created_at);
    assert!(w.store.save(&mut ready).await.unwrap());
    for count in 1..=2 {
        let reply = w.operator("GET", &path, json!({})).await;
        assert!(reply.body["description"]["url"].is_string(), "{}", reply.text);
        assert_eq!(reads(), count);
    }
    w.trail.switch.fail();
    let unwritten = w.operator("GET", &path, json!({})).await;
    assert!(unwritten.status == 503 && !unwritten.text.contains("exports/"), "{}", unwritten.text);
}
