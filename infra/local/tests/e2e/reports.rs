//! Reports in their other forms.

use crate::world::World;
use serde_json::json;

const WORKER: &str = "5511988880091";

#[tokio::test]
async fn csv_and_summary() {
    let world = World::start().await;
    let tenant = world.tenant("xavier@exemplo.com.br", "5511999990091").await;
    let other = world.tenant("yara@exemplo.com.br", "5511999990092").await;
    let add = tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    assert!(add.status < 300, "{}", add.text());
    for text in ["um", "dois; \"três\"", "=1+1"] {
        tenant.send(WORKER, "5511977770091", text).await;
    }
    let path = format!("/v2/reports/sends?from_number={WORKER}");
    let csv = tenant.get(&format!("{path}&format=csv")).await;
    assert_eq!(csv.status, 200, "{}", csv.text());
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(csv.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(csv.text().lines().count(), 4, "{}", csv.text());
    assert!(csv.text().contains("send_id") && csv.text().contains("três"));
    assert!(!csv.text().contains(";=1+1") && !csv.text().contains(",=1+1"), "a formula is defused");

    let summary = tenant.get(&format!("{path}&summary=true")).await;
    assert_eq!(summary.status, 200, "{}", summary.text());
    assert!(summary.json()["description"].to_string().contains("na fila"), "{}", summary.text());

    let inverted = tenant.get(&format!("{path}&init_time=31/01/2026&end_time=01/01/2026")).await;
    assert_eq!((inverted.status, inverted.json()["code"].as_str()), (422, Some("INVALID_PERIOD")));

    let page = tenant.get(&format!("{path}&limit=1")).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let mut forged = cursor.to_owned();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'B' } else { 'A' });
    for (asks, cursor) in [(&tenant, forged.as_str()), (&other, cursor)] {
        let answer = asks.get(&format!("{path}&limit=1&cursor={cursor}")).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (422, Some("INVALID_CURSOR")),
            "{}",
            answer.text()
        );
    }
    world.stop().await;
}
