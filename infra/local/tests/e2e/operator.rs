//! The operator's side.

use crate::until::until;
use crate::world::World;
use serde_json::json;

const WORKER: &str = "5511988880071";

#[tokio::test]
async fn a_change_of_plan_takes_effect_within_a_minute() {
    let world = World::start().await;
    let tenant = world.tenant_on("basico", "ulisses@exemplo.com.br", "5511999990071").await;
    let add = tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    assert!(add.status < 300, "{}", add.text());
    let picture = json!({"from_number": WORKER, "to_number": "5511977770071", "media_type": "image", "media_url": "https://exemplo.com/a.png"});
    assert_eq!(tenant.call("POST", "/v2/sends", &picture).await.status, 403);

    let path = format!("/v2/operator/users/{}", tenant.id);
    let unknown = world.operate("PUT", &path, Some(&json!({"plan": "diamante"}))).await;
    assert_eq!((unknown.status, unknown.json()["code"].as_str()), (422, Some("UNKNOWN_PLAN")));
    let changed = world.operate("PUT", &path, Some(&json!({"plan": "premium"}))).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    until("the new plan is in force", async || {
        (tenant.call("POST", "/v2/sends", &picture).await.status == 201).then_some(())
    })
    .await;
    assert_eq!(world.operate("GET", &path, None).await.json()["description"]["plan"], "premium");
    world.stop().await;
}

#[tokio::test]
async fn the_operator_sees_tenants_and_tenants_do_not() {
    let world = World::start().await;
    let tenant = world.tenant("vera@exemplo.com.br", "5511999990072").await;
    tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    tenant.send(WORKER, "5511977770071", "para contar").await;
    let users = world.operate("GET", "/v2/operator/users", None).await;
    assert_eq!(users.status, 200, "{}", users.text());
    assert!(users.text().contains(&tenant.id) && !users.text().contains(&tenant.token));
    let numbers = world.operate("GET", &format!("/v2/operator/users/{}/numbers", tenant.id), None).await;
    assert!(numbers.text().contains(WORKER), "{}", numbers.text());
    let usage = world.operate("GET", &format!("/v2/operator/users/{}/usage", tenant.id), None).await;
    assert_eq!(usage.status, 200, "{}", usage.text());
    let plans = world.operate("GET", "/v2/operator/plans", None).await;
    assert!(plans.text().contains("premium"), "{}", plans.text());
    for path in ["/v2/operator/users", "/v2/operator/plans"] {
        let answer = tenant.get(path).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("OPERATOR_ONLY")), "{path}");
    }
    world.stop().await;
}
