//! Items in DynamoDB's own JSON: each value under the letter of its type.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Reads an item.
pub(super) fn item(json: &Value) -> HashMap<String, AttributeValue> {
    json.as_object().unwrap().iter().map(|(name, value)| (name.clone(), read(value))).collect()
}

/// Writes an item.
pub(super) fn written(item: &HashMap<String, AttributeValue>) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), write(value))).collect())
}

fn read(json: &Value) -> AttributeValue {
    let typed: Vec<(&String, &Value)> = json.as_object().unwrap().iter().collect();
    let [(kind, value)] = typed[..] else { panic!("one type, not {json}") };
    match kind.as_str() {
        "S" => AttributeValue::S(value.as_str().unwrap().to_owned()),
        "N" => AttributeValue::N(value.as_str().unwrap().to_owned()),
        "B" => AttributeValue::B(Blob::new(BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap())),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(read).collect()),
        "M" => AttributeValue::M(item(value)),
        other => panic!("no type that is stored: {other}"),
    }
}

fn write(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::B(bytes) => json!({"B": BASE64_STANDARD.encode(bytes)}),
        AttributeValue::Bool(flag) => json!({"BOOL": flag}),
        AttributeValue::L(list) => json!({"L": list.iter().map(write).collect::<Vec<_>>()}),
        AttributeValue::M(map) => {
            let map: Map<String, Value> =
                map.iter().map(|(name, value)| (name.clone(), write(value))).collect();
            json!({"M": map})
        }
        other => panic!("no type that is stored: {other:?}"),
    }
}
