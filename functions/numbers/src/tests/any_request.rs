//! Requests of any kind.

use super::{WORKER, world};
use proptest::prelude::*;
use serde_json::{Value, json};

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::collection::vec(".{0,4}", 0..3).prop_map(Value::from),
        Just(json!([WORKER, {"a": [[]]}])),
        Just(json!([WORKER])),
        Just(json!(WORKER)),
        Just(json!("worker")),
    ]
}

proptest! {
    #[test]
    fn no_request_is_a_5xx(
        fields in prop::collection::hash_map(
            prop::sample::select(vec!["number", "role", "numbers_workers", "numbers_admins", "per_minute", "new_chats", "quiet_hours", "time_zone"]).prop_map(String::from),
            any_value(), 0..5),
        query in "(number=|method=)?.{0,20}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let w = world().await;
            let body: Value = fields.into_iter().collect();
            for (method, path) in
                [("POST", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/add"), ("POST", "/disconnect"),
                 ("GET", "/status"), ("GET", "/connect"), ("GET", "/pace"), ("PUT", "/pace")]
            {
                let reply = w.ana(method, &format!("{path}?{query}"), body.clone()).await;
                prop_assert!(reply.status < 500, "{}", reply.text);
            }
            Ok(())
        })?;
    }
}
