//! What a browser on another origin gets: the gateway's CORS headers, and no second ones from a function.

use crate::world::World;
use carteiro_local::Answer;

const PAGE: &str = "http://localhost:3000";
const STRANGER: &str = "https://evil.example";

/// Every value of a header, in lower case and in order.
fn values(answer: &Answer, name: &str) -> Vec<String> {
    let values = answer.headers.get_all(name).iter();
    values.map(|value| value.to_str().unwrap().to_lowercase()).collect()
}

/// The items of a header that is a list.
fn items(answer: &Answer, name: &str) -> Vec<String> {
    values(answer, name).join(",").split(',').map(|item| item.trim().to_owned()).collect()
}

fn assert_has(items: &[String], wanted: &[&str]) {
    for name in wanted {
        assert!(items.iter().any(|item| item == name), "{name} is not in {items:?}");
    }
}

#[tokio::test]
async fn cors_lets_pages_of_configured_origins_call_and_no_others() {
    let world = World::start().await;
    let preflight = [
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    for path in ["/v2/sends", "/api/v2/numbers"] {
        let asked = [&[("origin", PAGE)], &preflight[..]].concat();
        let allowed = world.call("OPTIONS", path, &asked, None).await;
        assert!(allowed.status < 300, "{path}: {} {}", allowed.status, allowed.text());
        assert_eq!(values(&allowed, "access-control-allow-origin"), [PAGE], "{path}");
        let headers = ["authorization", "token", "api-token", "content-type", "idempotency-key"];
        assert_has(&items(&allowed, "access-control-allow-headers"), &headers);
        assert_has(&items(&allowed, "access-control-allow-methods"), &["get", "post", "put", "delete"]);

        let asked = [&[("origin", STRANGER)], &preflight[..]].concat();
        let refused = world.call("OPTIONS", path, &asked, None).await;
        assert!(values(&refused, "access-control-allow-origin").is_empty(), "{path}");
    }

    // Refusals are the page's to read too.
    let answer = world.call("GET", "/v2/numbers", &[("origin", PAGE)], None).await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(values(&answer, "access-control-allow-origin"), [PAGE]);
    assert_has(&items(&answer, "access-control-expose-headers"), &["retry-after", "x-request-id"]);
    let answer = world.call("GET", "/v2/numbers", &[("origin", STRANGER)], None).await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert!(values(&answer, "access-control-allow-origin").is_empty());
    world.stop().await;
}
