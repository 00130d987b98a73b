//! No body makes the function fail.

use super::*;
use proptest::prelude::*;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(vec!["login", "register", "email", "number", EMAIL, NUMBER, "123456"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(".{0,8}", inner, 0..4).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_is_a_5xx(
        fields in prop::collection::hash_map(
            prop::sample::select(vec!["otp_type", "otp_for", "email", "number", "email_otp_code", "number_otp_code"])
                .prop_map(String::from),
            any_json(), 0..7),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let w = world().await;
            for route in ["request", "validate"] {
                let body: Value = fields.clone().into_iter().collect();
                let reply = w.post(route, body).await;
                prop_assert!(reply.status < 500, "{}", reply.text);
            }
            Ok(())
        })?;
    }
}
