//! Requests of any kind.

use super::world;
use proptest::prelude::*;
use serde_json::json;

proptest! {
    #[test]
    fn no_request_is_a_5xx(query in "(limit=|cursor=|from=|to=)?.{0,20}", id in "[a-f0-9-]{0,36}", zone in ".{0,20}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let w = world().await;
            let ana = w.tenant(1).await;
            let known = ana.id.to_string();
            for id in [&id, &known] {
                for (method, path) in [("GET", ""), ("PUT", ""), ("GET", "/numbers"), ("GET", "/usage")] {
                    let path = format!("/users/{id}{path}?{query}");
                    let reply = w.call(method, &path, json!({"plan": zone, "time_zone": zone})).await;
                    prop_assert!(reply.status < 500, "{}", reply.text);
                }
            }
            let listed = w.get(&format!("/users?{query}")).await;
            prop_assert!(listed.status < 500, "{}", listed.text);
            Ok(())
        })?;
    }
}
