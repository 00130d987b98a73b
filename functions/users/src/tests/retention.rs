//! For how long what a tenant does is kept, as it chooses itself.

use super::{World, ana, world};
use carteiro_core::ports::Accounts;
use carteiro_http::testing::{Call, Reply};
use serde_json::{Value, json};

impl World {
    async fn retention(&self, token: &str, body: Option<Value>) -> Reply {
        let call = Call::new(if body.is_some() { "PUT" } else { "GET" }, "/v2/privacy/retention");
        call.header("token", token).json(body.unwrap_or_default()).send(&self.router).await
    }
}

#[tokio::test]
async fn a_tenant_chooses_fewer_days_than_its_plan_has() {
    let w = world().await;
    let made = w.register(ana()).await;
    let token = made.body["description"]["token"].as_str().unwrap().to_owned();
    let shown =
        |days: u16, files: u16| json!({"days": days, "file_days": files, "least_days": 7, "most_days": 400});
    let reply = w.retention(&token, None).await;
    assert_eq!((reply.status, &reply.body["description"]), (200, &shown(400, 30)), "{}", reply.text);
    let reply = w.retention(&token, Some(json!({"days": 20}))).await;
    assert_eq!((reply.status, &reply.body["description"]), (200, &shown(20, 7)), "{}", reply.text);
    assert_eq!(w.retention(&token, None).await.body["description"], shown(20, 7));
    let id = made.body["description"]["user_id"].as_str().unwrap().parse().unwrap();
    assert_eq!(w.accounts.find(id).await.unwrap().unwrap().retention, Some(20.try_into().unwrap()));
    for (body, status, code) in [
        (json!({}), 400, "MISSING_PARAMETER"),
        (json!({"days": 6}), 422, "INVALID_PARAMETER"),
        (json!({"days": 401}), 422, "INVALID_PARAMETER"),
        (json!({"days": -1}), 422, "INVALID_PARAMETER"),
        (json!({"days": 7.5}), 422, "INVALID_PARAMETER"),
        (json!({"days": "muitos"}), 422, "INVALID_PARAMETER"),
    ] {
        let reply = w.retention(&token, Some(body.clone())).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{body}");
    }
    assert_eq!(
        w.retention(&token, None).await.body["description"],
        shown(20, 7),
        "what is refused changes nothing"
    );
    assert_eq!(w.retention("cart_0", None).await.status, 401);
}
