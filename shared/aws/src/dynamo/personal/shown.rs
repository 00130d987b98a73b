//! An item as an export shows it.

use crate::dynamo::item::Item;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// What says nothing about anybody: places in indexes, counters of our own, how long it is kept.
const OURS: [&str; 20] = [
    "number_pk",
    "number_sk",
    "due_pk",
    "due_sk",
    "line_pk",
    "line_sk",
    "user_pk",
    "user_sk",
    "place",
    "shard_pk",
    "shard_sk",
    "ttl",
    "revision",
    "requeues",
    "request",
    "holder",
    "until",
    "signals",
    "epoch",
    "keys",
];
/// What lets somebody in.
const SECRETS: [&str; 9] =
    ["password", "token", "hash", "secret", "old_secret", "old_secret_until", "qr", "code", "code_mac"];

/// The attributes of an item, with times as RFC 3339 and JSON as itself; without secrets, and without what is for us alone.
pub(super) fn shown(item: &Item) -> Value {
    let kept =
        item.0.iter().filter(|(name, _)| !OURS.contains(&name.as_str()) && !SECRETS.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), of(name, value))).collect::<Map<_, _>>())
}

fn of(name: &str, value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => {
            let json = text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten();
            json.unwrap_or_else(|| json!(text))
        }
        AttributeValue::N(digits) => {
            let time = name.ends_with("_at") || name.ends_with("_time");
            let number: Option<i64> = digits.parse().ok();
            let time = number.filter(|_| time).and_then(|micros| Timestamp::from_microsecond(micros).ok());
            time.map_or_else(
                || number.map_or_else(|| json!(digits), |number| json!(number)),
                |at| json!(at.to_string()),
            )
        }
        AttributeValue::Bool(flag) => json!(flag),
        AttributeValue::B(bytes) => json!(hex(bytes.as_ref())),
        AttributeValue::L(list) => Value::Array(list.iter().map(|value| of(name, value)).collect()),
        AttributeValue::M(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), of(name, value))).collect())
        }
        _ => Value::Null,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamo::item::{at, b, n, s};

    #[test]
    fn times_and_json_are_readable_and_secrets_are_not_there() {
        let time = Timestamp::from_second(1_700_000_000).unwrap();
        let item = Item::new("USER#1", "PROFILE")
            .with("queued_at", at(time))
            .with("unread", n(3))
            .with("body", s(r#"{"type":"text"}"#))
            .with("thumbnail", b([1u8, 255]))
            .with("ttl", n(9))
            .with("number_pk", s("x"));
        let item = SECRETS.iter().fold(item, |item, secret| item.with(secret, s("segredo")));
        let shown = shown(&item);
        assert_eq!(shown["queued_at"], "2023-11-14T22:13:20Z");
        assert_eq!(
            (&shown["unread"], &shown["body"]["type"], &shown["thumbnail"]),
            (&json!(3), &json!("text"), &json!("01ff"))
        );
        assert!(!shown.to_string().contains("segredo") && shown.get("ttl").is_none());
        assert_eq!(shown["sk"], "PROFILE");
    }
}
