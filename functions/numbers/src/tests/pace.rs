//! The pace of numbers.

use super::*;

const PACE: &str = "/pace";

#[tokio::test]
async fn a_pace_is_set_shown_and_told_to_the_session() {
    let w = world().await.with_worker().await;
    let shown = w.get(&format!("/pace?number={WORKER}")).await;
    assert_eq!(shown.status, 200);
    let description = &shown.body["description"];
    assert_eq!((&description["own"], &description["plan"]["per_minute"]), (&json!({}), &json!(60)));
    assert_eq!((&description["new_chats_today"], &description["number"]), (&json!(null), &json!(WORKER)));
    let own = json!({
        "per_minute": 20, "burst": 2, "jitter_ms": 1500, "typing": true,
        "new_chats": {"per_day": 50, "warm_up": {"first_day": 5, "days": 10}},
        "quiet_hours": {"from": "21:00", "to": "08:00"}, "time_zone": "America/Manaus",
    });
    let mut body = own.clone();
    body["number"] = json!(format!("+{WORKER}"));
    let set = w.ana("PUT", PACE, body).await;
    assert_eq!((set.status, &set.body["description"]["own"]), (200, &own), "{}", set.text);
    assert_eq!(w.get(&format!("/pace?number={WORKER}")).await.body["description"], set.body["description"]);
    // What is not sent is the plan's again.
    let reset = w.ana("PUT", PACE, json!({"number": WORKER, "burst": null})).await;
    assert_eq!((reset.status, &reset.body["description"]["own"]), (200, &json!({})));
}

#[tokio::test]
async fn what_is_no_pace_is_refused() {
    let w = world().await.with_worker().await;
    for (body, status, code) in [
        (json!({"burst": 1}), 400, "MISSING_PARAMETER"),
        (json!({"number": "12"}), 422, "INVALID_PHONE"),
        (json!({"number": ADMIN}), 403, "NOT_YOUR_WORKER"),
        (json!({"number": WORKER, "per_minute": 0}), 422, "INVALID_PACE"),
        (json!({"number": WORKER, "per_minute": "60"}), 422, "INVALID_PACE"),
        (json!({"number": WORKER, "per_second": 1}), 422, "INVALID_PACE"),
        (json!({"number": WORKER, "time_zone": "Brasil"}), 422, "INVALID_PACE"),
        (json!({"number": WORKER, "quiet_hours": {"from": "8h", "to": "9h"}}), 422, "INVALID_PACE"),
        (json!({"number": WORKER, "new_chats": {"per_day": 0}}), 422, "INVALID_PACE"),
        (json!({"number": WORKER, "per_minute": 61}), 403, "PLAN_PACE_LIMIT"),
    ] {
        let reply = w.ana("PUT", PACE, body.clone()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{body}");
    }
    let bold = w.ana("PUT", PACE, json!({"number": WORKER, "burst": 6})).await;
    let told = bold.body["description"].as_str().unwrap();
    assert!(told.contains("basico") && told.contains("5 em burst"), "{told}");
    let theirs = w.call(&w.bia, "GET", &format!("/pace?number={WORKER}"), None).await;
    assert_eq!((theirs.status, theirs.code()), (403, "NOT_YOUR_WORKER"));
    assert!(w.commands.pushed().is_empty());
}
