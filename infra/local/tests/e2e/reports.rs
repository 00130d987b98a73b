//! Reports in their other forms.

use crate::aws;
use crate::until::until;
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
    // Another digit, and not the same one in another case.
    forged.push(if last == '0' { '1' } else { '0' });
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

#[tokio::test]
async fn a_report_that_is_too_large_for_an_answer_is_a_file_of_its_tenant() {
    let world = World::start().await;
    let tenant = world.tenant("zilda@exemplo.com.br", "5511999990093").await;
    let other = world.tenant("abel@exemplo.com.br", "5511999990094").await;
    let add = tenant.call("POST", "/v2/numbers/add", &json!({"number": WORKER, "role": "worker"})).await;
    assert!(add.status < 300, "{}", add.text());
    let send = tenant.send(WORKER, "5511977770091", "o mais novo").await;
    aws::multiply(&world, &send, 5_500).await;

    let path = format!("/v2/reports/sends?from_number={WORKER}&format=csv");
    let asked = tenant.get(&path).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let status_url = asked.json()["description"]["status_url"].as_str().unwrap().to_owned();
    let again = tenant.get(&path).await.json();
    assert_eq!(again["description"]["status_url"], status_url, "the same again is the same report");
    let url = until("the file is there", async || {
        let answer = tenant.get(&status_url).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let export = answer.json()["description"].clone();
        assert_ne!(export["status"], "falha", "{export}");
        assert!(export["status"] != "pronto" || export["rows"] == 5_501, "{export}");
        export["url"].as_str().map(str::to_owned)
    })
    .await;
    let file = world.http.request("GET", &url, &[], Vec::new()).await.unwrap();
    assert_eq!(file.status, 200);
    let text = file.text();
    let rows: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(rows.len(), 5_502, "a line of names and one for each send");
    assert!(rows[1].starts_with("00000000-0000-4000-8000-000000005500;"), "the oldest comes first");
    assert!(rows[5_501].starts_with(&format!("{send};")));

    let stolen = other.get(&status_url).await;
    assert_eq!((stolen.status, stolen.json()["code"].as_str()), (404, Some("EXPORT_NOT_FOUND")));
    let unsigned = world.http.request("GET", url.split('?').next().unwrap(), &[], Vec::new()).await.unwrap();
    assert_ne!(unsigned.text(), text, "the file is nobody's without the signature");
    let summary = tenant.get(&format!("/v2/reports/sends?from_number={WORKER}&summary=true")).await;
    assert_eq!((summary.status, summary.json()["description"]["total"].as_u64()), (200, Some(5_501)));
    world.stop().await;
}
